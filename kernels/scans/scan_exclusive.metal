#include "scans/scan_kernels.h"

INGOT_KERNEL("scan_exclusive_u32", scan_lines<uint, true>)
INGOT_KERNEL("scan_exclusive_u64", scan_lines<ulong, true>)
INGOT_KERNEL("scan_exclusive_f32", scan_lines<float, true>)
INGOT_KERNEL("scan_exclusive_tiles_u32", scan_tiles<uint, true>)
INGOT_KERNEL("scan_exclusive_tiles_u64", scan_tiles<ulong, true>)
INGOT_KERNEL("scan_exclusive_tiles_f32", scan_tiles<float, true>)
INGOT_KERNEL("scan_exclusive_columns_u32", scan_columns<uint, true>)
INGOT_KERNEL("scan_exclusive_columns_u64", scan_columns<ulong, true>)
INGOT_KERNEL("scan_exclusive_columns_f32", scan_columns<float, true>)

// The first step of both scans; the second is an exclusive scan.
INGOT_KERNEL("scan_sums_u32", scan_sums<uint>)
INGOT_KERNEL("scan_sums_u64", scan_sums<ulong>)
INGOT_KERNEL("scan_sums_f32", scan_sums<float>)
INGOT_KERNEL("scan_column_sums_u32", scan_column_sums<uint>)
INGOT_KERNEL("scan_column_sums_u64", scan_column_sums<ulong>)
INGOT_KERNEL("scan_column_sums_f32", scan_column_sums<float>)

// Before scan_tiles of either.
[[kernel]] void scan_clear(device uint* state [[buffer(0)]],
                           constant uint& words [[buffer(1)]],
                           uint i [[thread_position_in_grid]]) {
  if (i < words) {
    state[i] = 0;
  }
}
