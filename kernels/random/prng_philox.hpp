#pragma once

#include <cstdint>

#include "ingot/tensor.hpp"

namespace ingot {

struct PhiloxOptions {
  uint64_t seed = 0;    // the key: its low word first
  uint64_t offset = 0;  // counter of the first block
};

/// n blocks of four random words: u32 of shape [n, 4]. Block i is Philox4x32-10 of the counter
/// (offset + i modulo 2^64, 0), low word first, under the key `seed`, bit for bit as in Random123.
/// Streams of one seed do not overlap as long as their ranges of counters do not. Throws
/// Error(kInvalidArgument) for a negative n. Salmon et al., "Parallel random numbers: as easy as 1,
/// 2, 3", 2011.
Tensor philox(const Backend& backend, int64_t n, const PhiloxOptions& options = {});

}  // namespace ingot
