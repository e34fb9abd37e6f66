// The command `run`.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <functional>
#include <memory>

#include "fmt/format.h"

#include "program/arrays.hpp"
#include "program/terminal.hpp"
#include "softmetal/include/softmetal/coverage.hpp"
#include "softmetal/tool/commands.hpp"
#include "softmetal/tool/reporter.hpp"
#include "softmetal/tool/run_buffers.hpp"
#include "softmetal/tool/source_arguments.hpp"
#include "softmetal/tool/values.hpp"

namespace softmetal::tool {
using ingot::cli::Json;
using ingot::cli::UsageError;
namespace {

struct Arguments {
  std::string file, kernel, grid, groups, threads, check, schedule, sarif, coverage;
  std::vector<std::string> constants;
  unsigned schedules = 0;
  unsigned repeat = 1;
  double timeout = 0;
  BufferArguments buffers;
  SourceArguments source;
};

// What the options say, read before anything is compiled.
struct Plan {
  Size grid{1};
  Size group{1};
  bool whole_groups = false;
  Options options = softmetal::options();
  std::vector<Constant> constants;
};

Plan make_plan(const Arguments& arguments) {
  Plan plan;
  if (arguments.grid.empty() == arguments.groups.empty()) {
    throw UsageError("--grid",
                     arguments.grid.empty() ? "neither --grid nor --groups is given"
                                            : "both --grid and --groups are given",
                     "--grid counts threads, --groups threadgroups");
  }
  plan.whole_groups = arguments.grid.empty();
  plan.grid = plan.whole_groups ? parse_size("--groups", arguments.groups)
                                : parse_size("--grid", arguments.grid);
  plan.group = parse_size("--threads", arguments.threads);
  plan.constants = parse_constants(arguments.constants);
  if (!arguments.check.empty()) {
    plan.options.checks = ingot::cli::from_usage([&] { return CheckSet::parse(arguments.check); });
  }
  if (!arguments.schedule.empty()) {
    plan.options.schedule =
        ingot::cli::from_usage([&] { return Schedule::parse(arguments.schedule); });
  }
  if (arguments.schedules > 0 && (!arguments.schedule.empty() || arguments.repeat > 1)) {
    throw UsageError("--schedules", "goes with neither --schedule nor --repeat");
  }
  if (!arguments.coverage.empty()) {
    if (!plan.options.checks.empty()) {
      throw UsageError("--coverage", "does not go with checks", "--check none");
    }
    plan.options.coverage = true;
  }
  if (arguments.timeout > 0) {
    plan.options.timeout =
        std::chrono::milliseconds(std::llround(std::ceil(1000 * arguments.timeout)));
  }
  return plan;
}

// Dispatches a kernel as often as the options say.
class Runner {
 public:
  Runner(const Arguments& arguments, const Plan& plan, bool json)
      : arguments_(arguments),
        plan_(plan),
        reporter_(json, arguments.sarif),
        buffers_(arguments.buffers),
        json_(json) {}

  void run() {
    const Source source = read_source(arguments_.file, arguments_.source);
    Options options = plan_.options;
    options.on_finding = [this](const Finding& finding) { reporter_.add(report_of(finding)); };
    const ScopedOptions scope(options);
    const bool compiled = reporter_.compiles(
        arguments_.file, [&] { kernel_.emplace(source, arguments_.kernel, plan_.constants); });
    if (compiled) {
      buffers_.bind(*kernel_);
      if (arguments_.schedules > 0) {
        compare_schedules(options);
      } else {
        for (unsigned i = 0; i < arguments_.repeat && !reporter_.has_errors(); ++i) {
          dispatch();
        }
      }
    }
    reporter_.finish();
    const bool good = !reporter_.has_errors() && difference_.empty();
    if (good) {
      buffers_.write();
      written_ = true;
    }
    if (!arguments_.coverage.empty() && kernel_) {
      write_coverage(take_coverage(), arguments_.coverage);
    }
    tell();
    if (!good) {
      throw ingot::cli::Failed();
    }
  }

 private:
  void dispatch() {
    const Result result = plan_.whole_groups
                              ? kernel_->dispatch_threadgroups(plan_.grid, plan_.group)
                              : kernel_->dispatch(plan_.grid, plan_.group);
    seconds_.push_back(result.seconds);
    for (const Finding& finding : result.findings) {
      findings_.push_back(json_of(finding));
    }
  }

  // Every order that Metal allows must give the same result, bit for bit.
  void compare_schedules(Options options) {
    options.schedule = Schedule{};
    set_options(options);
    dispatch();
    const auto expected = buffers_.snapshot();
    ingot::cli::ProgressBar progress;
    for (unsigned seed = 1; seed <= arguments_.schedules; ++seed) {
      if (reporter_.has_errors() || !difference_.empty()) {
        return;
      }
      progress.show(static_cast<double>(seed - 1) / arguments_.schedules,
                    fmt::format("random:{}", seed));
      options.schedule = Schedule{Schedule::Order::kRandom, seed};
      set_options(options);
      dispatch();
      compare(expected, seed);
    }
  }

  void compare(const std::vector<std::vector<std::byte>>& expected, unsigned seed) {
    std::size_t number = 0;
    for (const RunBuffer& buffer : buffers_.buffers()) {
      const std::vector<std::byte>& before = expected[number++];
      const std::byte* after = buffer.result.data();
      const auto [at, same] = std::mismatch(before.begin(), before.end(), after);
      if (at == before.end()) {
        continue;
      }
      const std::size_t element_bytes = ingot::size_of(buffer.result.dtype());
      const auto element =
          static_cast<std::int64_t>(static_cast<std::size_t>(at - before.begin()) / element_bytes);
      ingot::HostArray former(buffer.result.dtype(), buffer.result.shape());
      std::memcpy(former.data(), before.data(), before.size());
      difference_ = {{"schedule", fmt::format("random:{}", seed)},
                     {"index", buffer.argument->index},
                     {"name", buffer.argument->name},
                     {"element", element},
                     {"forward", ingot::cli::element_text(former, element)},
                     {"random", ingot::cli::element_text(buffer.result, element)}};
      return;
    }
  }

  void tell() {
    std::ranges::sort(seconds_);
    if (json_) {
      tell_json();
    } else {
      tell_text();
    }
  }

  void tell_json() const {
    Json outputs = Json::array();
    for (const RunBuffer& buffer : buffers_.buffers()) {
      if (buffer.argument != nullptr && !buffer.argument->is_read_only) {
        outputs.push_back(
            {{"index", buffer.argument->index},
             {"name", buffer.argument->name},
             {"dtype", to_string(buffer.result.dtype())},
             {"shape", buffer.result.shape().extents()},
             {"file", written_ && !buffer.out_path.empty() ? Json(buffer.out_path) : Json()}});
      }
    }
    Json document = {{"kernel", arguments_.kernel},
                     {"dispatches", seconds_.size()},
                     {"seconds", seconds_.empty() ? Json() : Json(seconds_[seconds_.size() / 2])},
                     {"outputs", outputs},
                     {"findings", findings_}};
    if (!kernel_) {
      document["reports"] = reporter_.json();
    }
    if (!difference_.empty()) {
      document["difference"] = difference_;
    }
    ingot::cli::print_json(document);
  }

  void tell_text() const {
    if (!difference_.empty()) {
      fmt::print(stderr,
                 "the schedules forward and {} give different results: element {} of buffer {} "
                 "'{}' is {} and {}\n  try: --schedule {} --check all\n",
                 difference_["schedule"].get<std::string>(),
                 difference_["element"].get<std::int64_t>(),
                 difference_["index"].get<unsigned>(),
                 difference_["name"].get<std::string>(),
                 difference_["forward"].get<std::string>(),
                 difference_["random"].get<std::string>(),
                 difference_["schedule"].get<std::string>());
    }
    if (const std::string summary = reporter_.summary(); !summary.empty()) {
      fmt::print(stderr, "{}\n", summary);
    }
    if (seconds_.empty() || reporter_.has_errors() || !difference_.empty()) {
      return;
    }
    fmt::print("{} in {}{}\n",
               ingot::cli::strong(arguments_.kernel),
               ingot::cli::human_time(seconds_[seconds_.size() / 2]),
               times());
    ingot::cli::Table table({">buffer", "", "dtype", "shape", "", "first elements"});
    for (const RunBuffer& buffer : buffers_.buffers()) {
      if (!buffer.argument->is_read_only) {
        table.add({fmt::to_string(buffer.argument->index),
                   buffer.argument->name,
                   std::string(to_string(buffer.result.dtype())),
                   to_string(buffer.result.shape()),
                   buffer.out_path,
                   ingot::cli::preview(buffer.result)});
      }
    }
    fmt::print("{}", table.text());
  }

  std::string times() const {
    if (arguments_.schedules > 0) {
      return fmt::format(", the same result under {} random schedules", arguments_.schedules);
    }
    if (seconds_.size() == 1) {
      return "";
    }
    return fmt::format(" (median of {}; {} to {})",
                       seconds_.size(),
                       ingot::cli::human_time(seconds_.front()),
                       ingot::cli::human_time(seconds_.back()));
  }

  const Arguments& arguments_;
  const Plan& plan_;
  Reporter reporter_;
  RunBuffers buffers_;
  const bool json_;
  std::optional<Kernel> kernel_;
  std::vector<double> seconds_;  // of each dispatch
  bool written_ = false;
  Json findings_ = Json::array();
  Json difference_ = Json::object();  // between two schedules
};

}  // namespace

void add_run(CLI::App& parent, ingot::cli::Common& common) {
  const std::string program = ingot::cli::path_of(parent);
  const auto arguments = std::make_shared<Arguments>();
  const ingot::cli::Help help = {
      "Run one kernel on .npy files, and watch it",
      {"INDEX is the n of [[buffer(n)]], or the argument's name. 'list' shows both.",
       "--out of a buffer that has an --in writes what the kernel made of it; any other buffer\n"
       "is made anew and needs a type (f32 f16 bf16 i32 u32 i64 u64 i8 u8 bool) and a shape.\n"
       "Without a file, as in 1=:f32:256, its first elements are only shown.",
       "--bytes and --constant know i8 u8 i16 u16 i32 u32 i64 u64 f16 bf16 f32 and bool;\n"
       "--bytes also takes hex:00ff10, bytes in the order of memory. Several values make an\n"
       "array, a struct without gaps or a vector: f32:1,2,3,4.",
       "--in INDEX:f32=FILE reads a file of f64 rounded to f32, INDEX:bf16 NumPy's V2.",
       "--check looks for mistakes while the kernel runs: all, or some of bounds, alignment,\n"
       "race, barrier, uninitialised, readonly, arguments, divergence, arithmetic, freed, order,\n"
       "hang. With an error among the findings no file is written and the exit code is 1.",
       "--schedules N compares N shuffled orders of threads with the ascending one."},
      {program + " run saxpy.metal --kernel saxpy --grid 1000 --threads 256 --in x=x.npy \\\n"
                 "      --bytes a=f32:2 --inout y=y.npy",
       program + " run scan.metal --kernel scan --grid 256 --threads 64 --in 0=a.npy \\\n"
                 "      --bytes 2=u32:256 --out 1=b.npy:f32:256 --check all",
       program + " run scan.metal --kernel scan --groups 4 --threads 64 --in 0=a.npy \\\n"
                 "      --out 1=b.npy:f32:256 --schedules 100"}};
  CLI::App& command = ingot::cli::add_command(parent, "run", help, common);
  command.add_option("file", arguments->file, "Metal source")->required()->type_name("FILE");
  command.add_option("--kernel", arguments->kernel, "Kernel to run")->required()->type_name("NAME");
  command.add_option("--grid", arguments->grid, "Threads of the grid")->type_name("X[,Y[,Z]]");
  command.add_option("--groups", arguments->groups, "Threadgroups of the grid, instead of --grid")
      ->type_name("X[,Y[,Z]]");
  command.add_option("--threads", arguments->threads, "Threads of a threadgroup")
      ->required()
      ->type_name("X[,Y[,Z]]");
  add_buffer_options(command, arguments->buffers);
  ingot::cli::add_repeated(
      command, "--constant", arguments->constants, "Function constant, by index or name")
      ->type_name("INDEX=TYPE:VALUE");
  command.add_option("--check", arguments->check, "What to look for")->type_name(kChecksValue);
  command
      .add_option("--schedule",
                  arguments->schedule,
                  "Order of threads: forward, reverse, random:SEED or adversarial")
      ->type_name(kScheduleValue);
  command.add_option("--schedules", arguments->schedules, "Compare so many random schedules")
      ->type_name("N");
  command.add_option("--repeat", arguments->repeat, "Run so often, and tell the times")
      ->type_name("N")
      ->check(CLI::PositiveNumber)
      ->capture_default_str();
  command.add_option("--timeout", arguments->timeout, "Seconds until a thread counts as hanging")
      ->type_name("SECONDS")
      ->check(CLI::PositiveNumber);
  command
      .add_option(
          "--coverage", arguments->coverage, "Write how often each line ran, as lcov's .info")
      ->type_name("FILE");
  command.add_option("--sarif", arguments->sarif, "Write the findings to a SARIF log")
      ->type_name("FILE");
  add_source_options(command, arguments->source);
  command.callback([arguments, &common] {
    const Plan plan = make_plan(*arguments);
    Runner(*arguments, plan, common.json).run();
  });
}

}  // namespace softmetal::tool
