#include "scans/scan_kernels.h"

INGOT_KERNEL("scan_inclusive_u32", scan_lines<uint, false>)
INGOT_KERNEL("scan_inclusive_u64", scan_lines<ulong, false>)
INGOT_KERNEL("scan_inclusive_f32", scan_lines<float, false>)
INGOT_KERNEL("scan_inclusive_tiles_u32", scan_tiles<uint, false>)
INGOT_KERNEL("scan_inclusive_tiles_u64", scan_tiles<ulong, false>)
INGOT_KERNEL("scan_inclusive_tiles_f32", scan_tiles<float, false>)
INGOT_KERNEL("scan_inclusive_columns_u32", scan_columns<uint, false>)
INGOT_KERNEL("scan_inclusive_columns_u64", scan_columns<ulong, false>)
INGOT_KERNEL("scan_inclusive_columns_f32", scan_columns<float, false>)
