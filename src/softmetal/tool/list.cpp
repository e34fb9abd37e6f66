// The command `list`.
#include <algorithm>
#include <fnmatch.h>
#include <map>
#include <memory>
#include <optional>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "msl/analysis.hpp"
#include "program/terminal.hpp"
#include "softmetal/source.hpp"
#include "softmetal/tool/commands.hpp"
#include "softmetal/tool/reporter.hpp"
#include "softmetal/tool/source_arguments.hpp"

namespace softmetal::tool {
namespace msl = ingot::msl;
using ingot::cli::Json;
using ingot::cli::Table;
namespace {

struct Arguments {
  std::string file, filter;
  SourceArguments source;
  bool compile = false;
};

// What the compiler knows of a kernel, or why it does not.
struct Compiled {
  std::optional<Executable> executable;
  std::string problem;
};

struct Listed {
  const msl::Kernel* kernel;
  const msl::KernelFunction* function;
  std::vector<const msl::FunctionConstant*> constants;  // those that need a value
  std::unique_ptr<Compiled> compiled;                   // nullptr: not asked for
};

// A pattern with * and ?, or a part of the name.
bool matches(const std::string& name, const std::string& filter) {
  return filter.find_first_of("*?[") == std::string::npos
             ? name.find(filter) != std::string::npos
             : fnmatch(filter.c_str(), name.c_str(), 0) == 0;
}

std::unique_ptr<Compiled> compile(const Program& program, const Listed& listed) {
  auto compiled = std::make_unique<Compiled>();
  if (!listed.constants.empty()) {
    compiled->problem = "needs function constants";
    return compiled;
  }
  try {
    compiled->executable.emplace(program.specialise(listed.kernel->name, {}), Build());
  } catch (const ingot::Error& error) {
    if (error.code() != ingot::ErrorCode::kCompile) {
      throw;
    }
    compiled->problem = "does not compile: see 'check'";
  }
  return compiled;
}

std::vector<Listed> find_kernels(const Program& program, const Arguments& arguments) {
  const msl::Module& module = program.module();
  // The instantiations of a template share its body, and so the constants that it needs.
  std::map<std::size_t, std::vector<const msl::FunctionConstant*>> constants;
  std::vector<Listed> found;
  for (const msl::Kernel& kernel : module.kernels) {
    if (!matches(kernel.name, arguments.filter)) {
      continue;
    }
    if (!constants.contains(kernel.function)) {
      constants[kernel.function] = msl::required_constants(module, kernel);
    }
    found.push_back({&kernel, &module.function(kernel), constants[kernel.function], nullptr});
  }
  ingot::cli::ProgressBar progress;
  for (std::size_t i = 0; arguments.compile && i < found.size(); ++i) {
    progress.show(static_cast<double>(i) / static_cast<double>(found.size()),
                  found[i].kernel->name);
    found[i].compiled = compile(program, found[i]);
  }
  return found;
}

std::string_view space_of(const msl::Parameter& parameter) {
  switch (parameter.space) {
    case msl::AddressSpace::kDevice:
      return "device";
    case msl::AddressSpace::kConstant:
      return "constant";
    case msl::AddressSpace::kThreadgroup:
      return "threadgroup";
    case msl::AddressSpace::kNone:
      break;
  }
  return "";
}

std::string_view kind_of(const msl::Parameter& parameter) {
  switch (parameter.binding.kind) {
    case msl::BindingKind::kBuffer:
      return "buffer";
    case msl::BindingKind::kThreadgroup:
      return "threadgroup";
    case msl::BindingKind::kBuiltin:
      break;
  }
  return "builtin";
}

// What the compiler says of parameter `i`, where it has been asked.
const ParameterType* compiled_type(const Listed& listed, std::size_t i) {
  return listed.compiled && listed.compiled->executable
             ? &listed.compiled->executable->entry().parameters[i]
             : nullptr;
}

Json json_of_argument(const Listed& listed, std::size_t i) {
  const msl::Parameter& parameter = listed.function->parameters[i];
  Json json = {{"name", parameter.name}, {"kind", kind_of(parameter)}, {"type", parameter.type}};
  if (parameter.binding.kind == msl::BindingKind::kBuiltin) {
    json["builtin"] = parameter.binding.builtin;
    return json;
  }
  json["index"] = parameter.binding.index;
  json["address_space"] = space_of(parameter);
  json["read_only"] = parameter.is_const;
  if (!parameter.function_constant.empty()) {
    json["function_constant"] = parameter.function_constant;
  }
  if (const ParameterType* type = compiled_type(listed, i)) {
    json["bytes"] = type->size;
    json["alignment"] = type->alignment;
  }
  return json;
}

// The limit as the source says it: it may name template parameters.
Json max_threads_of(const msl::Kernel& kernel) {
  const std::string& limit = kernel.max_total_threads_per_threadgroup;
  const bool is_number = !limit.empty() && std::ranges::all_of(limit, [](unsigned char c) {
    return std::isdigit(c) != 0;
  });
  return limit.empty() ? Json(kMaxThreads) : is_number ? Json(std::stoul(limit)) : Json(limit);
}

Json json_of(const Listed& listed) {
  Json arguments = Json::array();
  for (std::size_t i = 0; i < listed.function->parameters.size(); ++i) {
    arguments.push_back(json_of_argument(listed, i));
  }
  Json constants = Json::array();
  for (const msl::FunctionConstant* constant : listed.constants) {
    constants.push_back(constant->name);
  }
  Json json = {{"name", listed.kernel->name},
               {"function", listed.kernel->callable},
               {"file", listed.kernel->location.file},
               {"line", listed.kernel->location.line},
               {"column", listed.kernel->location.column},
               {"max_threads_per_threadgroup", max_threads_of(*listed.kernel)},
               {"arguments", arguments},
               {"required_constants", constants}};
  if (listed.compiled) {
    const auto& executable = listed.compiled->executable;
    json["threadgroup_bytes"] = executable ? Json(executable->layout().used_bytes()) : Json();
  }
  return json;
}

// Whether one of the kernels cannot be made without a value for it.
bool is_required(const msl::FunctionConstant& constant, const std::vector<Listed>& kernels) {
  return std::ranges::any_of(kernels, [&](const Listed& listed) {
    return std::ranges::find(listed.constants, &constant) != listed.constants.end();
  });
}

Json json_of(const msl::Module& module, const std::vector<Listed>& kernels) {
  Json list = Json::array();
  for (const Listed& listed : kernels) {
    list.push_back(json_of(listed));
  }
  Json constants = Json::array();
  for (const msl::FunctionConstant& constant : module.constants) {
    constants.push_back({{"name", constant.name},
                         {"index", constant.index},
                         {"type", constant.type},
                         {"required", is_required(constant, kernels)}});
  }
  return {{"kernels", list}, {"function_constants", constants}};
}

std::string access_of(const msl::Parameter& parameter) {
  std::string text(space_of(parameter));
  if (parameter.is_const && parameter.space == msl::AddressSpace::kDevice) {
    text += ", read-only";
  }
  return parameter.function_constant.empty() ? text : text + ", if " + parameter.function_constant;
}

void print_kernel(const Listed& listed) {
  const Json limit = max_threads_of(*listed.kernel);
  fmt::print("{}  {}\n",
             ingot::cli::strong(listed.kernel->name),
             ingot::cli::faint(msl::to_string(listed.kernel->location)));
  Table table({"", ">", "", "", "", ">", ""});
  for (std::size_t i = 0; i < listed.function->parameters.size(); ++i) {
    const msl::Parameter& parameter = listed.function->parameters[i];
    const bool is_builtin = parameter.binding.kind == msl::BindingKind::kBuiltin;
    const ParameterType* type = is_builtin ? nullptr : compiled_type(listed, i);
    table.add({std::string(kind_of(parameter)),
               is_builtin ? "" : fmt::to_string(parameter.binding.index),
               parameter.name,
               parameter.type,
               is_builtin ? parameter.binding.builtin : access_of(parameter),
               type != nullptr ? ingot::cli::human_bytes(static_cast<double>(type->size)) : ""});
  }
  fmt::print("{}", table.text());
  for (const auto& declaration : listed.function->threadgroup) {
    for (const auto& variable : declaration.variables) {
      fmt::print("  threadgroup {} {}{}\n", variable.type, variable.name, variable.suffix);
    }
  }
  fmt::print("  at most {} threads in a threadgroup",
             limit.is_string() ? limit.get<std::string>() : limit.dump());
  if (listed.compiled) {
    const auto& [executable, problem] = *listed.compiled;
    fmt::print(", {}",
               executable ? fmt::format("{} bytes of threadgroup memory",
                                        executable->layout().used_bytes())
                          : problem);
  }
  fmt::print("\n");
  for (const msl::FunctionConstant* constant : listed.constants) {
    fmt::print("  needs the function constant {}\n", constant->name);
  }
}

void print_names(const std::vector<Listed>& kernels) {
  Table table({"kernel", ">buffers", ">threads", "function"});
  for (const Listed& listed : kernels) {
    const auto& parameters = listed.function->parameters;
    const auto buffers = std::ranges::count_if(parameters, [](const msl::Parameter& parameter) {
      return parameter.binding.kind == msl::BindingKind::kBuffer;
    });
    const Json limit = max_threads_of(*listed.kernel);
    table.add({listed.kernel->name,
               fmt::to_string(buffers),
               limit.is_string() ? limit.get<std::string>() : limit.dump(),
               listed.kernel->callable});
  }
  fmt::print(
      "{}\n{} kernels; --filter NAME shows the arguments of a few\n", table.text(), kernels.size());
}

void print_text(const msl::Module& module, const std::vector<Listed>& kernels) {
  constexpr std::size_t kMostWithArguments = 12;
  if (kernels.size() > kMostWithArguments) {
    print_names(kernels);
  } else {
    for (const Listed& listed : kernels) {
      print_kernel(listed);
      fmt::print("\n");
    }
  }
  Table constants({"function constant", ">index", "type", ""});
  for (const msl::FunctionConstant& constant : module.constants) {
    constants.add({constant.name,
                   fmt::to_string(constant.index),
                   constant.type,
                   is_required(constant, kernels) ? "required" : "optional"});
  }
  fmt::print("{}", constants.text());
}

void list(const Arguments& arguments, bool json) {
  const Program program = read_program(read_source(arguments.file, arguments.source));
  const std::vector<Listed> kernels = find_kernels(program, arguments);
  if (kernels.empty()) {
    throw ingot::Error(ingot::ErrorCode::kNotFound,
                       arguments.file,
                       arguments.filter.empty()
                           ? "has no kernels"
                           : fmt::format("has no kernel like '{}'", arguments.filter),
                       program.module().kernels.empty() ? "" : "list all without --filter");
  }
  if (json) {
    ingot::cli::print_json(json_of(program.module(), kernels));
  } else {
    print_text(program.module(), kernels);
  }
}

}  // namespace

void add_list(CLI::App& parent, ingot::cli::Common& common) {
  const std::string program = ingot::cli::path_of(parent);
  const auto arguments = std::make_shared<Arguments>();
  const ingot::cli::Help help = {
      "List the kernels of a source, with their arguments and limits",
      {"--filter takes a part of the name, or a pattern with * and ?. --compile compiles the\n"
       "kernels listed and adds what the compiler knows: bytes of threadgroup memory, sizes of "
       "types."},
      {program + " list softmax.metal",
       program + " list softmax.metal --filter 'softmax_*_f16' --compile",
       program + " list softmax.metal --json"}};
  CLI::App& command = ingot::cli::add_command(parent, "list", help, common);
  command.add_option("file", arguments->file, "Metal source")->required()->type_name("FILE");
  command.add_option("--filter", arguments->filter, "Only kernels with this in their name")
      ->type_name("NAME");
  command.add_flag("--compile", arguments->compile, "Add sizes, which takes longer");
  add_source_options(command, arguments->source);
  command.callback([arguments, &common] {
    report_compile_errors(common.json, arguments->file, [&] { list(*arguments, common.json); });
  });
}

}  // namespace softmetal::tool
