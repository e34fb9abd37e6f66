// What kernels/include/ingot/row_product.h declares, for tensor cores.
#pragma once

#include <metal_simdgroup>

namespace softmetal {

// A product of 16 x 16 and 16 x 8 elements, added to `sums`.
template <class T>
inline void multiply_add(float (&sums)[4], uint a0, uint a1, uint a2, uint a3, uint b0, uint b1) {
  if constexpr (__is_same(T, half)) {
    asm("mma.sync.aligned.m16n8k16.row.col.f32.f16.f16.f32 "
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  } else {
    static_assert(__is_same(T, bfloat), "a RowProduct is of half or bfloat");
    asm("mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 "
        "{%0,%1,%2,%3}, {%4,%5,%6,%7}, {%8,%9}, {%0,%1,%2,%3};"
        : "+f"(sums[0]), "+f"(sums[1]), "+f"(sums[2]), "+f"(sums[3])
        : "r"(a0), "r"(a1), "r"(a2), "r"(a3), "r"(b0), "r"(b1));
  }
}

// Lane l works on row l / 4 of each block of 8 rows, and fetches the l % 4th quarter of a slice as one
// word of 16 bytes. The instruction wants pairs of elements that lie 4 lanes' worth apart, but a sum
// does not care for the order of its terms, as long as a and b have the same.
template <class T, uint kRows, uint kColumns>
struct RowProduct {
  static_assert(kRows % 16 == 0 && kColumns % 8 == 0);
  float sums[kRows / 16][kColumns / 8][4];

  void clear() {
#pragma unroll
    for (uint r = 0; r < kRows / 16; ++r) {
#pragma unroll
      for (uint c = 0; c < kColumns / 8; ++c) {
#pragma unroll
        for (uint i = 0; i < 4; ++i) {
          sums[r][c][i] = 0;
        }
      }
    }
  }

  void add(const T* a, const T* b) {
    constexpr uint kWords = 4;  // of 16 bytes in a slice of a row
    const metal::uint4* left = reinterpret_cast<const metal::uint4*>(a) + lane();
    const metal::uint4* right = reinterpret_cast<const metal::uint4*>(b) + lane();
    metal::uint4 columns[kColumns / 8];
#pragma unroll
    for (uint c = 0; c < kColumns / 8; ++c) {
      columns[c] = right[8 * c * kWords];
    }
#pragma unroll
    for (uint r = 0; r < kRows / 16; ++r) {
      const metal::uint4 upper = left[16 * r * kWords];
      const metal::uint4 lower = left[(16 * r + 8) * kWords];
#pragma unroll
      for (uint c = 0; c < kColumns / 8; ++c) {
        multiply_add<T>(sums[r][c], upper.x, lower.x, upper.y, lower.y, columns[c].x, columns[c].y);
      }
#pragma unroll
      for (uint c = 0; c < kColumns / 8; ++c) {
        multiply_add<T>(sums[r][c], upper.z, lower.z, upper.w, lower.w, columns[c].z, columns[c].w);
      }
    }
  }

  metal::float2 pair(uint r, uint c) const {
    return {sums[r / 2][c][r % 2 * 2], sums[r / 2][c][r % 2 * 2 + 1]};
  }
  static uint row(uint lane) { return lane / 4; }
  static uint column(uint lane) { return lane % 4 * 2; }
};

}  // namespace softmetal
