// What all targets that compile C++ have in common: Metal's own words become C++'s.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "msl/edits.hpp"
#include "msl/module.hpp"
#include "msl/syntax.hpp"
#include "msl/translation.hpp"

namespace ingot::msl {

/// Writes a module as C++, token by token: every token keeps its file and line, and its column
/// unless a longer replacement stands before it on the line. A target says what becomes of
/// threadgroup variables and swizzles, and what stands before and behind the text.
class CppEmitter {
 public:
  explicit CppEmitter(const Translation& request);
  virtual ~CppEmitter() = default;
  CppEmitter(const CppEmitter&) = delete;
  CppEmitter& operator=(const CppEmitter&) = delete;

 protected:
  /// The module's text, on from its first line. Throws Error (kCompile) for a function constant
  /// that the kernel uses and that has no value, and for overloads that only address spaces tell
  /// apart but whose bodies differ.
  std::string text();

  /// What declares the variables of a statement in C++.
  virtual std::string threadgroup_variables(const ThreadgroupDeclaration& declaration) const = 0;

  /// Replaces the swizzles that the target's compiler does not know.
  virtual void rewrite_swizzles(Edits& edits) const = 0;

  const Translation& request_;
  const Module& module_;
  const Syntax syntax_;

 private:
  void check_constants() const;
  const std::string* value_of(const FunctionConstant& constant) const;
  void keep_storage(const KernelFunction& function);
  void rewrite_constructor(const Declaration& declaration);
  void rewrite_attributes();
  void rewrite_words();
  bool is_const_already(std::size_t word) const;
  void rewrite_defined_query(std::size_t i);
  void rewrite_number(std::size_t i, std::string_view number);

  Edits edits_;
  const std::vector<bool> in_template_;
};

/// The kernel's function by its full name, for use in an expression of the outermost namespace
/// that may use its scope's names.
std::string callable_of(const Module& module, const Kernel& kernel);

}  // namespace ingot::msl
