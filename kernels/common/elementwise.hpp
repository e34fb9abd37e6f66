// Host code shared by the elementwise kernels.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "backends/device.hpp"
#include "core/host_array.hpp"
#include "kernels/common/broadcast.hpp"
#include "runtime/call.hpp"
#include "runtime/context.hpp"

namespace ingot::kernels {

/// "map_add" and f32 give "map_add_f32", the entry point's name.
std::string entry_point(std::string_view stem, DType dtype);

/// Puts one dispatch of an entry point made with kernels/include/ingot/elementwise.h: buffers x, y
/// and the count, then what `bind_more` binds.
void launch_unary(GpuContext& gpu,
                  std::string_view shader,
                  std::string_view function,
                  const Tensor& x,
                  const Tensor& y,
                  const std::vector<FunctionConstant>& constants = {},
                  const std::function<void(Dispatch&)>& bind_more = {});

/// Puts one dispatch of an entry point made with kernels/include/ingot/broadcast.h: y = a op b,
/// where a and b broadcast to the shape of y.
void launch_binary(GpuContext& gpu,
                   std::string_view shader,
                   std::string_view function,
                   const Tensor& a,
                   const Tensor& b,
                   const Tensor& y,
                   const std::vector<FunctionConstant>& constants = {});

/// For KernelRecord::infer: the output has the shape that a and b broadcast to and the given dtype.
/// Throws Error(kInvalidArgument) that names both.
void infer_broadcast(
    Call& call, std::string_view a, std::string_view b, std::string_view y, DType dtype);

/// Real parameter `param` as one element of `dtype`, rounded to nearest. Throws
/// Error(kInvalidArgument) for a value that an integer dtype does not have, or that is finite but
/// beyond the range of a floating-point one.
HostArray scalar_param(const Call& call, std::string_view param, DType dtype);

/// What the CPU loop of a unary operation is given.
struct UnaryLoop {
  const std::byte* x;
  std::byte* y;
  DType dtype;  // of x
};

/// Calls body(loop, begin, end) on all cores for pieces of 0..y.elements().
void run_unary(const Tensor& x,
               const Tensor& y,
               const std::function<void(const UnaryLoop&, int64_t, int64_t)>& body);

/// What the CPU loop of a binary operation is given.
struct BinaryLoop {
  const BroadcastPlan& plan;
  const std::byte* a;
  const std::byte* b;
  std::byte* y;
  DType dtype;  // of a
};

/// Computes elements begin..end of the result.
using BinaryBody = std::function<void(const BinaryLoop& loop, int64_t begin, int64_t end)>;

/// Calls the body on all cores for pieces of 0..y.elements().
void run_binary(const Tensor& a, const Tensor& b, const Tensor& y, const BinaryBody& body);
void run_binary(const Tensor& a, const HostArray& b, const Tensor& y, const BinaryBody& body);

}  // namespace ingot::kernels
