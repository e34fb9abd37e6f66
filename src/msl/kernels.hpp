// From declarations of kernel functions to the entry points that a program can ask for.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "msl/attributes.hpp"
#include "msl/constant_expression.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {

/// Adds kernels to a module whose declarations have been read. Definitions come before
/// instantiations.
class KernelReader {
 public:
  KernelReader(Module& module, const Syntax& syntax, const ConstantEvaluator& constants);

  /// A kernel's definition. Throws Error (kCompile) for what Ingot cannot call.
  void add_definition(const Declaration& declaration, const std::vector<Attribute>& attributes);

  /// An explicit instantiation; false when it is none of a kernel. Throws Error (kCompile) when it
  /// names no kernel template.
  bool add_instantiation(const Declaration& declaration);

 private:
  const KernelFunction& add_function(const Declaration& declaration,
                                     const TemplateArguments& arguments);
  void add_kernel(const std::string& name,
                  const std::string& arguments,
                  const std::string& scope,
                  std::size_t index,
                  const TemplateArguments& bound);
  std::size_t choose(const std::vector<std::size_t>& overloads,
                     TokenRange arguments,
                     TokenRange parameters,
                     const Location& location) const;
  std::string number_or_text(TokenRange expression,
                             const std::string& scope,
                             const TemplateArguments& bound) const;

  Module& module_;
  const Syntax& syntax_;
  const ConstantEvaluator& constants_;
  std::unordered_map<std::string, const Declaration*> variables_;  // by qualified name
  // The overloads of f, or of f<float> where it is specialised.
  std::unordered_map<std::string, std::vector<std::size_t>> functions_;
  std::vector<const Declaration*> declarations_;  // of each function
  std::size_t ordinal_ = 0;                       // counts threadgroup variables
};

}  // namespace ingot::msl
