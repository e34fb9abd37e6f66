// Attribute lists, `[[...]]`: which are Metal's, which Ingot supports, what they say.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

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

/// The attribute's argument as a number. Throws Error (kCompile) unless it is one integer literal.
std::uint32_t number_argument(const Syntax& syntax, const Attribute& attribute);

/// True for the built-in inputs of compute kernels, "thread_position_in_grid" and so on.
bool is_builtin(std::string_view name);

/// True for attributes that Metal alone knows and Ingot supports.
bool is_metal_attribute(std::string_view name);

/// True for attributes that any C++ compiler is to judge: standard and scoped ones.
bool is_cpp_attribute(std::string_view name);

}  // namespace ingot::msl
