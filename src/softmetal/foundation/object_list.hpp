#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace softmetal {

/// How many objects live that may leak, by class.
std::map<std::string, std::size_t> count_objects();

}  // namespace softmetal
