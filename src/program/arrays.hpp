// Arrays for people and for machines to read.
#pragma once

#include <string>

#include "core/host_array.hpp"
#include "program/command.hpp"

namespace ingot::cli {

/// One element: integers exactly, reals with six digits.
std::string element_text(const HostArray& array, int64_t index);

/// The first elements in a line, and "..." when there are more.
std::string preview(const HostArray& array);

/// The elements begin..end as a list.
Json elements_json(const HostArray& array, int64_t begin, int64_t end);

/// As many as answers of the command line show: the first 100.
Json first_elements_json(const HostArray& array);

}  // namespace ingot::cli
