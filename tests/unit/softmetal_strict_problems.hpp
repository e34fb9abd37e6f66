// What the tests of strict mode share.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "softmetal/strict.hpp"

namespace softmetal {

inline constexpr std::string_view kPrologue = "#include <metal_stdlib>\nusing namespace metal;\n";

/// Of the prologue and the source, whose first line is the third.
inline std::vector<Diagnostic> problems(std::string_view source, unsigned metal_version = 310) {
  Program::Options options;
  options.metal_version = metal_version;
  return find_problems(std::string(kPrologue) + std::string(source), options);
}

}  // namespace softmetal
