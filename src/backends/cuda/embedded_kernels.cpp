#include "backends/cuda/embedded_kernels.hpp"

#include <cstdint>
#include <cstring>
#include <map>
#include <string>

// The pack that embed_cuda_catalogue writes: for each kernel the length of the key, the key, the
// length of the kernel, the kernel; lengths are 64 bits. Absent from a program that was built
// without.
extern "C" {
extern const char ingot_cuda_kernels_begin[] __attribute__((weak));
extern const char ingot_cuda_kernels_end[] __attribute__((weak));
}

namespace ingot::cuda {
namespace {

std::string_view take(const char*& at) {
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, at, sizeof bytes);
  const std::string_view content(at + sizeof bytes, bytes);
  at = content.data() + content.size();
  return content;
}

using Kernels = std::map<std::string_view, std::string_view>;

Kernels read_pack() {
  Kernels kernels;
  for (const char* at = ingot_cuda_kernels_begin; at != ingot_cuda_kernels_end;) {
    const std::string_view key = take(at);
    kernels[key] = take(at);
  }
  return kernels;
}

const Kernels& pack() {
  static const Kernels kernels = read_pack();
  return kernels;
}

}  // namespace

std::optional<std::string_view> embedded_kernel(std::string_view key) {
  const auto found = pack().find(key);
  return found == pack().end() ? std::nullopt : std::optional(found->second);
}

bool has_embedded_kernels(int architecture) {
  const std::string prefix = "sm" + std::to_string(architecture) + "-";
  const auto found = pack().lower_bound(prefix);
  return found != pack().end() && found->first.starts_with(prefix);
}

}  // namespace ingot::cuda
