#include "softmetal/build.hpp"

namespace softmetal {
namespace {

// Line tables and the names of all functions, so that faults and findings can name the shader's
// line, with names of files as the line markers give them, whatever the working directory. Which
// version of DWARF comes first: on its own it asks for all there is to say, types and variables
// too. Loops that do nothing but turn must stay, to be stopped by the watchdog.
const std::vector<std::string> kAll = {"-march=native",
                                       "-fPIC",
                                       "-gdwarf-5",
                                       "-gline-tables-only",
                                       "-fdebug-info-for-profiling",
                                       "-fdebug-compilation-dir=.",
                                       "-fno-finite-loops",
                                       "-fconvergent-functions"};

const std::vector<std::string> kFast = {"-O2"};

// The sanitizers only place the calls; what is called is in softmetal/checked.h. Everything is
// inlined, so that no argument is copied to another frame unseen. Nothing is vectorised: an access
// would get too wide for the call-backs, and several lines would share it, as they would if what
// two branches have in common was made one.
const std::vector<std::string> kChecked = {
    "-O1",
    "-fno-vectorize",
    "-fno-slp-vectorize",
    "-mllvm",
    "-hoist-common-insts=false",
    "-mllvm",
    "-sink-common-insts=false",
    "-mllvm",
    "-enable-tail-merge=false",
    "-fsanitize=kernel-address,shift-exponent,integer-divide-by-zero,alignment,array-bounds",
    "-fsanitize-recover=all",
    "-fstrict-flex-arrays=3",
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

// softmetal/coverage.h keeps the blocks of the shader as they were written. What the code generator
// would add to them on its own has no counter: the ways out of a loop, which "edge" makes blocks of
// before, and what strength reduction asks for.
const std::vector<std::string> kCoverage = {
    "-O2",
    "-fsanitize-coverage=edge,trace-pc-guard,pc-table,no-prune",
    "-DSOFTMETAL_COVERAGE=1",
    "-mllvm",
    "-disable-lsr"};

// Lanes that took different ways meet again because the call that comes first in the code is
// performed first: the code must keep the order of the source, and a function must have its own
// copy for each of its callers. Of 75 random kernels of nested branches and calls, 22 had results
// other than those of lanes in lockstep without these flags and without inlining, 1 has with them.
const std::vector<std::string> kSourceOrder = {
    "-mllvm",
    "-disable-block-placement",
    "-mllvm",
    "-jump-threading-threshold=0",
    "-Xclang",
    "-disable-lifetime-markers",
};

}  // namespace

std::vector<std::string> code_flags(const Build& build) {
  std::vector<std::string> flags = kAll;
  const std::vector<std::string>& more = build.checked    ? kChecked
                                         : build.coverage ? kCoverage
                                                          : kFast;
  flags.insert(flags.end(), more.begin(), more.end());
  if (build.plain_copies) {
    flags.push_back("-DSOFTMETAL_PLAIN_COPIES=1");
  }
  return flags;
}

std::vector<std::string> kernel_flags(const Build& build) {
  if (build.never_blocks) {
    return {"-DSOFTMETAL_NEVER_BLOCKS=1"};
  }
  std::vector<std::string> flags = {"-DSOFTMETAL_NEVER_BLOCKS=0"};
  flags.insert(flags.end(), kSourceOrder.begin(), kSourceOrder.end());
  if (!build.checked) {  // which inlines more still
    flags.insert(flags.end(), {"-mllvm", "-inline-threshold=10000"});
  }
  return flags;
}

}  // namespace softmetal
