// The score matrix of half and bfloat rows on the matrix units.
#pragma once

#include "ingot/row_product.h"

#include "dot_products/dot_tiles.h"

constant constexpr uint kMatrixColumns = 256;  // rows of b, in a tile. As in dot_batched.cpp
constant constexpr uint kShareColumns = 32;    // of them, a SIMD-group's
constant constexpr uint kMatrixWords = kMatrixColumns / 32;  // of bits in a row of a tile

// A tile of so many rows of a, and a SIMD-group's share in it.
template <uint rows>
struct MatrixTile {
  static constant constexpr uint kRows = rows;
  static constant constexpr uint kShareRows = rows < 64 ? rows : 64;
  static constant constexpr uint kAcross = kMatrixColumns / kShareColumns;  // SIMD-groups
  static constant constexpr uint kThreads = kRows / kShareRows * kAcross * kSimdWidth;
};

// The arguments that make a score of a dot product.
struct Scoring {
  device const float* a_scale;
  device const float* b_scale;
  device const float* a_bias;
  uint i_last;  // rows after the last of a and b have no scales, nor a use for their scores
  uint j_last;

  float2 operator()(float2 dots, uint i, uint j) const {
    if (!(kHasAScale || kHasBScale || kHasABias)) {
      return dots;
    }
    const uint row = metal::min(i, i_last);
    return float2(finish<float>(dots.x, row, metal::min(j, j_last), a_scale, b_scale, a_bias),
                  finish<float>(dots.y, row, metal::min(j + 1, j_last), a_scale, b_scale, a_bias));
  }
};

template <class Y>
inline void store_pair(
    device Y* y, metal::vec<Y, 2> pair, uint i, uint j, constant TileShape& shape) {
  if (i >= shape.q || j >= shape.n) {
    return;
  }
  device Y* to = y + ulong(i) * shape.n + j;
  if (shape.n % 2 == 0) {
    *reinterpret_cast<device metal::vec<Y, 2>*>(to) = pair;
  } else {
    to[0] = pair.x;
    if (j + 1 < shape.n) {
      to[1] = pair.y;
    }
  }
}

// Takes a SIMD-group's share of a tile to where its results belong: scores, the mask, or, for Y =
// uint, the bits of the mask.
template <class Tile, class Y>
struct MatrixResults {
  template <class Product>
  static void store(thread const Product& product,
                    uint i0,
                    uint j0,
                    Scoring scoring,
                    device const float* at_least,
                    device Y* y,
                    constant TileShape& shape,
                    threadgroup metal::atomic_uint*) {
#pragma unroll
    for (uint r = 0; r < Tile::kShareRows / 8; ++r) {
      const uint i = i0 + 8 * r;
      float limit = 0;
      if (kHasLast) {
        limit = at_least[metal::min(i, scoring.i_last)];
      }
#pragma unroll
      for (uint c = 0; c < kShareColumns / 8; ++c) {
        const float2 score = scoring(product.pair(r, c), i, j0 + 8 * c);
        if (kHasLast) {
          store_pair(
              y, metal::vec<Y, 2>(Y(score.x >= limit), Y(score.y >= limit)), i, j0 + 8 * c, shape);
        } else {
          store_pair(y, metal::vec<Y, 2>(Y(score.x), Y(score.y)), i, j0 + 8 * c, shape);
        }
      }
    }
  }
};

template <class Tile>
struct MatrixResults<Tile, uint> {
  // Few scores reach the limit, so all are looked at first. `bits`: kMatrixWords words for each row
  // of the tile.
  template <class Product>
  static void store(thread const Product& product,
                    uint i0,
                    uint j0,
                    Scoring scoring,
                    device const float* at_least,
                    device uint*,
                    constant TileShape& shape,
                    threadgroup metal::atomic_uint* bits) {
    float limits[Tile::kShareRows / 8];
    bool some = false;
#pragma unroll
    for (uint r = 0; r < Tile::kShareRows / 8; ++r) {
      limits[r] = at_least[metal::min(i0 + 8 * r, scoring.i_last)];
#pragma unroll
      for (uint c = 0; c < kShareColumns / 8; ++c) {
        const float2 score = scoring(product.pair(r, c), i0 + 8 * r, j0 + 8 * c);
        some = some || score.x >= limits[r] || score.y >= limits[r];
      }
    }
    if (!some) {
      return;
    }
#pragma unroll
    for (uint r = 0; r < Tile::kShareRows / 8; ++r) {
      const uint i = i0 + 8 * r;
#pragma unroll
      for (uint c = 0; c < kShareColumns / 8; ++c) {
        const uint j = j0 + 8 * c;
        const float2 score = scoring(product.pair(r, c), i, j);
        const uint pair = uint(score.x >= limits[r] && j < shape.n) |
                          uint(score.y >= limits[r] && j + 1 < shape.n) << 1;
        if (pair != 0) {
          metal::atomic_fetch_or_explicit(
              bits + i % Tile::kRows * kMatrixWords + j % kMatrixColumns / 32,
              pair << (j % 32),
              metal::memory_order_relaxed);
        }
      }
    }
  }
};

// Naming more threads than there are keeps a thread to 80 registers on NVIDIA where a has few rows,
// so that three threadgroups are under way at once.
template <class T, class Y, uint tile_rows>
[[ kernel, max_total_threads_per_threadgroup(tile_rows < 64 ? 768 : 512) ]] void dot_batched_matrix(
    device const T* a [[buffer(0)]],
    device const T* b [[buffer(1)]],
    device Y* y [[buffer(2)]],
    constant TileShape& shape [[buffer(3)]],
    device const float* a_scale [[buffer(4), function_constant(kHasAScale)]],
    device const float* b_scale [[buffer(5), function_constant(kHasBScale)]],
    device const float* a_bias [[buffer(6), function_constant(kHasABias)]],
    device const float* at_least [[buffer(7), function_constant(kHasLast)]],
    uint group [[threadgroup_position_in_grid]],
    uint thread_index [[thread_position_in_threadgroup]],
    uint lane [[thread_index_in_simdgroup]],
    uint simd_group [[simdgroup_index_in_threadgroup]]) {
  typedef MatrixTile<tile_rows> Tile;
  threadgroup uint4 left_slice[Tile::kRows * kSliceWords];
  threadgroup uint4 right_slice[kMatrixColumns * kSliceWords];
  threadgroup metal::atomic_uint bits[Tile::kRows * kMatrixWords];
  const uint left = group % shape.left_tiles;
  const uint first = group / shape.left_tiles * shape.run;
  const uint last = metal::min(first + shape.run, shape.right_tiles);
  const uint row = simd_group / Tile::kAcross * Tile::kShareRows;
  const uint column = simd_group % Tile::kAcross * kShareColumns;
  const Scoring scoring = {a_scale, b_scale, a_bias, shape.q - 1, shape.n - 1};
  const bool has_bits = metal::is_same_v<Y, uint>;
  if (has_bits) {
    clear_bits<Tile::kRows * kMatrixWords, Tile::kThreads>(bits, thread_index);
  }

  SliceLoader<T, Tile::kRows, Tile::kThreads> left_loader;
  SliceLoader<T, kMatrixColumns, Tile::kThreads> right_loader;
  left_loader.start(a, left * Tile::kRows, shape.q, shape.d, thread_index);
  right_loader.start(b, first * kMatrixColumns, shape.n, shape.d, thread_index);
  left_loader.load(0, shape.d, thread_index);
  right_loader.load(0, shape.d, thread_index);
  for (uint right = first; right < last; ++right) {
    RowProduct<T, Tile::kShareRows, kShareColumns> product;
    product.clear();
    uint k0 = 0;
    do {
      metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
      left_loader.template store<kSliceWords>(left_slice, thread_index);
      right_loader.template store<kSliceWords>(right_slice, thread_index);
      metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
      k0 += kRowSlice;
      const bool tile_ends = k0 >= shape.d;
      if (!tile_ends || right + 1 < last) {
        if (tile_ends) {
          right_loader.start(b, (right + 1) * kMatrixColumns, shape.n, shape.d, thread_index);
        }
        left_loader.load(tile_ends ? 0 : k0, shape.d, thread_index);
        right_loader.load(tile_ends ? 0 : k0, shape.d, thread_index);
      }
      product.add(reinterpret_cast<threadgroup const T*>(left_slice + row * kSliceWords),
                  reinterpret_cast<threadgroup const T*>(right_slice + column * kSliceWords));
    } while (k0 < shape.d);
    MatrixResults<Tile, Y>::store(product,
                                  left * Tile::kRows + row + product.row(lane),
                                  right * kMatrixColumns + column + product.column(lane),
                                  scoring,
                                  at_least,
                                  y,
                                  shape,
                                  bits);
    if (has_bits) {
      metal::threadgroup_barrier(metal::mem_flags::mem_threadgroup);
      store_bits<Tile::kRows, kMatrixWords, Tile::kThreads>(bits,
                                                            reinterpret_cast<device uint*>(y),
                                                            left * Tile::kRows,
                                                            right * kMatrixWords,
                                                            shape,
                                                            thread_index);
    }
  }
}
