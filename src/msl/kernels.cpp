#include "msl/kernels.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <optional>
#include <utility>

#include "msl/kernel_function.hpp"

namespace ingot::msl {
namespace {

// What an explicit instantiation of a kernel says:
//   template [[host_name("x")]] [[kernel]] void f<float, 4>(...);
//   template [[host_name("x")]] [[kernel]] decltype(f<float, 4>) f<float, 4>;
//   template [[host_name("x")]] kernel f_type f<float, 4>;
struct Instantiation {
  std::vector<Attribute> attributes;
  bool is_kernel = false;
  std::string function;  // as written, without its template arguments
  std::size_t name_token = 0;
  TokenRange arguments;  // with `<` and `>`; empty where the parameters tell
  std::optional<TokenRange> parameters;
};

Instantiation read_instantiation(const Syntax& syntax, const Declaration& declaration) {
  const std::size_t end = declaration.tokens.last - 1;
  std::size_t i = declaration.specifiers.first;
  i += syntax.is(i, "extern") ? 2 : 1;
  const std::size_t first = i;
  i = syntax.skip_specifiers(i, end);
  Instantiation result;
  result.attributes = read_attributes(syntax, {first, i});
  result.is_kernel = find_attribute(result.attributes, "kernel") != nullptr ||
                     find_attribute(result.attributes, "host_name") != nullptr ||
                     has_kernel_word(syntax, {first, i});
  result.name_token = i;
  while (i < end && (syntax.is_identifier(i) || syntax.is(i, "::"))) {
    result.function += syntax[i++];
  }
  if (syntax.is(i, "<") && syntax.skip_angles(i, end) != kNone) {
    result.arguments = {i, syntax.skip_angles(i, end)};
    i = result.arguments.last;
  }
  if (syntax.is(i, "(")) {
    result.parameters = {i + 1, syntax.match(i)};
  }
  return result;
}

// Looks a name up as C++ does, from the innermost scope outwards.
template <typename Match>
auto look_up(std::string scope, std::string_view name, Match match) -> decltype(match(scope)) {
  while (!scope.empty()) {
    if (auto found = match(fmt::format("{}::{}", scope, name))) {
      return found;
    }
    const std::size_t cut = scope.rfind("::");
    scope.erase(cut == std::string::npos ? 0 : cut);
  }
  return match(std::string(name.substr(name.starts_with("::") ? 2 : 0)));
}

// What stands between `<` at `angle` and its `>`.
std::vector<TokenRange> template_list(const Syntax& syntax, std::size_t angle, std::size_t end) {
  const std::size_t after = angle < end ? syntax.skip_angles(angle, end) : kNone;
  return after == kNone ? std::vector<TokenRange>() : syntax.split({angle + 1, after - 1});
}

// The template parameters of `header` and what `arguments`, or their defaults, give them.
TemplateArguments bind_arguments(const Syntax& syntax, TokenRange header, TokenRange arguments) {
  const std::vector<TokenRange> given = template_list(syntax, arguments.first, arguments.last);
  TemplateArguments bound;
  std::size_t index = 0;
  for (const TokenRange parameter : template_list(syntax, header.first + 1, header.last)) {
    std::size_t name = kNone;
    std::size_t i = parameter.first;
    for (; i < parameter.last && !syntax.is(i, "="); i = syntax.skip_element(i, parameter.last)) {
      name = syntax.is_identifier(i) ? i : name;
    }
    if (name != kNone && index < given.size()) {
      bound[syntax[name]] = {given[index], false};
    } else if (name != kNone && i < parameter.last) {
      bound[syntax[name]] = {{i + 1, parameter.last}, true};
    }
    ++index;
  }
  return bound;
}

// Whether a template can have so many arguments. `template <>` has them already.
bool takes(const Syntax& syntax, TokenRange header, TokenRange arguments) {
  const std::vector<TokenRange> parameters = template_list(syntax, header.first + 1, header.last);
  if (arguments.empty() || parameters.empty()) {
    return true;
  }
  std::size_t required = 0;
  bool is_variadic = false;
  for (const TokenRange parameter : parameters) {
    is_variadic = is_variadic || syntax.contains(parameter, "...");
    required += syntax.contains(parameter, "=") ? 0 : 1;
  }
  const std::size_t given = template_list(syntax, arguments.first, arguments.last).size();
  return is_variadic || (given >= required && given <= parameters.size());
}

// The types of a function's parameters, template parameters replaced by what they stand for.
std::vector<std::string> types_of(const Syntax& syntax,
                                  TokenRange parameters,
                                  const TemplateArguments& bound) {
  std::vector<std::string> types;
  for (const TokenRange part : syntax.split(parameters)) {
    const Declarator declarator =
        syntax.declarator(syntax.skip_specifiers(part.first, part.last), part.last);
    std::string type;
    for (std::size_t i = part.first; i < declarator.end; ++i) {
      const auto argument = bound.find(syntax[i]);
      if (syntax.is_attribute_list(i)) {
        i = syntax.match(i);
      } else if (syntax.is(i, "constant")) {
        type += "const ";
      } else if (argument != bound.end()) {
        type += syntax.join(argument->second.tokens) + " ";
      } else if (i != declarator.name && !is_address_space(syntax[i])) {
        type += std::string(syntax[i]) + " ";
      }
    }
    types.push_back(std::move(type));
  }
  return types;
}

}  // namespace

KernelReader::KernelReader(Module& module, const Syntax& syntax, const ConstantEvaluator& constants)
    : module_(module), syntax_(syntax), constants_(constants) {
  for (const Declaration& declaration : module.declarations) {
    if (declaration.kind == DeclarationKind::kVariable) {
      variables_.emplace(declaration.qualified, &declaration);
    }
  }
}

void KernelReader::add_definition(const Declaration& declaration,
                                  const std::vector<Attribute>& attributes) {
  const KernelFunction& function = add_function(declaration, {});
  // An explicit specialisation has the arguments behind its name: f<float>.
  const std::string arguments =
      syntax_.join({declaration.name_token + 1, declaration.parameters.first - 1});
  const std::size_t index = module_.functions.size() - 1;
  functions_[function.name + arguments].push_back(index);
  const Attribute* host_name = find_attribute(attributes, "host_name");
  if (function.is_template && host_name != nullptr) {
    throw compile_error(function.location,
                        "host_name stands on a template, not on an instantiation of it");
  }
  const bool is_entry = !function.is_template && (arguments.empty() || host_name != nullptr);
  if (is_entry) {
    const std::string name =
        host_name != nullptr ? string_argument(syntax_, *host_name) : function.name;
    add_kernel(name, arguments, declaration.scope, index, {});
    module_.kernels.back().location = function.location;
  }
}

const KernelFunction& KernelReader::add_function(const Declaration& declaration,
                                                 const TemplateArguments& arguments) {
  KernelFunction function =
      read_kernel_function(syntax_, declaration, constants_, arguments, ordinal_);
  for (Parameter& parameter : function.parameters) {
    if (parameter.function_constant.empty()) {
      continue;
    }
    const Declaration* constant =
        look_up(declaration.scope, parameter.function_constant, [&](const std::string& name) {
          const auto found = variables_.find(name);
          return found != variables_.end() ? found->second : nullptr;
        });
    if (constant == nullptr) {
      throw compile_error(parameter.location,
                          fmt::format("there is no function constant '{}' to enable '{}'",
                                      parameter.function_constant,
                                      parameter.name));
    }
    parameter.function_constant = constant->qualified;
  }
  declarations_.push_back(&declaration);
  return module_.functions.emplace_back(std::move(function));
}

void KernelReader::add_kernel(const std::string& name,
                              const std::string& arguments,
                              const std::string& scope,
                              std::size_t index,
                              const TemplateArguments& bound) {
  const KernelFunction& function = module_.functions[index];
  Kernel kernel;
  kernel.name = name;
  kernel.callable = function.name + arguments;
  kernel.scope = scope;
  kernel.function = index;
  kernel.max_total_threads_per_threadgroup =
      number_or_text(function.max_total_threads_per_threadgroup, scope, bound);
  module_.kernels.push_back(std::move(kernel));
}

std::string KernelReader::number_or_text(TokenRange expression,
                                         const std::string& scope,
                                         const TemplateArguments& bound) const {
  const auto value = constants_.evaluate(expression, scope, bound);
  return value ? std::to_string(*value) : syntax_.join(expression);
}

bool KernelReader::add_instantiation(const Declaration& declaration) {
  const Instantiation instantiation = read_instantiation(syntax_, declaration);
  if (!instantiation.is_kernel) {
    return false;
  }
  const Location location = syntax_.location(declaration.tokens.first);
  const Attribute* host_name = find_attribute(instantiation.attributes, "host_name");
  if (host_name == nullptr) {
    throw compile_error(location,
                        "the kernel's instantiation has no host_name",
                        "write template [[host_name(\"name\")]] [[kernel]] ...");
  }
  const std::string arguments = syntax_.join(instantiation.arguments);
  const std::vector<std::size_t>* overloads =
      look_up(declaration.scope, instantiation.function, [&](const std::string& name) {
        auto found = functions_.find(name + arguments);
        found = found != functions_.end() ? found : functions_.find(name);
        return found != functions_.end() ? &found->second : nullptr;
      });
  const Location name = syntax_.location(instantiation.name_token);
  if (overloads == nullptr) {
    throw compile_error(name,
                        fmt::format("there is no kernel template '{}'", instantiation.function));
  }
  std::vector<std::size_t> candidates = *overloads;
  std::erase_if(candidates, [&](std::size_t index) {
    return !takes(syntax_, declarations_[index]->header, instantiation.arguments);
  });
  std::string signature;
  if (candidates.size() != 1 || instantiation.arguments.empty()) {
    if (candidates.empty() || !instantiation.parameters) {
      throw compile_error(
          name,
          fmt::format("which kernel template '{}' is meant is not clear", instantiation.function),
          "write f<float>(device float* p, ...) behind the return type");
    }
    candidates = {choose(candidates, instantiation.arguments, *instantiation.parameters, name)};
    signature =
        fmt::format("{}", fmt::join(types_of(syntax_, *instantiation.parameters, {}), ", "));
  }
  std::size_t index = candidates.front();
  const Declaration& definition = *declarations_[index];
  const TemplateArguments bound =
      bind_arguments(syntax_, definition.header, instantiation.arguments);
  if (module_.functions[index].is_dependent) {
    std::vector<ThreadgroupDeclaration> variables = module_.functions[index].threadgroup;
    add_function(definition, bound);
    index = module_.functions.size() - 1;
    module_.functions[index].threadgroup = std::move(variables);  // they are the template's
  }
  add_kernel(string_argument(syntax_, *host_name), arguments, declaration.scope, index, bound);
  Kernel& kernel = module_.kernels.back();
  kernel.signature = std::move(signature);
  kernel.location = name;
  if (const Attribute* limit =
          find_attribute(instantiation.attributes, "max_total_threads_per_threadgroup")) {
    kernel.max_total_threads_per_threadgroup =
        number_or_text(limit->arguments, declaration.scope, bound);
  }
  return true;
}

// The overload whose parameters are those of the instantiation.
std::size_t KernelReader::choose(const std::vector<std::size_t>& overloads,
                                 TokenRange arguments,
                                 TokenRange parameters,
                                 const Location& location) const {
  const std::vector<std::string> wanted = types_of(syntax_, parameters, {});
  std::vector<std::size_t> of_size;
  std::vector<std::size_t> equal;
  for (const std::size_t index : overloads) {
    const Declaration& definition = *declarations_[index];
    const std::vector<std::string> types = types_of(
        syntax_, definition.parameters, bind_arguments(syntax_, definition.header, arguments));
    if (types.size() == wanted.size()) {
      of_size.push_back(index);
    }
    if (types == wanted) {
      equal.push_back(index);
    }
  }
  const std::vector<std::size_t>& chosen = of_size.size() == 1 ? of_size : equal;
  if (chosen.size() != 1) {
    throw compile_error(location,
                        fmt::format("which of the kernel templates '{}' is meant is not clear",
                                    module_.functions[overloads.front()].name),
                        "give each of them a name of its own");
  }
  return chosen.front();
}

}  // namespace ingot::msl
