// Philox4x32-10, a counter-based generator: ten rounds turn a counter of four words and a key of
// two into four random words. Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1,
// 2, 3", SC 2011; bit-exact with Random123.
#pragma once

#include <metal_stdlib>

inline uint4 philox(uint4 counter, uint2 key) {
  for (int round = 0; round < 10; ++round) {
    const ulong product0 = ulong(counter.x) * 0xD2511F53u;
    const ulong product1 = ulong(counter.z) * 0xCD9E8D57u;
    counter = uint4(uint(product1 >> 32) ^ counter.y ^ key.x,
                    uint(product1),
                    uint(product0 >> 32) ^ counter.w ^ key.y,
                    uint(product0));
    key += uint2(0x9E3779B9u, 0xBB67AE85u);
  }
  return counter;
}

// Block `index` of the stream of `seed`.
inline uint4 philox_block(ulong seed, ulong index) {
  return philox(uint4(uint(index), uint(index >> 32), 0, 0), uint2(uint(seed), uint(seed >> 32)));
}
