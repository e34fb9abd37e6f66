#include "planner/data.hpp"

#include <algorithm>
#include <string>

#include "ingot/error.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> planner_data;  // ingot_embed() makes it
}

namespace planner {

std::span<const EmbeddedFile> data_files() {
  return embedded::planner_data;
}

std::string_view data_file(std::string_view path) {
  const auto file = std::ranges::find(data_files(), path, &EmbeddedFile::path);
  if (file == data_files().end()) {
    throw Error(ErrorCode::kInternal, std::string(path), "is not in the library");
  }
  return file->text;
}

}  // namespace planner
}  // namespace ingot
