// The command `check`.
#include <algorithm>
#include <atomic>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "msl/analysis.hpp"
#include "program/terminal.hpp"
#include "softmetal/source.hpp"
#include "softmetal/strict.hpp"
#include "softmetal/tool/commands.hpp"
#include "softmetal/tool/reporter.hpp"
#include "softmetal/tool/source_arguments.hpp"
#include "softmetal/tool/values.hpp"
#include "softmetal/toolchain.hpp"
#include "softmetal/uninitialised_uses.hpp"

namespace softmetal::tool {
using ingot::cli::Json;
namespace {

struct Arguments {
  std::vector<std::string> files, kernels, constants;
  std::string sarif;
  bool strict = false;
  unsigned jobs = std::max(1u, std::thread::hardware_concurrency());
  SourceArguments source;
};

// Calls `act` for 0 to count - 1 on so many threads; the first exception ends the work.
void for_each_parallel(std::size_t count,
                       unsigned jobs,
                       const std::function<void(std::size_t)>& act) {
  std::atomic<std::size_t> next = 0;
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        act(i);
      } catch (...) {
        const std::lock_guard lock(mutex);
        failure = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 1; i < std::min<std::size_t>(jobs, count); ++i) {
      threads.emplace_back(work);
    }
    work();
  }
  if (failure) {
    std::rethrow_exception(failure);
  }
}

class Checker {
 public:
  Checker(const Arguments& arguments, bool json)
      : arguments_(arguments),
        constants_(parse_constants(arguments.constants)),
        json_(json),
        reporter_(json, arguments.sarif) {}

  void run() {
    Options options = softmetal::options();
    options.strict = false;  // strict rules are looked at one by one
    const ScopedOptions scope(options);
    std::vector<Source> sources;  // all are read before the first is compiled
    for (const std::string& file : arguments_.files) {
      sources.push_back(read_source(file, arguments_.source));
    }
    for (const Source& source : sources) {
      std::optional<Program> program;
      if (reporter_.compiles(source.path, [&] { program.emplace(read_program(source)); })) {
        report(check_strict(program->module(), source.metal_version));
        check_kernels(source.path, *program);
      } else {
        report(find_problems(source.text, options_of(source)));  // the others, too
      }
    }
    for (const std::string& name : arguments_.kernels) {
      if (!found_.contains(name) && !reporter_.has_errors()) {
        throw ingot::cli::UsageError("--kernel", fmt::format("no file has a kernel '{}'", name));
      }
    }
    reporter_.sort();
    reporter_.finish();
    tell();
    if (reporter_.has_errors()) {
      throw ingot::cli::Failed();
    }
  }

 private:
  void report(const std::vector<Diagnostic>& diagnostics) {
    for (const Diagnostic& diagnostic : diagnostics) {
      reporter_.add(report_of(diagnostic, strict_));
    }
  }

  bool is_chosen(const std::string& name) {
    const auto& kernels = arguments_.kernels;
    return kernels.empty() || std::ranges::find(kernels, name) != kernels.end();
  }

  void check_kernels(const std::string& file, const Program& program) {
    std::vector<const ingot::msl::Kernel*> kernels;
    for (const ingot::msl::Kernel& kernel : program.module().kernels) {
      if (is_chosen(kernel.name)) {
        found_.insert(kernel.name);
        kernels.push_back(&kernel);
      }
    }
    ingot::cli::ProgressBar progress;
    std::mutex mutex;
    std::size_t done = 0;
    for_each_parallel(kernels.size(), arguments_.jobs, [&](std::size_t i) {
      reporter_.compiles(file, [&] {
        const std::string warnings = compile(program, *kernels[i]);
        for (const Finding& finding : uninitialised_uses(warnings, kernels[i]->name)) {
          Report report = report_of(finding);
          report.level = Level::kWarning;  // nothing has run
          reporter_.add(report);
        }
      });
      const std::lock_guard lock(mutex);
      progress.show(static_cast<double>(++done) / static_cast<double>(kernels.size()),
                    fmt::format("{} {}", file, kernels[i]->name));
    });
    kernel_count_ += kernels.size();
  }

  // The compiler's warnings. Function constants without a value are zero: what is looked for does
  // not depend on them.
  std::string compile(const Program& program, const ingot::msl::Kernel& kernel) const {
    Constants values;
    for (const auto* constant : ingot::msl::required_constants(program.module(), kernel)) {
      values[std::to_string(constant->index)] = "{}";
    }
    for (const Constant& constant : constants_) {
      if (has_constant(program, constant.slot)) {
        for (auto& [index, value] : literals(program, {constant})) {
          values[index] = value;
        }
      }
    }
    return Toolchain::get().compile(program.specialise(kernel.name, values).text, Build()).warnings;
  }

  // Of several files only one may have it.
  static bool has_constant(const Program& program, const Slot& slot) {
    return std::ranges::any_of(program.module().constants, [&](const auto& constant) {
      return slot.name() != nullptr ? constant.name == *slot.name()
                                    : constant.index == slot.index();
    });
  }

  void tell() const {
    const std::string summary = reporter_.summary();
    if (json_) {
      ingot::cli::print_json({{"files", arguments_.files.size()},
                              {"kernels", kernel_count_},
                              {"reports", reporter_.json()}});
    } else {
      fmt::print("{} file{}, {} kernel{}: {}\n",
                 arguments_.files.size(),
                 arguments_.files.size() == 1 ? "" : "s",
                 kernel_count_,
                 kernel_count_ == 1 ? "" : "s",
                 summary.empty() ? "nothing found" : summary);
    }
  }

  const Arguments& arguments_;
  const std::vector<Constant> constants_;
  const bool strict_ = arguments_.strict || options().strict;
  const bool json_;
  Reporter reporter_;
  std::set<std::string> found_;  // names of kernels
  std::size_t kernel_count_ = 0;
};

}  // namespace

void add_check(CLI::App& parent, ingot::cli::Common& common) {
  const std::string program = ingot::cli::path_of(parent);
  const auto arguments = std::make_shared<Arguments>();
  const ingot::cli::Help help = {
      "Find what is wrong with sources, without running them",
      {"Every kernel is compiled. Function constants are zero unless --constant gives a value.\n"
       "What is found is printed as file:line:column: error: message [rule]. With an error the\n"
       "exit code is 1. What softmetal runs but Apple's compiler refuses is a warning, with "
       "--strict\nan error."},
      {program + " check shaders/*.metal",
       program + " check --strict shaders/*.metal",
       program + " check scan.metal --kernel scan_f32 --sarif scan.sarif"}};
  CLI::App& command = ingot::cli::add_command(parent, "check", help, common);
  command.add_option("files", arguments->files, "Metal sources")->required()->type_name("FILE");
  ingot::cli::add_repeated(
      command, "--kernel", arguments->kernels, "Compile only this kernel; repeat it for more")
      ->type_name("NAME");
  ingot::cli::add_repeated(
      command, "--constant", arguments->constants, "Function constant, by index or name")
      ->type_name("INDEX=TYPE:VALUE");
  command.add_flag("--strict", arguments->strict, "What only Apple's compiler refuses is an error");
  command.add_option("--sarif", arguments->sarif, "Write a SARIF log")->type_name("FILE");
  command.add_option("-j,--jobs", arguments->jobs, "Kernels to compile at once")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  add_source_options(command, arguments->source);
  command.callback([arguments, &common] { Checker(*arguments, common.json).run(); });
}

}  // namespace softmetal::tool
