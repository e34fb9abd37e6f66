#include "backends/device.hpp"

#include <cstring>
#include <string>

#include "ingot/error.hpp"

#include "backends/cpu/cpu_device.hpp"
#if INGOT_HAS_CUDA
#include "backends/cuda/cuda_device.hpp"
#endif
#if INGOT_HAS_METAL
#include "backends/metal/metal_device.hpp"
#endif

namespace ingot {
namespace {

class EncodedAnew final : public ReplayableWork {
 public:
  EncodedAnew(GpuDevice& device, Encode encode) : device_(device), encode_(std::move(encode)) {}

  Event run() override {
    const std::unique_ptr<CommandEncoder> encoder = device_.encoder();
    encode_(*encoder);
    return encoder->commit();
  }

 private:
  GpuDevice& device_;
  Encode encode_;
};

}  // namespace

void Device::upload(const Buffer& to, size_t offset, const void* from, size_t bytes) {
  std::memcpy(to.host() + offset, from, bytes);
}

void Device::download(void* to, const Buffer& from, size_t offset, size_t bytes) {
  std::memcpy(to, from.host() + offset, bytes);
}

bool Device::copy_from(const Buffer&, Device&, const Buffer&, size_t, size_t) {
  return false;
}

const MatrixLibrary& GpuDevice::matrix_library() {
  static const MatrixLibrary kNone;
  return kNone;
}

std::unique_ptr<ReplayableWork> GpuDevice::make_replayable(Encode encode) {
  return std::make_unique<EncodedAnew>(*this, std::move(encode));
}

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

std::string to_string(MetalFamily family) {
  std::string text = family.apple == 0 ? "" : "Apple" + std::to_string(family.apple);
  if (family.metal != 0) {
    text += (text.empty() ? "Metal " : ", Metal ") + std::to_string(family.metal);
  }
  return text;
}

std::unique_ptr<Device> make_device(BackendKind kind, [[maybe_unused]] int ordinal) {
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
#if INGOT_HAS_CUDA
      return cuda::make_cuda_device(ordinal);
#else
      break;
#endif
  }
  throw Error(ErrorCode::kNotFound,
              std::string(to_string(kind)),
              "this build of Ingot has no CUDA backend (INGOT_CUDA was off)",
              "use cpu");
}

int count_devices([[maybe_unused]] BackendKind kind) {
#if INGOT_HAS_CUDA
  if (kind == BackendKind::kCuda) {
    return cuda::count_cuda_devices();
  }
#endif
  return 1;
}

}  // namespace ingot
