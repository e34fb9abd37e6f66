// What tests of the CUDA backend run on: tests/cuda/fake_driver.cpp and NVIDIA's own compiler.
#pragma once

#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <string>

namespace ingot {

/// For this process and the programs that it starts.
inline void use_fake_cuda() {
  setenv("INGOT_CUDA_DRIVER", INGOT_FAKE_CUDA, 1);
  setenv("INGOT_CACHE_DIR", INGOT_TEST_NVRTC "/cache-of-device-tests", 1);
  // NVRTC opens its second library by name; under AddressSanitizer that finds only what is open.
  for (const auto& entry : std::filesystem::recursive_directory_iterator(INGOT_TEST_NVRTC)) {
    const std::string name = entry.path().filename();
    if (name == "libnvrtc.so.12") {
      setenv("INGOT_NVRTC", entry.path().c_str(), 1);
      setenv("LD_LIBRARY_PATH", entry.path().parent_path().c_str(), 1);  // of programs
    } else if (name.starts_with("libnvrtc-builtins.so.")) {
      dlopen(entry.path().c_str(), RTLD_NOW | RTLD_GLOBAL);
    }
  }
}

}  // namespace ingot
