// Rates of a device besides its two ceilings.
#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

struct Rates {
  /// STREAM's triad, a = b + s c: bytes read plus bytes written over time.
  double triad_bytes_per_second = 0;
  /// f16 multiply-adds, two operations each, by all cores or the whole GPU. On a CPU as kernels do
  /// them: loaded as f16, computed as f32, stored as f16, in the first-level cache.
  double f16_flops_per_second = 0;
};

/// Takes about two seconds, and three times 256 MiB of memory, on a GPU three times 2 GiB or an
/// eighth of what it has. Throws Error(kOutOfMemory).
Rates measure_rates(const Backend& backend);

}  // namespace ingot
