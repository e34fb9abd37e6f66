#include "softmetal/checks/findings.hpp"

#include <cstdio>
#include <fmt/format.h>
#include <mutex>
#include <ostream>
#include <utility>

namespace softmetal {
namespace {

struct Log {
  std::mutex mutex;
  std::vector<Finding> findings;
};
Log& log() {
  static Log instance;
  return instance;
}

std::string_view verb(Access::Kind kind) {
  switch (kind) {
    case Access::Kind::kRead:
      return "reads";
    case Access::Kind::kWrite:
      return "writes";
    case Access::Kind::kAtomicRead:
      return "atomically reads";
    case Access::Kind::kAtomicWrite:
      return "atomically writes";
    case Access::Kind::kAtomicUpdate:
      return "atomically updates";
  }
  return "";
}

}  // namespace

std::string to_string(const Access& access) {
  std::string text = access.thread ? to_string(*access.thread) : "another command";
  if (access.bytes != 0) {
    text +=
        fmt::format(" {} {} byte{}", verb(access.kind), access.bytes, access.bytes == 1 ? "" : "s");
  }
  if (!access.kernel.empty()) {
    text += fmt::format(" in kernel '{}'", access.kernel);
  }
  if (access.place.line != 0) {
    text += " at " + to_string(access.place);
  }
  for (const Place& call : access.called_from) {
    text += "\n    called at " + to_string(call);
  }
  return text;
}

std::string to_string(const ThreadId& thread) {
  const auto& p = thread.position_in_grid;
  const auto& g = thread.threadgroup;
  return fmt::format("thread ({}, {}, {}), number {} of threadgroup ({}, {}, {})",
                     p[0],
                     p[1],
                     p[2],
                     thread.index_in_threadgroup,
                     g[0],
                     g[1],
                     g[2]);
}

std::string to_string(const Place& place) {
  return place.line == 0 ? "an unknown place"
                         : fmt::format("{}:{}:{}", place.file, place.line, place.column);
}

std::string to_string(const Finding& finding) {
  std::string text = finding.place.line != 0 ? to_string(finding.place) + ": " : "";
  text += fmt::format("{}: {} [{}]",
                      finding.is_advice ? "advice" : "error",
                      finding.message,
                      name_of(finding.check));
  if (!finding.kernel.empty()) {
    text += fmt::format("\n  in kernel '{}'", finding.kernel);
  }
  if (!finding.memory.empty()) {
    text += "\n  at " + finding.memory;
  }
  for (const Access& access : finding.accesses) {
    text += "\n  " + to_string(access);
  }
  if (finding.count > 1) {
    text += fmt::format("\n  and {} more times in this dispatch", finding.count - 1);
  }
  if (!finding.remedy.empty()) {
    text += "\n  " + finding.remedy;
  }
  return text;
}

void PrintTo(const Finding& finding, std::ostream* stream) {
  *stream << '\n' << to_string(finding);
}

void report(Finding finding) {
  const Options current = options();
  if (current.on_finding) {
    current.on_finding(finding);
  } else if (current.print) {
    fmt::print(stderr, "softmetal: {}\n", to_string(finding));
  }
  const std::lock_guard lock(log().mutex);
  log().findings.push_back(std::move(finding));
}

Failure report_all(std::vector<Finding> findings) {
  Failure first;
  for (Finding& finding : findings) {
    if (first.empty() && !finding.is_advice) {
      first = Failure(to_string(finding), error_code_of(finding.check));
    }
    report(std::move(finding));
  }
  return first;
}

std::vector<Finding> take_findings() {
  const std::lock_guard lock(log().mutex);
  return std::exchange(log().findings, {});
}

}  // namespace softmetal
