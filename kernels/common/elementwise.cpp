#include "kernels/common/elementwise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/parallel.hpp"

namespace ingot::kernels {
namespace {

constexpr uint32_t kGroupSize = 256;
// As in kernels/include/ingot/elementwise.h.
constexpr uint32_t kPacksOfThread = 2;
constexpr uint32_t kSpan = 256;

// As in kernels/include/ingot/broadcast.h.
struct GpuBroadcast {
  static constexpr int kOuter = kMaxRank - 1;
  uint32_t rank;
  uint32_t rows;
  uint32_t inner;
  uint32_t extents[kOuter];
  uint32_t inner_strides[2];
  uint64_t strides[2][kOuter];
};

GpuBroadcast to_gpu(const GpuContext& gpu, const BroadcastPlan& plan, uint64_t inner) {
  GpuBroadcast shape{};
  shape.rank = static_cast<uint32_t>(plan.rank);
  shape.rows = gpu.count32(plan.rows, "rows");
  shape.inner = gpu.count32(inner, "elements of a row");
  for (size_t i = 0; i < 2; ++i) {
    shape.inner_strides[i] = static_cast<uint32_t>(plan.operands[i].inner_stride);
    for (size_t d = 0; d < static_cast<size_t>(plan.rank); ++d) {
      shape.extents[d] = static_cast<uint32_t>(plan.extents[d]);
      shape.strides[i][d] = static_cast<uint64_t>(plan.operands[i].strides[d]);
    }
  }
  return shape;
}

// Calls f(first, count) for pieces of a run of elements: a dispatch counts with 32 bits.
void for_pieces(uint64_t elements, const auto& f) {
  constexpr uint64_t kPiece = uint64_t{1} << 31;
  for (uint64_t first = 0; first < elements; first += kPiece) {
    f(first, std::min(kPiece, elements - first));
  }
}

// Binds a tensor from its element `first` on.
void bind_from(Dispatch& dispatch, const Tensor& tensor, uint64_t first) {
  dispatch.bind(tensor.buffer(), tensor.byte_offset() + first * size_of(tensor.dtype()));
}

// Elements of a pack, as kPackOf in kernels/include/ingot/elementwise.h.
uint32_t pack_of(const Tensor& a, const Tensor& y) {
  const size_t widest = std::max(size_of(a.dtype()), size_of(y.dtype()));
  return static_cast<uint32_t>(std::max<size_t>(4, 16 / widest));
}

// A tensor may begin anywhere in its buffer, see Tensor::rows; buffers begin on a page.
bool starts_on_pack(const Tensor& tensor, uint32_t pack) {
  return tensor.byte_offset() % (pack * size_of(tensor.dtype())) == 0;
}

// Whether all rows of an operand start on a pack, if they are read as packs.
bool rows_start_on_pack(const Tensor& tensor,
                        const BroadcastPlan& plan,
                        size_t operand,
                        uint32_t pack) {
  const BroadcastPlan::Operand& walk = plan.operands[operand];
  return walk.inner_stride == 0 ||
         (starts_on_pack(tensor, pack) &&
          std::all_of(
              walk.strides.begin(), walk.strides.end(), [&](int64_t s) { return s % pack == 0; }));
}

std::vector<FunctionConstant> with_packed(bool packed, std::vector<FunctionConstant> constants) {
  constants.insert(constants.begin(), {0, packed});
  return constants;
}

void dispatch_packs(Dispatch& dispatch, uint64_t packs) {
  const uint32_t group = dispatch.group_size(kGroupSize);
  dispatch.threadgroups({ceil_div(packs, group)}, {group});
}

}  // namespace

std::string entry_point(std::string_view stem, DType dtype) {
  return std::string(stem).append(1, '_').append(to_string(dtype));
}

void launch_unary(GpuContext& gpu,
                  std::string_view shader,
                  std::string_view function,
                  const Tensor& x,
                  const Tensor& y,
                  const std::vector<FunctionConstant>& constants,
                  const std::function<void(Dispatch&)>& bind_more) {
  const uint32_t pack = pack_of(x, y);
  const bool packed = starts_on_pack(x, pack) && starts_on_pack(y, pack);
  const auto elements = static_cast<uint64_t>(y.elements());
  for_pieces(elements, [&](uint64_t first, uint64_t count) {
    Dispatch dispatch = gpu.kernel(shader, function, with_packed(packed, constants));
    bind_from(dispatch, x, first);
    bind_from(dispatch, y, first);
    dispatch.value(static_cast<uint32_t>(count));
    if (bind_more) {
      bind_more(dispatch);
    }
    // Threads take their packs in spans.
    dispatch_packs(dispatch, ceil_div(ceil_div(count, pack), kPacksOfThread * kSpan) * kSpan);
  });
}

void launch_binary(GpuContext& gpu,
                   std::string_view shader,
                   std::string_view function,
                   const Tensor& a,
                   const Tensor& b,
                   const Tensor& y,
                   const std::vector<FunctionConstant>& constants) {
  if (y.elements() == 0) {
    return;
  }
  const BroadcastPlan plan = plan_broadcast(y.shape(), {a.shape(), b.shape()});
  const uint32_t pack = pack_of(a, y);
  const bool packed = rows_start_on_pack(a, plan, 0, pack) &&
                      rows_start_on_pack(b, plan, 1, pack) && starts_on_pack(y, pack) &&
                      (plan.rows == 1 || plan.inner % pack == 0);
  const auto rows = static_cast<uint64_t>(plan.rows);
  const auto put = [&](uint64_t first, uint64_t count) {
    Dispatch dispatch = gpu.kernel(shader, function, with_packed(packed, constants));
    bind_from(dispatch, a, plan.operands[0].inner_stride == 0 ? 0 : first);
    bind_from(dispatch, b, plan.operands[1].inner_stride == 0 ? 0 : first);
    bind_from(dispatch, y, first);
    dispatch.value(to_gpu(gpu, plan, count));
    dispatch_packs(dispatch, gpu.count32(rows * ceil_div(count, pack), "packs of elements"));
  };
  if (plan.rank == 0) {
    for_pieces(static_cast<uint64_t>(plan.inner), put);
  } else {
    put(0, static_cast<uint64_t>(plan.inner));
  }
}

void infer_broadcast(
    Call& call, std::string_view a, std::string_view b, std::string_view y, DType dtype) {
  const Shape& left = call.in(a).shape();
  const Shape& right = call.in(b).shape();
  if (left == right) {  // as mostly: nothing is made for messages
    call.set_output(y, dtype, left);
    return;
  }
  const std::string subject = fmt::format("{}: {} and {}", call.record().id, a, b);
  call.set_output(y, dtype, broadcast_shapes(left, right, subject));
}

HostArray scalar_param(const Call& call, std::string_view param, DType dtype) {
  const double value = call.real(param);
  const auto reject = [&](std::string_view problem) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}", call.record().id, param),
                fmt::format("{} {} {}", value, problem, to_string(dtype)),
                "give a number of that dtype, or convert the tensor");
  };
  HostArray scalar(dtype, Shape{});
  visit(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>) {
      // The limits as doubles: the upper one is exclusive, so it is exact for 64 bits too.
      const double above = std::ldexp(1.0, std::numeric_limits<T>::digits);
      const double least = std::is_signed_v<T> ? -above : 0;
      if (!(value >= least && value < above && value == std::trunc(value))) {
        reject("is not a value of");
      }
    }
  });
  scalar.set_real(0, value);
  if (std::isfinite(value) && !std::isfinite(scalar.real(0))) {
    reject("is beyond the range of");
  }
  return scalar;
}

void run_unary(const Tensor& x,
               const Tensor& y,
               const std::function<void(const UnaryLoop&, int64_t, int64_t)>& body) {
  const UnaryLoop loop{x.host(), y.host(), x.dtype()};
  parallel_for(
      y.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) { body(loop, begin, end); });
}

namespace {

void run_loop(const Tensor& a,
              const std::byte* b,
              const Shape& b_shape,
              const Tensor& y,
              const BinaryBody& body) {
  if (y.elements() == 0) {
    return;
  }
  const BroadcastPlan plan = plan_broadcast(y.shape(), {a.shape(), b_shape});
  const BinaryLoop loop{plan, a.host(), b, y.host(), a.dtype()};
  parallel_for(
      y.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) { body(loop, begin, end); });
}

}  // namespace

void run_binary(const Tensor& a, const Tensor& b, const Tensor& y, const BinaryBody& body) {
  run_loop(a, b.host(), b.shape(), y, body);
}

void run_binary(const Tensor& a, const HostArray& b, const Tensor& y, const BinaryBody& body) {
  run_loop(a, b.data(), b.shape(), y, body);
}

}  // namespace ingot::kernels
