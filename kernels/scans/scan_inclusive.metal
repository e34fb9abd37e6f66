#include "scans/scan_kernels.h"

template [[host_name("scan_inclusive_u32")]] [[kernel]]
    decltype(scan_lines<uint, false>) scan_lines<uint, false>;
template [[host_name("scan_inclusive_u64")]] [[kernel]]
    decltype(scan_lines<ulong, false>) scan_lines<ulong, false>;
template [[host_name("scan_inclusive_f32")]] [[kernel]]
    decltype(scan_lines<float, false>) scan_lines<float, false>;
template [[host_name("scan_inclusive_columns_u32")]] [[kernel]]
    decltype(scan_columns<uint, false>) scan_columns<uint, false>;
template [[host_name("scan_inclusive_columns_u64")]] [[kernel]]
    decltype(scan_columns<ulong, false>) scan_columns<ulong, false>;
template [[host_name("scan_inclusive_columns_f32")]] [[kernel]]
    decltype(scan_columns<float, false>) scan_columns<float, false>;
