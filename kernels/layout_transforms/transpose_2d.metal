#include <metal_stdlib>

#include "ingot/kernel.h"

using namespace metal;

// A threadgroup of 256 threads takes a square tile through threadgroup memory, so that both the
// reading and the writing run along rows of device memory. A row of the tile has one more element,
// so that the elements of a column are in different banks. The launcher (transpose_2d.cpp) knows
// the tiles.
constant constexpr uint kThreads = 256;

// Tiles are counted along one dimension, as some GPUs have at most 65,535 threadgroups in others.
template <class T, uint kTile>
kernel void transpose_2d(device const T* x [[buffer(0)]],
                         device T* y [[buffer(1)]],
                         constant uint& rows [[buffer(2)]],
                         constant uint& cols [[buffer(3)]],
                         uint group [[threadgroup_position_in_grid]],
                         uint tid [[thread_position_in_threadgroup]]) {
  threadgroup T tile[kTile][kTile + 1];
  const uint tiles_across = (cols - 1) / kTile + 1;
  const uint first_row = group / tiles_across * kTile;
  const uint first_col = group % tiles_across * kTile;
  const uint across = tid % kTile;
  const uint down = tid / kTile;
  constexpr uint kStep = kThreads / kTile;

  // Unrolled: all of a thread's loads are under way before the first is needed.
  x += ulong(first_row + down) * cols + first_col + across;
  for (uint step = 0; step < kTile; step += kStep, x += ulong(kStep) * cols) {
    if (first_row + step + down < rows && first_col + across < cols) {
      tile[step + down][across] = *x;
    }
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  y += ulong(first_col + down) * rows + first_row + across;
  for (uint step = 0; step < kTile; step += kStep, y += ulong(kStep) * rows) {
    if (first_row + across < rows && first_col + step + down < cols) {
      *y = tile[across][step + down];
    }
  }
}

// By the size of an element, whatever its dtype.
INGOT_KERNEL("transpose_2d_1", transpose_2d<uchar, 64>)
INGOT_KERNEL("transpose_2d_2", transpose_2d<ushort, 64>)
INGOT_KERNEL("transpose_2d_4", transpose_2d<uint, 64>)
INGOT_KERNEL("transpose_2d_8", transpose_2d<ulong, 32>)
