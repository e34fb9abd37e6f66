// Attribute lists, `[[...]]`: which are Metal's, which Ingot supports, what they say.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msl/constant_expression.hpp"
#include "msl/syntax.hpp"

namespace ingot::msl {

struct Attribute {
  std::string name;      // "buffer"; scoped ones as "clang::noinline"
  TokenRange arguments;  // between the parentheses
  std::size_t token = 0;
};

/// The attributes of the list at `index`. Throws Error (kCompile) for a malformed list.
std::vector<Attribute> read_attribute_list(const Syntax& syntax, std::size_t index);

/// The attributes of all lists in `range` that stand outside of brackets.
std::vector<Attribute> read_attributes(const Syntax& syntax, TokenRange range);

/// The first one called `name`, or nullptr.
const Attribute* find_attribute(const std::vector<Attribute>& attributes, std::string_view name);

/// The attribute's argument as a number, if it is a constant expression whose value is known here.
/// Throws Error (kCompile) for a value that is no 32-bit index.
std::optional<std::uint32_t> find_number(const Syntax& syntax,
                                         const Attribute& attribute,
                                         const ConstantEvaluator& constants,
                                         const std::string& scope,
                                         const TemplateArguments& arguments);

/// The same for an argument that must have a value. Throws Error (kCompile) when it has none.
std::uint32_t number_argument(const Syntax& syntax,
                              const Attribute& attribute,
                              const ConstantEvaluator& constants,
                              const std::string& scope);

/// Throws Error (kCompile): the attribute's argument has no value.
[[noreturn]] void fail_without_number(const Syntax& syntax, const Attribute& attribute);

/// The attribute's argument as text. Adjacent literals are one string, as everywhere:
/// host_name("sum_" "float"). Throws Error (kCompile) for anything but plain string literals.
std::string string_argument(const Syntax& syntax, const Attribute& attribute);

/// True for the built-in inputs of compute kernels, "thread_position_in_grid" and so on.
bool is_builtin(std::string_view name);

/// True for attributes that Metal alone knows and Ingot supports.
bool is_metal_attribute(std::string_view name);

/// True for attributes that any C++ compiler is to judge: standard and scoped ones.
bool is_cpp_attribute(std::string_view name);

}  // namespace ingot::msl
