// The catalogue: every kernel's record.
#pragma once

#include <span>
#include <string_view>

#include "runtime/record.hpp"

namespace ingot {

/// All records, ordered by domain and id. Made from the folders of kernels/ when the library is
/// configured.
std::span<const KernelRecord* const> catalogue();

/// The record of an id ("REDUCE_SUM", any case). Throws Error(kNotFound) that names the closest id.
const KernelRecord& find_kernel(std::string_view id);

}  // namespace ingot
