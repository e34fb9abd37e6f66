#include "softmetal/build.hpp"

namespace softmetal {
namespace {

// Line tables, so that faults and findings can name the shader's line, with names of files as the
// line markers give them, whatever the working directory. Loops that do nothing but turn must stay,
// to be stopped by the watchdog.
const std::vector<std::string> kAll = {"-march=native",
                                       "-fPIC",
                                       "-gline-directives-only",
                                       "-gdwarf-5",
                                       "-fdebug-compilation-dir=.",
                                       "-fno-finite-loops"};

const std::vector<std::string> kFast = {"-O2"};

// The sanitizers only place the calls; what is called is in softmetal/checked.h. Everything is
// inlined, so that no argument is copied to another frame unseen. Nothing is vectorised: an access
// would get too wide for the call-backs, and several lines would share it.
const std::vector<std::string> kChecked = {
    "-O1",
    "-fno-vectorize",
    "-fno-slp-vectorize",
    "-fsanitize=kernel-address,shift-exponent,integer-divide-by-zero,alignment,array-bounds",
    "-fsanitize-recover=all",
    "-DSOFTMETAL_CHECKED=1",
    "-mllvm",
    "-inline-threshold=100000",
    "-mllvm",
    "-asan-instrumentation-with-call-threshold=0",
    "-mllvm",
    "-asan-memory-access-callback-prefix=softmetal_",
    "-mllvm",
    "-asan-kernel-mem-intrinsic-prefix=1",
    "-mllvm",
    "-asan-globals=0",
    "-mllvm",
    "-asan-stack=0",
    "-mllvm",
    "-asan-opt-same-temp=0",
    "-mllvm",
    "-asan-use-stack-safety=0",
    "-mllvm",
    "-asan-instrument-atomics=0",
};

}  // namespace

std::vector<std::string> code_flags(const Build& build) {
  std::vector<std::string> flags = kAll;
  const std::vector<std::string>& more = build.checked ? kChecked : kFast;
  flags.insert(flags.end(), more.begin(), more.end());
  return flags;
}

std::vector<std::string> macros(const Build& build) {
  return {std::string("SOFTMETAL_NEVER_BLOCKS=") + (build.never_blocks ? "1" : "0")};
}

}  // namespace softmetal
