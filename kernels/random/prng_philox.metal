#include "ingot/philox.h"

// As in kernels/random/prng_philox.cpp.
struct PhiloxArguments {
  ulong seed, offset;
  uint blocks, threads;
};

// Blocks of a thread, `threads` apart: what a thread costs to start is shared by several.
constant constexpr uint kBlocks = 4;

kernel void prng_philox_u32x4(device uint4* y [[buffer(0)]],
                              constant PhiloxArguments& args [[buffer(1)]],
                              uint i [[thread_position_in_grid]]) {
  for (uint k = 0; k < kBlocks; ++k) {
    const uint block = i + k * args.threads;
    if (block < args.blocks) {
      y[block] = philox_block(args.seed, args.offset + block);
    }
  }
}
