#include "mcp/includes.hpp"

#include <cctype>
#include <set>
#include <string>
#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/read_file.hpp"

namespace ingot::mcp {
namespace fs = std::filesystem;
namespace {

using Allowed = std::function<bool(const fs::path& real)>;

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_';
}

bool is_blank(char c) {
  return std::isspace(static_cast<unsigned char>(c)) != 0;
}

// The text as the preprocessor sees it: a backslash before the end of a line, with blanks between
// as clang takes them, joins the next line.
std::string joined_lines(std::string_view text) {
  std::string joined;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\') {
      size_t end = i + 1;
      while (end < text.size() && is_blank(text[end]) && text[end] != '\n') {
        ++end;
      }
      if (end < text.size() && text[end] == '\n') {
        i = end;
        continue;
      }
    }
    joined += text[i];
  }
  return joined;
}

class Scanner {
 public:
  explicit Scanner(const Allowed& allowed) : allowed_(allowed) {}

  void scan(std::string_view text, const fs::path& file) {
    const std::string joined = joined_lines(text);
    for (size_t begin = 0; begin < joined.size();) {
      if (!is_word(joined[begin])) {
        ++begin;
        continue;
      }
      size_t end = begin;
      while (end < joined.size() && is_word(joined[end])) {
        ++end;
      }
      const std::string_view word(joined.data() + begin, end - begin);
      if (reads_file(word, joined, begin)) {
        check_name(word, std::string_view(joined).substr(end), file);
      }
      begin = end;
    }
  }

 private:
  // A directive's name comes behind #, or %: or ??= which mean the same, or a comment behind those.
  static bool reads_file(std::string_view word, const std::string& text, size_t position) {
    if (word == "__has_include" || word == "__has_include_next" || word == "__has_embed") {
      return true;
    }
    if (word != "include" && word != "include_next" && word != "import" && word != "embed") {
      return false;
    }
    while (position > 0 && is_blank(text[position - 1])) {
      --position;
    }
    return position > 0 && std::string_view("#:=/").find(text[position - 1]) != std::string::npos;
  }

  void check_name(std::string_view word, std::string_view rest, const fs::path& file) {
    const auto fail = [&](std::string problem) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {}", file.filename().string(), word),
                  std::move(problem),
                  "#include \"NAME\" with a file beside the source");
    };
    size_t begin = 0;
    while (begin < rest.size() && (is_blank(rest[begin]) || rest[begin] == '(')) {
      ++begin;
    }
    const char open = begin < rest.size() ? rest[begin] : ' ';
    const size_t end = rest.find(open == '<' ? '>' : '"', begin + 1);
    if ((open != '<' && open != '"') || end == std::string_view::npos) {
      fail("is not followed by a name");
    }
    const std::string name(rest.substr(begin + 1, end - begin - 1));
    if (name.starts_with('/') || name.find_first_of("\\\n") != std::string::npos) {
      fail(fmt::format("'{}' is not a name beside the source", name));
    }
    if (open == '<' && name.find("..") != std::string::npos) {
      fail(fmt::format("'{}' leaves the search path", name));
    }
    follow(name, file, fail);
  }

  template <class Fail>
  void follow(const std::string& name, const fs::path& file, const Fail& fail) {
    std::error_code error;
    const fs::path real = fs::canonical(file.parent_path() / name, error);
    if (error) {
      return;  // one of Metal's own headers, or none
    }
    if (!allowed_(real) || !fs::is_regular_file(real, error)) {
      fail(fmt::format("'{}' is outside the directories of the server", name));
    }
    constexpr size_t kMostFiles = 256;
    if (!seen_.insert(real).second) {
      return;
    }
    if (seen_.size() > kMostFiles) {
      fail(fmt::format("more than {} files are included", kMostFiles));
    }
    // Beside the name as it was written, as the compiler looks.
    scan(read_file(real).value_or(""), file.parent_path() / name);
  }

  const Allowed& allowed_;
  std::set<fs::path> seen_;
};

}  // namespace

void check_includes(std::string_view text, const fs::path& file, const Allowed& allowed) {
  Scanner(allowed).scan(text, file);
}

}  // namespace ingot::mcp
