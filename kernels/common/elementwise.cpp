#include "kernels/common/elementwise.hpp"

namespace ingot::kernels {
namespace {

constexpr uint32_t kElementsPerThread = 4;  // as in kernels/include/ingot/elementwise.h
constexpr uint32_t kGroupSize = 256;

}  // namespace

void launch_unary(GpuContext& gpu,
                  const Call& call,
                  std::string_view shader,
                  std::string_view function) {
  const Tensor& x = call.in("x");
  if (x.elements() == 0) {
    return;
  }
  Dispatch dispatch = gpu.kernel(shader, function);
  const uint32_t group = dispatch.group_size(kGroupSize);
  const auto count = static_cast<uint32_t>(x.elements());
  dispatch.bind(x).bind(call.out("y")).value(count);
  dispatch.threadgroups({ceil_div(count, uint64_t{group} * kElementsPerThread)}, {group});
}

}  // namespace ingot::kernels
