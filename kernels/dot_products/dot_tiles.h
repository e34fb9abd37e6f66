// The score matrix in tiles: what its kernels share. A threadgroup makes a tile of results; all but
// dot_few.h from slices of 64 bytes of the rows that it takes into threadgroup memory.
#pragma once

#include "ingot/scan.h"  // kSimdWidth

#include "dot_products/dot_batched.h"

constant constexpr uint kSliceBytes = 64;
constant constexpr uint kWordBytes = 16;  // a thread moves at once
constant constexpr uint kSliceWords = kSliceBytes / kWordBytes;

// As in dot_batched.cpp.
struct TileShape {
  uint q, n, d;
  uint left_tiles;   // of rows of a
  uint right_tiles;  // of rows of b
  uint run;          // tiles that a threadgroup makes, one after the other, with the same rows of a
  uint pitch;        // words of a row of bits
};

inline uint bits_of(float x) {
  return as_type<uint>(x);
}
inline uint bits_of(half x) {
  return as_type<ushort>(x);
}
inline uint bits_of(bfloat x) {
  return as_type<ushort>(x);
}
inline uint bits_of(char x) {
  return as_type<uchar>(x);
}

// One word of a slice, element k of a row and those after it; 0 after the row's end.
template <class T>
inline uint4 load_word(device const T* row, uint k, uint d) {
  if (kAligned) {
    return k < d ? *reinterpret_cast<device const uint4*>(row + k) : uint4(0);
  }
  constexpr uint kEach = 4 / sizeof(T);  // elements in a component
  uint parts[4] = {};
#pragma unroll
  for (uint i = 0; i < 4 * kEach; ++i) {
    if (k + i < d) {
      parts[i / kEach] |= bits_of(row[k + i]) << (i % kEach * 8 * sizeof(T));
    }
  }
  return uint4(parts[0], parts[1], parts[2], parts[3]);
}

// A thread's part in bringing slices of kRows rows into threadgroup memory: while one slice is
// worked on, the next is on its way.
template <class T, uint kRows, uint kThreads>
struct SliceLoader {
  static constant constexpr uint kWords = kRows * kSliceWords;
  static constant constexpr uint kEach = (kWords + kThreads - 1) / kThreads;
  device const T* tile;  // its first row
  uint rows[kEach];      // where this thread's begin, in elements
  uint4 words[kEach];

  // The rows from `first` on. Those after the last are the last: their results are not stored.
  void start(device const T* x, uint first, uint count, uint d, uint thread_index) {
    tile = x + ulong(first) * d;
#pragma unroll
    for (uint i = 0; i < kEach; ++i) {
      const uint row = (thread_index + i * kThreads) / kSliceWords % kRows;
      rows[i] = metal::min(row, count - 1 - first) * d;
    }
  }

  void load(uint k0, uint d, uint thread_index) {
#pragma unroll
    for (uint i = 0; i < kEach; ++i) {
      const uint word = (thread_index + i * kThreads) % kSliceWords;
      words[i] = load_word(tile + rows[i], k0 + word * (kWordBytes / uint(sizeof(T))), d);
    }
  }

  // kPitch: words from one row to the next.
  template <uint kPitch>
  void store(threadgroup uint4* tile, uint thread_index) const {
#pragma unroll
    for (uint i = 0; i < kEach; ++i) {
      const uint e = thread_index + i * kThreads;
      if (kWords % kThreads == 0 || e < kWords) {
        tile[e / kSliceWords * kPitch + e % kSliceWords] = words[i];
      }
    }
  }
};

// A bit for each score of a tile, `words` of them for a row.
template <uint words, uint threads>
inline void clear_bits(threadgroup metal::atomic_uint* bits, uint thread_index) {
  for (uint e = thread_index; e < words; e += threads) {
    metal::atomic_store_explicit(bits + e, 0, metal::memory_order_relaxed);
  }
}

// Hands the bits of the tile at row i0 and at word `first` of each row over, and clears them for
// the next.
template <uint rows, uint words, uint threads>
inline void store_bits(threadgroup metal::atomic_uint* bits,
                       device uint* y,
                       uint i0,
                       uint first,
                       constant TileShape& shape,
                       uint thread_index) {
  for (uint e = thread_index; e < rows * words; e += threads) {
    const uint i = i0 + e / words;
    const uint word = metal::atomic_load_explicit(bits + e, metal::memory_order_relaxed);
    metal::atomic_store_explicit(bits + e, 0, metal::memory_order_relaxed);
    if (i < shape.q) {
      y[ulong(i) * shape.pitch + first + e % words] = word;
    }
  }
}
