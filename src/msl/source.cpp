#include "msl/source.hpp"

#include <fmt/format.h>
#include <set>
#include <utility>
#include <vector>

#include "ingot/error.hpp"

namespace ingot::msl {
namespace {

std::string_view trim(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\v\f");
  if (first == std::string_view::npos) {
    return {};
  }
  return text.substr(first, text.find_last_not_of(" \t\r\v\f") - first + 1);
}

std::string_view take_line(std::string_view& text) {
  const std::size_t end = text.find('\n');
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  return line;
}

// Whether a block comment is open after `line`, given whether one was before it.
bool comment_open_after(std::string_view line, bool open) {
  for (std::size_t i = 0; i < line.size(); ++i) {
    const std::string_view two = line.substr(i, 2);
    if (open) {
      if (two == "*/") {
        open = false;
        ++i;
      }
    } else if (two == "//") {
      return false;
    } else if (two == "/*") {
      open = true;
      ++i;
    } else if (line[i] == '"' || line[i] == '\'') {
      const char quote = line[i];
      for (++i; i < line.size() && line[i] != quote; ++i) {
        i += line[i] == '\\' ? 1 : 0;
      }
    }
  }
  return open;
}

struct Directive {
  std::string_view name;  // "include", "if", ...; empty for ordinary lines
  std::string_view rest;
};

Directive read_directive(std::string_view line) {
  line = trim(line);
  if (line.empty() || line.front() != '#') {
    return {};
  }
  line = trim(line.substr(1));
  const std::size_t end = line.find_first_of(" \t\"<(/");
  return {line.substr(0, end),
          end == std::string_view::npos ? std::string_view() : trim(line.substr(end))};
}

class Flattener {
 public:
  explicit Flattener(const IncludeResolver& resolve) : resolve_(resolve) {}

  void add(const Source& source) {
    seen_.insert(source.name);
    text_ += line_marker(1, source.name);
    Conditions conditions;
    bool in_comment = false;
    std::size_t number = 0;
    std::string_view rest = source.text;
    while (!rest.empty()) {
      const std::string_view line = take_line(rest);
      ++number;
      const Directive directive = in_comment ? Directive{} : read_directive(line);
      in_comment = comment_open_after(line, in_comment);
      const std::string_view path = included_path(directive);
      if (!path.empty()) {
        include(path, source.name, number, conditions.open());
      } else if (directive.name == "pragma" && directive.rest.substr(0, 4) == "once") {
        text_ += '\n';
      } else {
        conditions.note(directive);
        text_.append(line).append("\n");
      }
    }
  }

  std::string take() { return std::move(text_); }

 private:
  // Follows #if ... #endif. An include guard around a whole file is no condition.
  class Conditions {
   public:
    void note(const Directive& directive) {
      if (directive.name.empty()) {
        return;
      }
      const std::string_view word = directive.rest.substr(0, directive.rest.find_first_of(" \t/("));
      if (directives_ == 1 && directive.name == "define" && !guard_.empty() && word == guard_) {
        depth_ = 0;
      }
      if (directive.name.substr(0, 2) == "if") {
        if (directives_ == 0 && directive.name == "ifndef") {
          guard_ = word;
        }
        ++depth_;
      } else if (directive.name == "endif" && depth_ > 0) {
        --depth_;
      }
      ++directives_;
    }

    bool open() const { return depth_ > 0; }

   private:
    std::string_view guard_;
    std::size_t directives_ = 0;
    std::size_t depth_ = 0;
  };

  // The path of an `#include "path"`; "" for other lines.
  static std::string_view included_path(const Directive& directive) {
    if ((directive.name != "include" && directive.name != "import") || directive.rest.size() < 2 ||
        directive.rest.front() != '"') {
      return {};
    }
    const std::size_t end = directive.rest.find('"', 1);
    return end == std::string_view::npos ? std::string_view() : directive.rest.substr(1, end - 1);
  }

  void include(std::string_view path, const std::string& from, std::size_t line, bool conditional) {
    const std::string place = fmt::format("{}:{}", from, line);
    if (conditional) {
      throw Error(ErrorCode::kCompile,
                  place,
                  fmt::format("\"{}\" is included inside a preprocessor condition", path),
                  "move the #include out of the #if and put the condition into the file");
    }
    const std::optional<Source> file = resolve_(path, from);
    if (!file) {
      throw Error(ErrorCode::kCompile,
                  place,
                  fmt::format("there is no file \"{}\" to include", path),
                  "correct the path, or give the file with the source");
    }
    if (seen_.count(file->name) == 0) {
      add(*file);
    }
    text_ += line_marker(line + 1, from);
  }

  const IncludeResolver& resolve_;
  std::set<std::string> seen_;
  std::string text_;
};

}  // namespace

std::string line_marker(std::size_t line, std::string_view file) {
  std::string name;
  for (const char c : file) {
    if (c == '"' || c == '\\') {
      name += '\\';
    }
    name += c;
  }
  return fmt::format("#line {} \"{}\"\n", line, name);
}

std::string flatten(const Source& root, const IncludeResolver& resolve) {
  Flattener flattener(resolve);
  flattener.add(root);
  return flattener.take();
}

}  // namespace ingot::msl
