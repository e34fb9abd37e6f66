// The command `translate`.
#include <memory>

#include "fmt/format.h"

#include "core/output_file.hpp"
#include "msl/cuda_emitter.hpp"
#include "msl/host_emitter.hpp"
#include "softmetal/source.hpp"
#include "softmetal/tool/commands.hpp"
#include "softmetal/tool/reporter.hpp"
#include "softmetal/tool/source_arguments.hpp"
#include "softmetal/tool/values.hpp"

namespace softmetal::tool {
namespace {

struct Arguments {
  std::string file, target, kernel, output;
  std::vector<std::string> constants;
  SourceArguments source;
};

std::string translation(const Program& program, const Arguments& arguments) {
  const std::vector<Constant> constants = parse_constants(arguments.constants);
  ingot::msl::Translation request{.module = &program.module(), .kernel = nullptr, .constants = {}};
  if (!arguments.kernel.empty()) {
    request.kernel = &find_kernel(program, arguments.kernel);
    request.constants = literals(program, constants);
  }
  return arguments.target == "host" ? ingot::msl::emit_host(request)
                                    : ingot::msl::emit_cuda(request).text;
}

void translate(const Arguments& arguments, bool json) {
  if (arguments.target != "host" && arguments.target != "cuda") {
    throw ingot::cli::UsageError(
        "--to",
        fmt::format("'{}' is not a language that sources are translated to", arguments.target),
        "--to host, the C++ that softmetal compiles, or --to cuda");
  }
  if (arguments.kernel.empty() && !arguments.constants.empty()) {
    throw ingot::cli::UsageError(
        "--constant", "is for a kernel, and none is named", "--kernel NAME");
  }
  const Program program = read_program(read_source(arguments.file, arguments.source));
  const std::string text = translation(program, arguments);
  if (!arguments.output.empty()) {
    ingot::OutputFile file(arguments.output);
    file.write(text.data(), text.size());
    file.commit();
  }
  if (json) {
    ingot::cli::print_json(
        {{"file", arguments.file}, {"target", arguments.target}, {"text", text}});
  } else if (arguments.output.empty()) {
    fmt::print("{}", text);
  }
}

}  // namespace

void add_translate(CLI::App& parent, ingot::cli::Common& common) {
  const std::string program = ingot::cli::path_of(parent);
  const auto arguments = std::make_shared<Arguments>();
  const ingot::cli::Help help = {
      "Write a source as C++ for softmetal, or as CUDA C++",
      {"Every token keeps its line. With --kernel the text ends with that kernel's entry; without\n"
       "it, kernels are left as functions."},
      {program + " translate scan.metal --to host",
       program + " translate scan.metal --to host --kernel scan --constant n=u32:64 -o scan.cpp"}};
  CLI::App& command = ingot::cli::add_command(parent, "translate", help, common);
  command.add_option("file", arguments->file, "Metal source")->required()->type_name("FILE");
  command
      .add_option(
          "--to", arguments->target, "Language to write: host is the C++ that softmetal compiles")
      ->required()
      ->type_name("host|cuda");
  command.add_option("--kernel", arguments->kernel, "Kernel to write an entry for")
      ->type_name("NAME");
  ingot::cli::add_repeated(
      command, "--constant", arguments->constants, "Function constant, by index or name")
      ->type_name("INDEX=TYPE:VALUE");
  command.add_option("-o,--output", arguments->output, "File to write instead of standard output")
      ->type_name("FILE");
  add_source_options(command, arguments->source);
  command.callback([arguments, &common] {
    report_compile_errors(
        common.json, arguments->file, [&] { translate(*arguments, common.json); });
  });
}

}  // namespace softmetal::tool
