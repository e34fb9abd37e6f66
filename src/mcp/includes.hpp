// Which files a Metal source reads.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>

namespace ingot::mcp {

/// Looks through a source, and what it includes, for directives that read files, and throws
/// Error(kInvalidArgument) for one that may read a file for which `allowed` does not hold: errors
/// and translations repeat what was read. Strict rather than exact: names must be written out,
/// "name" or <name>, with no macro, comment or ".." before them.
///
/// `file` is where the text was read from; names are looked for beside it, those in <> too, for a
/// preprocessor may.
void check_includes(std::string_view text,
                    const std::filesystem::path& file,
                    const std::function<bool(const std::filesystem::path& real)>& allowed);

}  // namespace ingot::mcp
