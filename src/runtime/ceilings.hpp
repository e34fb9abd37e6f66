// The two ceilings of a device that kernels are compared with.
#pragma once

#include "ingot/tensor.hpp"

#include "runtime/record.hpp"

namespace ingot {

/// What a device reaches with nothing else to do.
struct Ceilings {
  /// Bandwidth of a plain copy. As in STREAM: bytes read plus bytes written over time, of arrays
  /// far larger than the caches, by all cores or the whole GPU, the best of several repeats, and
  /// their median.
  double copy_bytes_per_second = 0;
  double copy_median_bytes_per_second = 0;
  size_t copy_array_bytes = 0;
  /// f32 multiply-adds on registers, two operations each, by all cores or the whole GPU.
  double flops_per_second = 0;

  /// Least time for work of that cost: the roofline model (Williams, Waterman, Patterson,
  /// CACM 2009).
  double least_seconds(const Cost& cost) const;
  /// Whether memory, not arithmetic, decides it.
  bool memory_bound(const Cost& cost) const;
};

/// Takes about two seconds, and twice 256 MiB of memory, on a GPU twice 2 GiB or an eighth of what
/// it has. Throws Error(kOutOfMemory).
Ceilings measure_ceilings(const Backend& backend);

}  // namespace ingot
