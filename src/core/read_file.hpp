// Files as texts.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

namespace ingot {

/// All bytes of a file; nothing when it cannot be opened or read, as a directory.
std::optional<std::string> read_file(const std::filesystem::path& path);

}  // namespace ingot
