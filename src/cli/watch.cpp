// ingot watch
#include <chrono>
#include <ctime>
#include <memory>
#include <mutex>
#include <optional>
#include <sys/resource.h>

#include "cli/command.hpp"
#include "cli/decision.hpp"
#include "cli/watched_command.hpp"
#include "fmt/chrono.h"
#include "fmt/format.h"
#include "fmt/ranges.h"

#include "core/output_file.hpp"
#include "core/text.hpp"
#include "health/chart.hpp"
#include "health/monitor.hpp"
#include "health/run_report.hpp"
#include "health/sampler.hpp"
#include "health/snapshot_json.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using health::Extremes;
using health::time_text;

// As shells have them.
constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;

struct Arguments {
  std::string interval;
  std::string workload;
  std::string snapshot;
  std::string report;
  bool force = false;
  std::vector<std::string> command;
};

// "30s", "500ms", "2m", "1h"; a number alone is seconds.
std::chrono::nanoseconds parse_interval(const std::string& text) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}, {"", 1}};
  for (const auto& [name, seconds] : kUnits) {
    const std::optional<double> number =
        text.ends_with(name)
            ? parse_real(std::string_view(text).substr(0, text.size() - name.size()))
            : std::nullopt;
    if (number && *number * seconds >= 1e-3 && *number * seconds <= 86400) {
      return std::chrono::nanoseconds(static_cast<int64_t>(*number * seconds * 1e9));
    }
  }
  throw UsageError("--interval",
                   fmt::format("'{}' is not an interval from 1ms to 24h", text),
                   "give a number and a unit, such as 30s, 500ms or 2m");
}

// Tells what happens, on standard error: standard output is the command's. The monitor's thread
// writes too.
class Reporter {
 public:
  explicit Reporter(bool json) : json_(json) {}

  void say(const std::string& text, const Json& document) {
    const std::lock_guard lock(mutex_);
    if (json_) {
      fmt::print(stderr, "{}\n", document.dump(-1, ' ', false, Json::error_handler_t::replace));
    } else if (!text.empty()) {
      fmt::print(stderr, "{}", text);
    }
  }

 private:
  bool json_;
  std::mutex mutex_;
};

std::string prefix() {
  return styled("[monitor]", fmt::fg(fmt::terminal_color::cyan), stderr);
}

void report_gate(const health::Decision& decision, Reporter& reporter) {
  Json document = {{"event", "gate"}};
  document.update(json_of(decision));
  const bool nothing = decision.findings.empty() && decision.guidance.empty();
  reporter.say(nothing ? "" : text_of(decision, stderr), document);
}

void report_event(const health::Event& event, Reporter& reporter) {
  reporter.say(
      fmt::format("{} {}: {}\n", prefix(), time_text(event.seconds), event.crossing.message),
      {{"event", "crossing"},
       {"seconds", event.seconds},
       {"code", event.crossing.code},
       {"recovered", event.crossing.recovered},
       {"message", event.crossing.message}});
}

double own_cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

Json extremes_json(const Extremes& extremes) {
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json(nullptr);
  };
  return {{"least", number(extremes.least)}, {"most", number(extremes.most)}};
}

void report_summary(const health::RunReport& run, const CommandResult& result, Reporter& reporter) {
  const health::RunLog& log = run.log;
  std::string text = fmt::format("{} ran {}, exit code {}; {} samples, {} events\n",
                                 prefix(),
                                 time_text(run.seconds),
                                 result.exit_code,
                                 log.samples(),
                                 log.events().size());
  Json document = {{"event", "summary"},
                   {"seconds", run.seconds},
                   {"exit_code", result.exit_code},
                   {"samples", log.samples()},
                   {"events", log.events().size()},
                   {"command_cpu_seconds", result.cpu_seconds},
                   {"command_largest_rss_gb", result.largest_rss_gb},
                   {"monitor_cpu_seconds", own_cpu_seconds()}};
  const auto add = [&](const char* name, const char* label, const char* unit, const Extremes& e) {
    document[name] = extremes_json(e);
    if (e.least) {
      text +=
          fmt::format("{} {:<22} {:.4g} to {:.4g} {}\n", prefix(), label, *e.least, *e.most, unit);
    }
  };
  add("mem_available_pct", "memory available", "%", log.mem_available_pct());
  add("rss_gb", "memory of the command", "GB", log.rss_gb());
  add("load_avg_1min", "load", "", log.load_avg_1min());
  add("temperature_c", "temperature", "°C", log.temperature_c());
  add("cpu_speed_limit", "CPU speed limit", "%", log.cpu_speed_limit());
  reporter.say(text, document);
}

void report_error(const Error& error, Reporter& reporter) {
  Json document = {{"event", "error"}};
  document.update(json_of(error));
  reporter.say(fmt::format("ingot: {}: {}\n", error.subject(), error.problem()), document);
}

// Starts the command; a failure ends the program as a shell would.
std::unique_ptr<WatchedCommand> start(const std::vector<std::string>& command, Reporter& reporter) {
  try {
    return std::make_unique<WatchedCommand>(command);
  } catch (const Error& error) {
    report_error(error, reporter);
    throw Failed{error.code() == ErrorCode::kNotFound ? kNotFound : kNotExecutable};
  }
}

// Whether it could be written: the command's exit code matters more than a full disk.
bool write_page(OutputFile& file, const health::RunReport& run, Reporter& reporter) {
  try {
    const std::string page = report_html(run);
    file.write(page.data(), page.size());
    file.commit();
    return true;
  } catch (const Error& error) {
    report_error(error, reporter);
    return false;
  }
}

void watch(const Arguments& arguments, const Common& common) {
  const planner::WorkloadDescription workload = read_workload(arguments.workload);
  health::MonitorOptions options;
  if (!arguments.interval.empty()) {
    options.interval = parse_interval(arguments.interval);
  }
  options.expected_hours = health::expected_hours(workload);
  std::unique_ptr<OutputFile> file;  // found to be writable before the command starts
  if (!arguments.report.empty()) {
    file = std::make_unique<OutputFile>(arguments.report);
  }

  Reporter reporter(common.json);
  health::RunReport run;
  run.before =
      arguments.snapshot.empty() ? health::sample() : health::read_snapshot(arguments.snapshot);
  run.decision = decide(run.before, workload);
  report_gate(run.decision, reporter);
  if (run.decision.verdict == health::Verdict::kBlock && !arguments.force) {
    reporter.say("The command was not started; --force starts it all the same.\n",
                 {{"event", "blocked"}});
    throw Failed{exit_code_of(run.decision.verdict)};
  }

  run.command = fmt::format("{}", fmt::join(arguments.command, " "));
  run.started = fmt::format("{:%Y-%m-%d %H:%M:%S} UTC", fmt::gmtime(std::time(nullptr)));
  const auto begin = std::chrono::steady_clock::now();
  const std::unique_ptr<WatchedCommand> command = start(arguments.command, reporter);
  options.process = command->process();
  options.on_event = [&](const health::Event& event) { report_event(event, reporter); };
  health::HealthMonitor monitor(options);
  const CommandResult result = command->wait();
  monitor.stop();

  run.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  run.exit_code = result.exit_code;
  run.log = monitor.log();
  report_summary(run, result, reporter);
  const bool written = file == nullptr || write_page(*file, run, reporter);
  if (result.exit_code != 0) {
    throw Failed{result.exit_code};
  }
  if (!written) {
    throw Failed();
  }
}

}  // namespace

void add_watch(CLI::App& app, Common& common) {
  const auto arguments = std::make_shared<Arguments>();
  const Help help = {
      "Run a command and watch the machine's health meanwhile",
      {"The gate of 'ingot health' comes first: when it blocks, the command is not started, and "
       "the\n"
       "exit code is 4. Then the command runs with this program's standard input, output and "
       "error,\n"
       "gets the signals sent to it, and gives its exit code: 128 + n when signal n ended it, 127\n"
       "when there is no such program. It is never ended from here.",
       "Warnings and a summary go to standard error, one JSON document a line with --json.",
       "Samples are taken each 30 seconds, or 2 minutes when the workload is expected to take ten\n"
       "minutes or more, or has done so."},
      {"ingot watch -- python3 train.py",
       "ingot watch --interval 10s --report run.html -- make -j8"}};
  CLI::App& command = add_command(app, "watch", help, common);
  command.add_option("--interval", arguments->interval, "Time between samples: 30s, 500ms, 2m")
      ->type_name("TIME");
  command.add_flag("--force", arguments->force, "Start the command even when the gate blocks");
  command
      .add_option("--workload", arguments->workload, "What the command does, for the gate: a file")
      ->type_name("FILE");
  command.add_option("--snapshot", arguments->snapshot, "Let the gate decide on a recorded state")
      ->type_name("FILE");
  command
      .add_option("--report", arguments->report, "Write a page with charts of the run to this file")
      ->type_name("FILE");
  command.add_option("command", arguments->command, "The command and its arguments, after --")
      ->type_name("COMMAND")
      ->required();
  command.callback([arguments, &common] { watch(*arguments, common); });
}

}  // namespace ingot::cli
