// What a Metal source says, apart from what is written for any target.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "msl/lexer.hpp"

namespace ingot::msl {

/// Half-open range of token indices.
struct TokenRange {
  std::size_t first = 0;
  std::size_t last = 0;

  bool empty() const { return first >= last; }
};

enum class AddressSpace : std::uint8_t { kNone, kDevice, kConstant, kThreadgroup };
enum class ParameterKind : std::uint8_t { kValue, kPointer, kReference };
enum class BindingKind : std::uint8_t { kBuffer, kThreadgroup, kBuiltin };

/// Where a kernel's argument comes from.
struct Binding {
  BindingKind kind = BindingKind::kBuffer;
  std::uint32_t index = 0;  // of the buffer or threadgroup slot
  std::string builtin;      // for kBuiltin: "thread_position_in_grid", ...
};

struct Parameter {
  std::string name;
  std::string type;  // without address space, attributes and name: "const float*", "uint3"
  AddressSpace space = AddressSpace::kNone;
  bool is_const = false;  // what it points or refers to cannot be written
  ParameterKind kind = ParameterKind::kValue;
  Binding binding;
  std::string function_constant;  // qualified name of the constant that enables it, or ""
  Location location;
};

/// One variable in threadgroup memory. "float (tile)[32][33]" has type "float", suffix "[32][33]".
struct ThreadgroupVariable {
  std::string name;
  std::string type;
  std::string suffix;
  std::size_t ordinal = 0;  // counts the variables of the file
  Location location;
};

/// A statement of a kernel's body that declares threadgroup variables, its `;` included.
struct ThreadgroupDeclaration {
  TokenRange tokens;
  std::vector<ThreadgroupVariable> variables;
};

/// The definition of a kernel function, perhaps a template.
struct KernelFunction {
  std::string name;  // qualified by its namespaces
  bool is_template = false;
  std::vector<Parameter> parameters;
  std::vector<ThreadgroupDeclaration> threadgroup;
  TokenRange max_total_threads_per_threadgroup;  // the expression, or empty
  bool is_dependent = false;  // a template whose bindings its arguments decide: it has no kernel,
                              // each of its instantiations has a function of its own
  TokenRange tokens;          // from `template` or the first attribute to `}`
  Location location;          // of the name
};

/// An entry point: what a host program asks for by name.
struct Kernel {
  std::string name;          // host_name, or the function's qualified name
  std::string callable;      // "ns::f" or "f<float, 4>"
  std::string signature;     // the types of its parameters where nothing else tells overloads apart
  std::string scope;         // the namespace the callable was written in, "" for the outermost
  std::size_t function = 0;  // index into Module::functions
  std::string max_total_threads_per_threadgroup;  // a number, an expression without one, or ""
  Location location;
};

struct FunctionConstant {
  std::string name;  // qualified
  std::string type;
  std::uint32_t index = 0;
  TokenRange attribute;  // `[[function_constant(n)]]`
  Location location;
};

/// A member of a struct that a program may fill through an argument encoder.
struct ArgumentMember {
  std::string name;
  std::optional<std::uint32_t>
      id;  // of [[id(n)]]; without one, the next free after the member before
};

enum class DeclarationKind : std::uint8_t { kFunction, kVariable, kType, kInstantiation };

/// A named thing of program or class scope, or an explicit instantiation (which has no name).
struct Declaration {
  DeclarationKind kind = DeclarationKind::kVariable;
  std::string name;       // "simple" of ns::Class::simple; "operator+"; "~Class"
  std::string qualified;  // template arguments left out
  std::string scope;      // where it stands: "ns", "ns::Class", ""
  bool in_class = false;
  TokenRange tokens;      // the whole statement, its `;` or `}` included
  TokenRange header;      // `template <...>`, perhaps several
  TokenRange specifiers;  // what stands between header and declarator
  TokenRange declarator;  // variables: up to the initialiser, attributes included
  TokenRange parameters;  // functions: between the parentheses
  TokenRange qualifiers;  // functions: behind the parentheses, up to body, `;`, `:` or `=`
  TokenRange body;        // functions and types: with the braces; empty when there is none
  std::size_t name_token = 0;
};

/// An attribute list `[[...]]`.
struct AttributeList {
  TokenRange tokens;
  bool is_metal = false;  // Metal's own, to be removed for other compilers
};

struct Module {
  LexedText lexed;  // without directives among its tokens
  std::vector<Kernel> kernels;
  std::vector<KernelFunction> functions;
  std::vector<FunctionConstant> constants;
  std::map<std::string, std::vector<ArgumentMember>> argument_structs;  // by qualified name
  std::vector<Declaration> declarations;
  std::vector<AttributeList> attributes;   // in the order of the text
  std::vector<TokenRange> instantiations;  // explicit ones of kernels

  /// The entry point called `name`, or nullptr.
  const Kernel* find(std::string_view name) const;
  const KernelFunction& function(const Kernel& kernel) const { return functions[kernel.function]; }

  /// The members of the struct that a parameter of `kernel` points or refers to; nullptr when it is
  /// none of argument_structs.
  const std::vector<ArgumentMember>* members(const Kernel& kernel,
                                             const Parameter& parameter) const;
};

}  // namespace ingot::msl
