// What a device is and what it offers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ingot {

enum class BackendKind : uint8_t { kCpu, kMetal, kCuda, kSoftMetal };

/// "cpu", "metal", "cuda", "softmetal".
std::string_view to_string(BackendKind kind);

/// The generation of a GPU, as Metal tells it.
struct MetalFamily {
  int apple = 0;  // 7: M1, 8: M2, 9: M3 and M4, 10: M5; 0: not a GPU of Apple's
  int metal = 0;  // 3 or 4: the features of that version; 0: fewer, or not a Metal device
  /// Whether the GPU's cores have units for matrix products, which Metal 4's tensor operations use.
  bool has_tensor_units() const { return apple >= 10; }
};

/// "Apple9, Metal 3"; "" where there is neither.
std::string to_string(MetalFamily family);

struct DeviceInfo {
  BackendKind kind = BackendKind::kCpu;
  int ordinal = 0;   // which of several of its kind, from 0
  std::string name;  // for people: "Apple M3 Max", "AMD EPYC 9654 (AVX3)"
  std::string
      fingerprint;     // for caches: changes whenever compiled code or tuning must be made anew
  std::string family;  // what kernels are tuned for: "sm_90", "apple9"; empty when nobody says
  size_t memory_bytes = 0;      // physical memory that the device can use
  bool unified_memory = false;  // host and device see the same memory: nothing is copied
  int cores = 0;                // CPU threads or GPU cores; 0 when the driver does not say
  uint32_t simd_width = 0;      // lanes of a SIMD-group; 32-bit lanes of a vector on a CPU
  uint32_t max_threads_per_threadgroup = 0;  // GPUs only, as the next two
  size_t max_threadgroup_memory = 0;         // bytes
  size_t max_buffer_bytes = 0;
  MetalFamily metal_family;  // of metal and softmetal
  std::string notice;        // why compiled shaders cannot be kept, say; mostly empty
};

}  // namespace ingot
