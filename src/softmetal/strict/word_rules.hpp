// What Metal takes out of C++ and a word gives away.
#pragma once

#include <vector>

#include "msl/module.hpp"
#include "softmetal/diagnostic.hpp"

namespace softmetal::strict {

/// The uses of what Metal does not have: double, goto, new, exceptions, ...
std::vector<Diagnostic> check_words(const ingot::msl::Module& module);

}  // namespace softmetal::strict
