#include "msl/cuda_emitter.hpp"

#include <cctype>
#include <cstddef>
#include <fmt/format.h>

#include "msl/cpp_emitter.hpp"
#include "msl/loop_hints.hpp"
#include "msl/source.hpp"
#include "msl/swizzles.hpp"

namespace ingot::msl {
namespace {

// A host_name may be any string.
std::string entry_name(const Kernel& kernel) {
  std::string name = kernel.name + "_entry";
  for (char& c : name) {
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? c : '_';
  }
  return std::isdigit(static_cast<unsigned char>(name.front())) != 0 ? "_" + name : name;
}

class CudaEmitter final : public CppEmitter {
 public:
  CudaEmitter(const Translation& request, const std::set<std::uint32_t>& in_memory)
      : CppEmitter(request), in_memory_(in_memory) {}

  CudaTranslation run() {
    CudaTranslation result;
    result.text = fmt::format("#include <metal_stdlib>\n#include \"softmetal/launch.h\"\n{}{}\n",
                              line_marker(1, module_.lexed.files.front()),
                              cuda_loop_hints(text()));
    if (request_.kernel != nullptr) {
      result.entry = entry_name(*request_.kernel);
      result.text += entry(*request_.kernel, result.entry);
      for (const Parameter& parameter : module_.function(*request_.kernel).parameters) {
        if (parameter.binding.kind == BindingKind::kBuffer) {
          result.parameters.push_back({parameter.binding.index, is_by_value(parameter)});
        }
      }
    }
    return result;
  }

 private:
  std::string threadgroup_variables(const ThreadgroupDeclaration& declaration) const override {
    std::string text;
    for (const ThreadgroupVariable& variable : declaration.variables) {
      text += fmt::format("{}__shared__ {} {}{};",
                          text.empty() ? "" : " ",
                          variable.type,
                          variable.name,
                          variable.suffix);
    }
    return text;
  }

  void rewrite_swizzles(Edits& edits) const override {
    for (const Swizzle& swizzle : all_swizzles(module_, syntax_)) {
      edits.replace(
          swizzle.token,
          fmt::format("{}_{}()", swizzle.is_assigned ? "ref" : "get", swizzle.components));
    }
  }

  // The function that the host launches: finds its arguments and the thread's place, and calls the
  // kernel.
  std::string entry(const Kernel& kernel, const std::string& name) const {
    const KernelFunction& function = module_.function(kernel);
    std::string text;
    // Template arguments were written inside of the kernel's namespace.
    if (!kernel.scope.empty()) {
      text += fmt::format("using namespace ::{};\n", kernel.scope);
    }
    // What is wrong with an instantiation is said of the line that asks for it.
    text += line_marker(kernel.location.line, kernel.location.file);
    const std::string callable = callable_of(module_, kernel);
    const std::string bounds =
        kernel.max_total_threads_per_threadgroup.empty()
            ? ""
            : fmt::format("__launch_bounds__({}) ", kernel.max_total_threads_per_threadgroup);
    text += fmt::format("using {}_function = decltype(&{});\n", name, callable);
    std::string parameters = "const __grid_constant__ softmetal::Launch launch";
    std::string arguments;
    for (std::size_t i = 0; i < function.parameters.size(); ++i) {
      const Parameter& parameter = function.parameters[i];
      const bool by_value = is_by_value(parameter);
      if (parameter.binding.kind == BindingKind::kBuffer) {
        parameters +=
            fmt::format(",\n    const __grid_constant__ softmetal::{}<{}_function, {}> {}",
                        by_value ? "Value" : "Address",
                        name,
                        i,
                        argument_name(i));
      }
      arguments += fmt::format("{}\n      {}", i == 0 ? "" : ",", argument(parameter, name, i));
    }
    return text + fmt::format(
                      "extern \"C\" __global__ {}void {}(\n    {}) {{\n"
                      "  const softmetal::Thread thread(launch);\n"
                      "  if (thread.is_outside()) {{\n    return;\n  }}\n"
                      "  {}({});\n}}\n",
                      bounds,
                      name,
                      parameters,
                      callable,
                      arguments);
  }

  bool is_by_value(const Parameter& parameter) const {
    return parameter.binding.kind == BindingKind::kBuffer &&
           parameter.space == AddressSpace::kConstant &&
           parameter.kind == ParameterKind::kReference &&
           !in_memory_.contains(parameter.binding.index);
  }

  // By place: a parameter may have no name, or one that the entry uses.
  static std::string argument_name(std::size_t i) { return fmt::format("argument{}", i); }

  std::string argument(const Parameter& parameter, const std::string& name, std::size_t i) const {
    std::string value;
    switch (parameter.binding.kind) {
      case BindingKind::kBuffer:
        value = argument_name(i);
        break;
      case BindingKind::kThreadgroup:
        value = fmt::format("softmetal::threadgroup_argument(launch, {})", parameter.binding.index);
        break;
      case BindingKind::kBuiltin:
        value = "thread." + parameter.binding.builtin + "()";
        break;
    }
    // The constant may be computed from others, so the compiler decides.
    const std::string enabled = parameter.function_constant.empty()
                                    ? "true"
                                    : "bool(::" + parameter.function_constant + ")";
    return fmt::format("softmetal::argument<{}_function, {}, {}>({})", name, i, enabled, value);
  }

  const std::set<std::uint32_t>& in_memory_;
};

}  // namespace

CudaTranslation emit_cuda(const Translation& request, const std::set<std::uint32_t>& in_memory) {
  return CudaEmitter(request, in_memory).run();
}

}  // namespace ingot::msl
