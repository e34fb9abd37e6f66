// Rules of Metal that a program's syntax tree is checked against.
#pragma once

#include <string>
#include <vector>

#include "msl/module.hpp"
#include "msl/strict_emitter.hpp"
#include "softmetal/diagnostic.hpp"
#include "softmetal/strict/syntax_tree.hpp"

namespace softmetal::strict {

/// A module, its text in the OpenCL dialect, and what clang made of that.
struct Analysed {
  const ingot::msl::Module& module;
  const ingot::msl::StrictText& text;
  const SyntaxTree& tree;

  std::size_t token(Position position) const {
    return text.token_at(position.line, position.column);
  }

  /// The name of a declaration as the source has it: "f", "operator()".
  std::string name(const Node& declaration) const;
};

/// Pointers and references without an address space, and conversions from one address space to
/// another that the dialect makes silently.
std::vector<Diagnostic> check_address_spaces(const Analysed& program);

/// Functions that call themselves, directly or through others, and calls of kernels.
std::vector<Diagnostic> check_calls(const Analysed& program);

/// Lambda expressions before the version of Metal (320 for 3.2) that has them, local variables that
/// outlive their call, pointers to functions.
std::vector<Diagnostic> check_language(const Analysed& program, unsigned metal_version);

/// Kernels that declare more threadgroup memory than there is. For an instance of a template, from
/// which no pipeline can be made though from others it can, that is a warning.
std::vector<Diagnostic> check_threadgroup_memory(const Analysed& program);

}  // namespace softmetal::strict
