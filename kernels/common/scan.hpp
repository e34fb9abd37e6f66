// Prefix sums along one axis: what both scan kernels share, and what others build on.
#pragma once

#include <string_view>

#include "runtime/call.hpp"
#include "runtime/context.hpp"

namespace ingot::kernels {

/// Elements that a thread holds at once, kItems * kRounds of kernels/include/ingot/scan.h.
inline constexpr uint32_t kScanElementsPerThread = 16;

/// A tensor as [outer, n, inner], scanned along n.
struct ScanView {
  int64_t outer, n, inner;
  int64_t elements() const { return outer * n * inner; }
};

/// The view of in("x") for the parameter `axis`. Throws Error(kInvalidArgument) for an axis that x
/// does not have.
ScanView scan_view(const Call& call);

/// Memory on a device.
struct Place {
  const Buffer& buffer;
  size_t byte_offset = 0;
};

/// Puts the dispatches of y = prefix sums of x. `dtype` is u32, i32, u64 or f32; x and y must not
/// overlap.
void launch_scan(
    GpuContext& gpu, DType dtype, const ScanView& view, bool exclusive, Place x, Place y);

/// The launch of a scan kernel.
void launch_scan(GpuContext& gpu, const Call& call, bool exclusive);

/// The CPU twin of both scan kernels.
void scan_cpu(const Call& call, bool exclusive);

}  // namespace ingot::kernels
