#include "backends/device.hpp"

#include "ingot/error.hpp"

#include "backends/cpu/cpu_device.hpp"
#if INGOT_HAS_METAL
#include "backends/metal/metal_device.hpp"
#endif

namespace ingot {

std::string_view to_string(BackendKind kind) {
  switch (kind) {
    case BackendKind::kMetal:
      return "metal";
    case BackendKind::kCuda:
      return "cuda";
    case BackendKind::kSoftMetal:
      return "softmetal";
    case BackendKind::kCpu:
      break;
  }
  return "cpu";
}

std::unique_ptr<Device> make_device(BackendKind kind) {
  switch (kind) {
    case BackendKind::kCpu:
      return cpu::make_cpu_device();
    case BackendKind::kMetal:
#if defined(__APPLE__)
      return metal::make_metal_device();
#else
      throw Error(ErrorCode::kNotFound,
                  "metal",
                  "Apple GPUs are reached on macOS only",
                  "use softmetal to run the same shaders here");
#endif
    case BackendKind::kSoftMetal:
#if INGOT_HAS_METAL && !defined(__APPLE__)
      return metal::make_metal_device();
#else
      throw Error(ErrorCode::kNotFound,
                  "softmetal",
                  "this build has no software Metal device",
                  "build on Linux, or use the metal device");
#endif
    case BackendKind::kCuda:
      break;
  }
  throw Error(ErrorCode::kNotFound,
              std::string(to_string(kind)),
              "this version of Ingot has no CUDA backend",
              "use cpu");
}

}  // namespace ingot
