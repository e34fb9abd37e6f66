#include "backends/cuda/open_library.hpp"

#include <cstdlib>
#include <dlfcn.h>

namespace ingot::cuda {

void* open_library(const char* variable,
                   std::initializer_list<const char*> usual,
                   std::string& name) {
  if (const char* chosen = std::getenv(variable); chosen != nullptr && *chosen != 0) {
    name = chosen;
    return dlopen(chosen, RTLD_NOW | RTLD_LOCAL);
  }
  for (const char* candidate : usual) {
    name = candidate;
    if (void* library = dlopen(candidate, RTLD_NOW | RTLD_LOCAL)) {
      return library;
    }
  }
  return nullptr;
}

}  // namespace ingot::cuda
