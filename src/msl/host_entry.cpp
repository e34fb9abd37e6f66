#include "msl/host_entry.hpp"

#include <cstddef>
#include <fmt/format.h>
#include <vector>

#include "msl/cpp_emitter.hpp"
#include "msl/source.hpp"

namespace ingot::msl {
namespace {

std::string binding(const Parameter& parameter) {
  std::string text;
  switch (parameter.binding.kind) {
    case BindingKind::kBuffer:
      text = fmt::format("::softmetal::Buffer<{}>", parameter.binding.index);
      break;
    case BindingKind::kThreadgroup:
      text = fmt::format("::softmetal::Threadgroup<{}>", parameter.binding.index);
      break;
    case BindingKind::kBuiltin:
      text = fmt::format("::softmetal::Builtin<::softmetal::BuiltinId::{}>",
                         parameter.binding.builtin);
      break;
  }
  if (parameter.function_constant.empty()) {
    return text;
  }
  // The constant may be computed from others, so the compiler decides.
  return fmt::format("::metal::conditional_t<bool(::{}), {}, ::softmetal::Disabled>",
                     parameter.function_constant,
                     text);
}

// What an argument encoder must know of the structs that the kernel's buffers hold.
std::string argument_members(const Module& module,
                             const Kernel& kernel,
                             const std::string& callable) {
  const std::vector<Parameter>& parameters = module.function(kernel).parameters;
  std::string list;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Parameter& parameter = parameters[i];
    const std::vector<ArgumentMember>* members = parameter.binding.kind == BindingKind::kBuffer
                                                     ? module.members(kernel, parameter)
                                                     : nullptr;
    if (members == nullptr) {
      continue;
    }
    for (const ArgumentMember& member : *members) {
      list += fmt::format("{}SOFTMETAL_MEMBER({}, {}, {}, {}, {})",
                          list.empty() ? "" : ", ",
                          callable,
                          i,
                          parameter.binding.index,
                          member.id ? std::to_string(*member.id) : "::softmetal::kNextArgument",
                          member.name);
    }
  }
  return list.empty() ? "" : fmt::format("SOFTMETAL_MEMBERS({})\n", list);
}

}  // namespace

std::string host_entry(const Module& module, const Kernel& kernel) {
  const std::string callable = callable_of(module, kernel);
  std::string text = "\n";
  // Template arguments were written inside of the kernel's namespace.
  if (!kernel.scope.empty()) {
    text += fmt::format("using namespace ::{};\n", kernel.scope);
  }
  // What is wrong with an instantiation is said of the line that asks for it.
  text += line_marker(kernel.location.line, kernel.location.file);
  text += argument_members(module, kernel, callable);
  text += fmt::format("SOFTMETAL_ENTRY({}", callable);
  for (const Parameter& parameter : module.function(kernel).parameters) {
    text += ", " + binding(parameter);
  }
  return text + ")\n";
}

}  // namespace ingot::msl
