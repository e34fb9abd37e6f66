#include "planner/document.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <sstream>
#include <vector>

#define TOML_ENABLE_FORMATTERS 0
#include "fmt/format.h"

#include "ingot/error.hpp"

#include "planner/refuse.hpp"
#include "toml++/toml.h"

namespace ingot::planner {
namespace {

constexpr int kMaxDepth = 64;
// Objects are kept in their order, and looked through from the front.
constexpr size_t kMaxMembers = 1024;
constexpr size_t kMaxText = size_t{64} << 20;

// Refuses what nlohmann's parser accepts in silence.
class Strict {
 public:
  explicit Strict(const std::string& name) : name_(name) {}

  bool operator()(int depth, Json::parse_event_t event, Json& parsed) {
    if (event == Json::parse_event_t::object_start || event == Json::parse_event_t::array_start) {
      if (depth >= kMaxDepth) {
        refuse(name_, fmt::format("is nested deeper than {}", kMaxDepth));
      }
      keys_.resize(static_cast<size_t>(depth) + 2);
      keys_.back().clear();
    } else if (event == Json::parse_event_t::key) {
      // A key's depth is that of its object's content.
      std::vector<std::string>& seen = keys_[static_cast<size_t>(depth)];
      const auto& key = parsed.get_ref<const std::string&>();
      if (std::ranges::find(seen, key) != seen.end()) {
        refuse(name_, fmt::format("'{}' is there twice", key), "keep one of them");
      }
      if (seen.size() == kMaxMembers) {
        refuse(name_, fmt::format("has an object of more than {} members", kMaxMembers));
      }
      seen.push_back(key);
    }
    return true;
  }

 private:
  const std::string& name_;
  std::vector<std::vector<std::string>> keys_;  // of the open objects, by depth
};

// TOML has characters beyond ASCII in strings and comments alone. toml++ 3.3 would say so, too, but
// first it asks whether such a character is blank, by a function that has no answer for most of
// them (its behaviour is undefined); it also asks for what follows a backslash and a blank.
class StrayCharacters {
 public:
  StrayCharacters(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  void refuse_all() {
    while (!rest_.empty()) {
      const size_t next = rest_.find_first_of("#\"'");
      require_ascii(rest_.substr(0, next));
      rest_.remove_prefix(std::min(next, rest_.size()));
      if (rest_.starts_with('#')) {
        skip(rest_.find('\n'));
      } else if (!rest_.empty()) {
        skip_string();
      }
    }
  }

 private:
  void skip(size_t count) { rest_.remove_prefix(std::min(count, rest_.size())); }

  void require_ascii(std::string_view text) const {
    if (std::ranges::any_of(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
      refuse(name_, "is not valid TOML: it has a character beyond ASCII outside of strings");
    }
  }

  void skip_string() {
    const char quote = rest_.front();
    const std::string triple(3, quote);
    const std::string end = rest_.starts_with(triple) ? triple : std::string(1, quote);
    skip(end.size());
    while (!rest_.empty() && !rest_.starts_with(end)) {
      if (end.size() == 1 && rest_.front() == '\n') {
        return;  // not closed: toml++ says where
      }
      if (rest_.front() == '\\' && quote == '"') {
        skip(1);
        const size_t blanks = std::min(rest_.find_first_not_of(" \t\r\n"), rest_.size());
        if (blanks > 0) {
          require_ascii(rest_.substr(blanks, 1));
          skip(blanks);
          continue;
        }
      }
      skip(1);
    }
    skip(end.size());
  }

  std::string_view rest_;
  const std::string& name_;
};

Json json_of(const toml::node& node) {
  Json result;
  node.visit([&](const auto& content) {
    using Content = std::decay_t<decltype(content)>;
    if constexpr (std::is_same_v<Content, toml::table>) {
      result = Json::object();
      for (const auto& [key, value] : content) {
        result[std::string(key.str())] = json_of(value);
      }
    } else if constexpr (std::is_same_v<Content, toml::array>) {
      result = Json::array();
      for (const toml::node& value : content) {
        result.push_back(json_of(value));
      }
    } else if constexpr (toml::is_date<Content> || toml::is_time<Content> ||
                         toml::is_date_time<Content>) {
      std::ostringstream text;
      text << content.get();
      result = text.str();
    } else {
      result = content.get();
    }
  });
  return result;
}

}  // namespace

Json read_json(std::string_view text, const std::string& name) {
  try {
    return Json::parse(text, Strict(name));
  } catch (const Json::exception& error) {
    // "[json.exception.parse_error.101] parse error at line 1, column 5: ..."
    const std::string_view what = error.what();
    refuse(name,
           "is not valid JSON: " +
               std::string(what.substr(std::min(what.size(), what.find(']') + 2))));
  }
}

Json read_toml(std::string_view text, const std::string& name) {
  StrayCharacters(text, name).refuse_all();
  try {
    return json_of(toml::parse(text));
  } catch (const toml::parse_error& error) {
    const toml::source_position where = error.source().begin;
    refuse(name,
           fmt::format("is not valid TOML: line {}, column {}: {}",
                       where.line,
                       where.column,
                       error.description()));
  }
}

Json read_document(std::string_view text, const std::string& name) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) {
    refuse(name, "is empty");
  }
  return text[first] == '{' ? read_json(text, name) : read_toml(text, name);
}

std::string read_text(const std::string& file) {
  const bool standard_input = file == "-";
  if (!standard_input && !std::filesystem::exists(file)) {
    throw Error(ErrorCode::kNotFound, file, "there is no such file");
  }
  if (!standard_input && std::filesystem::is_directory(file)) {
    throw Error(ErrorCode::kIo, file, "is a directory", "give the name of a file");
  }
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> stream(
      standard_input ? stdin : std::fopen(file.c_str(), "rb"),
      standard_input ? [](std::FILE*) { return 0; } : std::fclose);
  if (stream == nullptr) {
    throw Error(ErrorCode::kIo, file, "cannot be read");
  }
  std::string text;
  char piece[1 << 16];
  for (size_t bytes; (bytes = std::fread(piece, 1, sizeof piece, stream.get())) > 0;) {
    text.append(piece, bytes);
    if (text.size() > kMaxText) {
      refuse(file, "is larger than 64 MiB");
    }
  }
  if (std::ferror(stream.get()) != 0) {
    throw Error(ErrorCode::kIo, file, "cannot be read");
  }
  return text;
}

}  // namespace ingot::planner
