#include "ingot/philox.h"

// As in kernels/random/prng_philox.cpp.
struct PhiloxArguments {
  ulong seed, offset;
};

kernel void prng_philox_u32x4(device uint4* y [[buffer(0)]],
                              constant PhiloxArguments& args [[buffer(1)]],
                              uint i [[thread_position_in_grid]]) {
  y[i] = philox_block(args.seed, args.offset + i);
}
