// Metal sources and their shared headers, made into one text.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ingot::msl {

struct Source {
  std::string name;  // as diagnostics show it
  std::string text;
};

/// Finds what `#include "path"` in the file `from` means; nullopt when there is no such file. The
/// result's name identifies the file: equal names are the same file.
using IncludeResolver =
    std::function<std::optional<Source>(std::string_view path, std::string_view from)>;

/// `#line 3 "file"`, and a newline: what follows stands on line 3 of the file.
std::string line_marker(std::size_t line, std::string_view file);

/// The root's text with every `#include "path"` (or `#import`) replaced by that file's text, each
/// file once, as if all had `#pragma once`; `#line` markers keep the original places. `<...>`
/// stays. Metal's run-time compiler has no include paths, so every backend is given this text.
/// Throws Error (kCompile, subject "file:line") for a missing file, and for an include inside #if,
/// which would decide for all later includes of the file.
std::string flatten(const Source& root, const IncludeResolver& resolve);

}  // namespace ingot::msl
