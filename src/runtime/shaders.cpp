#include "runtime/shaders.hpp"

#include <map>
#include <mutex>
#include <string>

#include "ingot/error.hpp"

#include "core/embedded.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> shaders;
}

namespace {

const EmbeddedFile* find_shader(std::string_view path) {
  for (const EmbeddedFile& file : embedded::shaders) {
    if (file.path == path) {
      return &file;
    }
  }
  return nullptr;
}

}  // namespace

std::optional<msl::Source> resolve_shader_include(std::string_view path, std::string_view) {
  for (const std::string prefix : {"include/", ""}) {
    if (const EmbeddedFile* file = find_shader(prefix + std::string(path))) {
      return msl::Source{std::string(file->path), std::string(file->text)};
    }
  }
  return std::nullopt;
}

const msl::Source& load_shader(std::string_view path) {
  static std::mutex mutex;
  static std::map<std::string, msl::Source, std::less<>> flattened;
  const std::lock_guard lock(mutex);
  if (const auto found = flattened.find(path); found != flattened.end()) {
    return found->second;
  }
  const EmbeddedFile* root = find_shader(path);
  if (root == nullptr) {
    throw Error(ErrorCode::kInternal, std::string(path), "no such embedded shader");
  }
  const msl::Source source{std::string(path), std::string(root->text)};
  return flattened
      .emplace(path, msl::Source{source.name, msl::flatten(source, resolve_shader_include)})
      .first->second;
}

}  // namespace ingot
