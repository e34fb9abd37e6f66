// NVIDIA's libraries, opened when they are needed.
#pragma once

#include <initializer_list>
#include <string>

namespace ingot::cuda {

/// Opens the library that the environment variable `variable` names, or else the first of `usual`
/// that the loader finds; nullptr when there is none. `name` becomes that of the last one tried.
/// The libraries keep threads and code of their own, so they are never closed.
void* open_library(const char* variable,
                   std::initializer_list<const char*> usual,
                   std::string& name);

}  // namespace ingot::cuda
