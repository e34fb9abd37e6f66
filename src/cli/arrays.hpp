// Arrays for people and for machines to read.
#pragma once

#include <string>

#include "cli/command.hpp"

#include "ingot/tensor.hpp"

#include "core/host_array.hpp"

namespace ingot::cli {

/// The data of a finished tensor, in place where the host can see it.
HostArray to_host(const Tensor& tensor);

/// One element: integers exactly, reals with six digits.
std::string element_text(const HostArray& array, int64_t index);

/// The first elements in a line, and "..." when there are more.
std::string preview(const HostArray& array);

/// The elements begin..end as a list.
Json elements_json(const HostArray& array, int64_t begin, int64_t end);

}  // namespace ingot::cli
