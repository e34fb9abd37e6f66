// What a program tells the compiler about unrolling its loops.
#pragma once

#include <string>

namespace ingot::msl {

/// The preprocessed text with clang's hints to unroll a loop as CUDA's compiler takes them, each in
/// its place: `#pragma clang loop unroll(full)` becomes `#pragma unroll`, `unroll_count(4)` becomes
/// `#pragma unroll 4`, `unroll(disable)` and `#pragma nounroll` become `#pragma unroll 1`; the same
/// for the operator `_Pragma("...")`. Other hints to clang are blanked.
std::string cuda_loop_hints(std::string text);

}  // namespace ingot::msl
