// Strict mode: what Apple's Metal compiler would refuse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "softmetal/diagnostic.hpp"
#include "softmetal/program.hpp"

namespace softmetal {

/// Everything that is wrong with a source: what keeps it from compiling here, and what softmetal
/// would run but Apple's compiler refuses. In the order of file, line and column; empty for a right
/// source. `options.strict` has no influence. Throws ingot::Error only when the compiler cannot be
/// run.
std::vector<Diagnostic> find_problems(std::string_view source, const Program::Options& options);

/// What strict mode alone has against a module.
std::vector<Diagnostic> check_strict(const ingot::msl::Module& module, unsigned metal_version);

/// Throws ingot::Error(kCompile) with all errors among that, unless there are none.
void require_strict(const ingot::msl::Module& module, unsigned metal_version);

}  // namespace softmetal
