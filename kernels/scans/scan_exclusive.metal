#include "scans/scan_kernels.h"

template [[host_name("scan_exclusive_u32")]] [[kernel]]
    decltype(scan_lines<uint, true>) scan_lines<uint, true>;
template [[host_name("scan_exclusive_u64")]] [[kernel]]
    decltype(scan_lines<ulong, true>) scan_lines<ulong, true>;
template [[host_name("scan_exclusive_f32")]] [[kernel]]
    decltype(scan_lines<float, true>) scan_lines<float, true>;
template [[host_name("scan_exclusive_columns_u32")]] [[kernel]]
    decltype(scan_columns<uint, true>) scan_columns<uint, true>;
template [[host_name("scan_exclusive_columns_u64")]] [[kernel]]
    decltype(scan_columns<ulong, true>) scan_columns<ulong, true>;
template [[host_name("scan_exclusive_columns_f32")]] [[kernel]]
    decltype(scan_columns<float, true>) scan_columns<float, true>;

// The first step of both scans; the second is an exclusive scan.
template [[host_name("scan_sums_u32")]] [[kernel]] decltype(scan_sums<uint>) scan_sums<uint>;
template [[host_name("scan_sums_u64")]] [[kernel]] decltype(scan_sums<ulong>) scan_sums<ulong>;
template [[host_name("scan_sums_f32")]] [[kernel]] decltype(scan_sums<float>) scan_sums<float>;
template [[host_name("scan_column_sums_u32")]] [[kernel]]
    decltype(scan_column_sums<uint>) scan_column_sums<uint>;
template [[host_name("scan_column_sums_u64")]] [[kernel]]
    decltype(scan_column_sums<ulong>) scan_column_sums<ulong>;
template [[host_name("scan_column_sums_f32")]] [[kernel]]
    decltype(scan_column_sums<float>) scan_column_sums<float>;
