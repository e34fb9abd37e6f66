#include "msl/kernel_function.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <set>
#include <utility>

#include "msl/attributes.hpp"
#include "msl/threadgroup.hpp"

namespace ingot::msl {
namespace {

constexpr std::uint32_t kMaxBindingIndex = 30;  // Metal's argument tables have 31 entries

std::string_view slot_name(BindingKind kind) {
  return kind == BindingKind::kThreadgroup ? "threadgroup" : "buffer";
}

class ParameterReader {
 public:
  // `may_depend`: an index without a value is one that template arguments will decide.
  ParameterReader(const Syntax& syntax,
                  const ConstantEvaluator& constants,
                  const std::string& scope,
                  const TemplateArguments& arguments,
                  bool may_depend)
      : syntax_(syntax),
        constants_(constants),
        scope_(scope),
        arguments_(arguments),
        may_depend_(may_depend) {}

  bool is_dependent() const { return is_dependent_; }

  std::vector<Parameter> run(TokenRange range) {
    std::vector<Parameter> parameters;
    if (range.last == range.first + 1 && syntax_.is(range.first, "void")) {
      return parameters;
    }
    for (const TokenRange part : syntax_.split(range)) {
      parameters.push_back(read(part));
    }
    number_free_slots(parameters);
    return parameters;
  }

 private:
  Parameter read(TokenRange range) {
    const std::size_t specifiers_end = syntax_.skip_specifiers(range.first, range.last);
    const Declarator declarator = syntax_.declarator(specifiers_end, range.last);
    const TokenRange specifiers{range.first, specifiers_end};

    Parameter parameter;
    parameter.location = syntax_.location(declarator.name != kNone ? declarator.name : range.first);
    if (declarator.name != kNone) {
      parameter.name = syntax_[declarator.name];
    }
    const std::size_t name = declarator.name != kNone ? declarator.name : declarator.end;
    parameter.type = syntax_.join({range.first, name}, address_spaces()) +
                     syntax_.join({std::min(name + 1, declarator.end), declarator.end});
    const bool is_array = !declarator.suffix.empty();
    parameter.kind = declarator.kind == ParameterKind::kValue && is_array ? ParameterKind::kPointer
                                                                          : declarator.kind;
    read_space(target(specifiers, declarator), parameter);
    read_attributes_of(range, parameter);
    if (declarator.end != range.last) {
      fail(parameter,
           fmt::format("'{}' is not expected in a kernel's parameter", syntax_[declarator.end]));
    }
    check(parameter);
    return parameter;
  }

  // What says where the parameter's own target lies: `device` in `constant T* device* p`.
  TokenRange target(TokenRange specifiers, const Declarator& declarator) const {
    const auto [first, last] = declarator.prefix;
    TokenRange result = specifiers;
    bool is_later = false;
    for (std::size_t i = first; i < last; ++i) {
      if (syntax_.is(i, "*") || syntax_.is(i, "&")) {
        result = is_later ? TokenRange{result.last + 1, i} : TokenRange{specifiers.first, i};
        is_later = true;
      }
    }
    return result;
  }

  void read_space(TokenRange specifiers, Parameter& parameter) const {
    parameter.is_const = syntax_.contains(specifiers, "const");
    if (syntax_.contains(specifiers, "device")) {
      parameter.space = AddressSpace::kDevice;
    } else if (syntax_.contains(specifiers, "constant")) {
      parameter.space = AddressSpace::kConstant;
      parameter.is_const = true;
    }
    // The word is also an attribute's name, so only what stands outside of brackets counts.
    for (std::size_t i = specifiers.first; i < specifiers.last;
         i = syntax_.skip_element(i, specifiers.last)) {
      if (syntax_.is(i, "threadgroup")) {
        parameter.space = AddressSpace::kThreadgroup;
      }
    }
  }

  void read_attributes_of(TokenRange range, Parameter& parameter) {
    const std::vector<Attribute> attributes = read_attributes(syntax_, range);
    if (const Attribute* constant = find_attribute(attributes, "function_constant")) {
      parameter.function_constant = syntax_.join(constant->arguments);
    }
    bool bound = false;
    for (const Attribute& attribute : attributes) {
      if (attribute.name == "function_constant" || is_cpp_attribute(attribute.name)) {
        continue;
      }
      if (attribute.name == "texture" || attribute.name == "sampler" ||
          attribute.name == "stage_in") {
        fail(parameter,
             fmt::format("{} arguments are not supported: {}", attribute.name, parameter.name),
             "pass the data in a buffer");
      }
      const bool is_slot = attribute.name == "buffer" || attribute.name == "threadgroup";
      if (!is_slot && !is_builtin(attribute.name)) {
        fail(parameter,
             fmt::format("the attribute '{}' is not supported on a kernel's parameter: {}",
                         attribute.name,
                         parameter.name));
      }
      if (bound) {
        fail(parameter, fmt::format("'{}' is bound twice", parameter.name));
      }
      bound = true;
      if (is_slot) {
        bind_slot(attribute, parameter);
      } else {
        parameter.binding = {BindingKind::kBuiltin, 0, attribute.name};
      }
    }
    if (!bound) {
      bind_without_attribute(parameter);
    }
  }

  void bind_slot(const Attribute& attribute, Parameter& parameter) {
    const BindingKind kind =
        attribute.name == "buffer" ? BindingKind::kBuffer : BindingKind::kThreadgroup;
    const auto index = find_number(syntax_, attribute, constants_, scope_, arguments_);
    if (!index && !may_depend_) {
      fail_without_number(syntax_, attribute);
    }
    parameter.binding = {kind, index.value_or(kUnnumbered), {}};
    if (!index) {
      is_dependent_ = true;
      return;
    }
    if (parameter.binding.index > kMaxBindingIndex) {
      fail(parameter,
           fmt::format("{} index {} is beyond the limit of {}",
                       attribute.name,
                       parameter.binding.index,
                       kMaxBindingIndex));
    }
    const bool is_new = taken_[slot(kind)].insert(parameter.binding.index).second;
    // Alternatives that function constants choose from may share an index.
    if (!is_new && parameter.function_constant.empty()) {
      fail(parameter,
           fmt::format("{} index {} is used twice", attribute.name, parameter.binding.index));
    }
  }

  void bind_without_attribute(Parameter& parameter) {
    if (parameter.kind == ParameterKind::kValue) {
      fail(parameter,
           fmt::format("'{}' of type '{}' has no attribute", parameter.name, parameter.type),
           "give it [[thread_position_in_grid]] or another built-in, or pass it as constant T&");
    }
    parameter.binding.kind = parameter.space == AddressSpace::kThreadgroup
                                 ? BindingKind::kThreadgroup
                                 : BindingKind::kBuffer;
    parameter.binding.index = kUnnumbered;
  }

  void number_free_slots(std::vector<Parameter>& parameters) {
    for (Parameter& parameter : parameters) {
      Binding& binding = parameter.binding;
      if (binding.kind == BindingKind::kBuiltin || binding.index != kUnnumbered) {
        continue;
      }
      std::set<std::uint32_t>& taken = taken_[slot(binding.kind)];
      binding.index = 0;
      while (!taken.insert(binding.index).second) {
        ++binding.index;
      }
      if (binding.index > kMaxBindingIndex) {
        fail(parameter,
             fmt::format("there is no free {} index left for '{}'; the limit is {}",
                         slot_name(binding.kind),
                         parameter.name,
                         kMaxBindingIndex));
      }
    }
  }

  void check(const Parameter& parameter) const {
    if (parameter.binding.kind == BindingKind::kBuiltin) {
      if (parameter.kind != ParameterKind::kValue) {
        fail(parameter,
             fmt::format(
                 "'{}' must be taken by value: {}", parameter.binding.builtin, parameter.name));
      }
      return;
    }
    if (parameter.kind == ParameterKind::kValue) {
      fail(parameter,
           fmt::format("'{}' is bound to memory but is neither pointer nor reference",
                       parameter.name),
           fmt::format("write constant {}& {}", parameter.type, parameter.name));
    }
    const bool is_threadgroup = parameter.space == AddressSpace::kThreadgroup;
    if (parameter.space == AddressSpace::kNone ||
        is_threadgroup != (parameter.binding.kind == BindingKind::kThreadgroup)) {
      fail(parameter,
           fmt::format("'{}' is not in the address space that [[{}]] needs",
                       parameter.name,
                       slot_name(parameter.binding.kind)),
           is_threadgroup ? "bind it with [[threadgroup(n)]]"
                          : "write device, constant or threadgroup");
    }
  }

  static std::size_t slot(BindingKind kind) { return kind == BindingKind::kThreadgroup ? 1 : 0; }

  [[noreturn]] static void fail(const Parameter& parameter,
                                std::string problem,
                                std::string remedy = {}) {
    throw compile_error(parameter.location, std::move(problem), std::move(remedy));
  }

  static constexpr std::uint32_t kUnnumbered = ~0U;

  const Syntax& syntax_;
  const ConstantEvaluator& constants_;
  const std::string& scope_;
  const TemplateArguments& arguments_;
  const bool may_depend_;
  bool is_dependent_ = false;
  std::set<std::uint32_t> taken_[2];  // buffer, threadgroup
};

}  // namespace

bool has_kernel_word(const Syntax& syntax, TokenRange range) {
  for (std::size_t i = range.first; i < range.last; i = syntax.skip_element(i, range.last)) {
    if (syntax.is(i, "kernel")) {
      return true;
    }
  }
  return false;
}

KernelFunction read_kernel_function(const Syntax& syntax,
                                    const Declaration& declaration,
                                    const ConstantEvaluator& constants,
                                    const TemplateArguments& arguments,
                                    std::size_t& ordinal) {
  KernelFunction function;
  function.name = declaration.qualified;
  // `template <>` heads an explicit specialisation, which is a function.
  function.is_template = declaration.header.last > declaration.header.first + 3;
  function.tokens = declaration.tokens;
  function.location = syntax.location(declaration.name_token);
  if (!syntax.contains(declaration.specifiers, "void")) {
    throw compile_error(function.location,
                        fmt::format("the kernel '{}' does not return void", function.name));
  }
  const std::vector<Attribute> attributes = read_attributes(syntax, declaration.specifiers);
  if (const Attribute* limit = find_attribute(attributes, "max_total_threads_per_threadgroup")) {
    function.max_total_threads_per_threadgroup = limit->arguments;
  }
  const bool may_depend = function.is_template && arguments.empty();
  ParameterReader reader(syntax, constants, declaration.scope, arguments, may_depend);
  function.parameters = reader.run(declaration.parameters);
  function.is_dependent = reader.is_dependent();
  function.threadgroup = read_threadgroup_variables(syntax, declaration.body, ordinal);
  return function;
}

}  // namespace ingot::msl
