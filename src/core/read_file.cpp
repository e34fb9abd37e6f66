#include "core/read_file.hpp"

#include <fstream>
#include <sstream>

namespace ingot {

std::optional<std::string> read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream bytes;
  // Nothing to copy would count as a failure of `bytes`.
  if (file.peek() != std::ifstream::traits_type::eof()) {
    bytes << file.rdbuf();
  }
  if (!file.is_open() || file.bad() || !bytes) {
    return std::nullopt;
  }
  return std::move(bytes).str();
}

}  // namespace ingot
