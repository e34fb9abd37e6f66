// Why a threadgroup was given up, in words.
#include <bit>
#include <csignal>
#include <fmt/format.h>
#include <utility>
#include <vector>

#include "softmetal/checks/findings.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/frames.hpp"
#include "softmetal/grid.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {
namespace {

Place place_at(const void* code) {
  return place_of(code).value_or(Place());
}

// Of a call by where it returns to.
Place place_of_call(const void* site) {
  return place_at(static_cast<const char*>(site) - 1);
}

// " at FILE:LINE:COLUMN", or "" for a place that is not known.
std::string at(const Place& place) {
  return place.line == 0 ? "" : " at " + to_string(place);
}

}  // namespace

Scheduler::Stopped Scheduler::explain_stop() const {
  const auto as_failure = [](Finding finding) {
    const MTL::CommandBufferError code = error_code_of(finding.check);
    std::string text = finding.message + at(finding.place);
    return Stopped{Failure(std::move(text), code), std::move(finding)};
  };
  switch (stop_.reason) {
    case Stop::Reason::kFault:
      return {explain_fault(), std::nullopt};
    case Stop::Reason::kBarrier: {
      Stopped stopped = as_failure(describe_barrier());
      if (!dispatch_->options.checks.has(Check::kBarrier)) {
        stopped.finding.reset();
      }
      return stopped;
    }
    case Stop::Reason::kNoStack:
      return {Failure(stop_.text, MTL::CommandBufferErrorOutOfMemory), std::nullopt};
    case Stop::Reason::kTimeout:
    case Stop::Reason::kNothingMoves:
      return as_failure(describe_hang());
    case Stop::Reason::kNone:
    case Stop::Reason::kAbandoned:
      break;
  }
  return {Failure("a check stopped the kernel"), std::nullopt};
}

Failure Scheduler::explain_fault() const {
  const auto mistake = [&]() -> Failure {
    switch (stop_.fault.signal) {
      case SIGFPE:
        return Failure("integer division by zero, or of the least integer by -1");
      case SIGILL:
      case SIGTRAP:
        return Failure(
            "code that can only be reached by undefined behaviour, such as a missing return");
      default:
        break;
    }
    // A guard page lies below the stack; a large frame may step over it, but hardly by more than
    // another stack.
    const auto* address = static_cast<const std::byte*>(stop_.fault.address);
    if (address < running_->stack_base && address >= running_->stack_base - running_->stack_bytes) {
      return {fmt::format("stack overflow (a thread has {} KiB for its local variables and calls)",
                          running_->stack_bytes / 1024),
              MTL::CommandBufferErrorStackOverflow};
    }
    return {address == nullptr ? "invalid memory access"
                               : fmt::format("invalid memory access at {}", stop_.fault.address),
            MTL::CommandBufferErrorPageFault};
  }();
  return {fmt::format("{} in {}{}",
                      mistake.text,
                      thread_or_group(group_.current),
                      at(place_at(stop_.fault.code))),
          mistake.code};
}

Finding Scheduler::describe_barrier() const {
  const unsigned waiting = (*at_barrier_)[0].thread;
  unsigned ended = 0;
  while ((group_.finished[ended / kSimdWidth] >> ended % kSimdWidth & 1) == 0) {
    ++ended;
  }
  Finding finding;
  finding.check = Check::kBarrier;
  finding.kernel = dispatch_->kernel;
  finding.place = place_of_call(sites_[waiting]);
  finding.message = fmt::format(
      "{} of {} threads wait in a barrier that the others never reach, because they have returned "
      "(return after the last barrier, not before it): {} waits, {} has returned",
      at_barrier_->size(),
      group_.thread_count,
      thread_or_group(waiting),
      thread_or_group(ended));
  return finding;
}

Finding Scheduler::describe_hang() const {
  const bool is_timeout = stop_.reason == Stop::Reason::kTimeout;
  const unsigned thread = is_timeout ? group_.current : (*paused_)[0].thread;
  Finding hang;
  hang.check = Check::kHang;
  hang.kernel = dispatch_->kernel;
  if (is_timeout) {
    const double seconds = std::chrono::duration<double>(dispatch_->options.timeout).count();
    hang.place = place_at(stop_.fault.code);
    hang.message = fmt::format("{} did not end within {} s", thread_or_group(thread), seconds);
    hang.remedy = "if it only needs longer, raise SOFTMETAL_TIMEOUT (seconds, 0 for no limit)";
  } else {
    hang.place = place_of_call(sites_[thread]);
    hang.message = fmt::format(
        "{} waits for a value in memory that nothing can change any more, because no other group "
        "makes progress before this one ends",
        thread_or_group(thread));
    hang.remedy =
        "Metal does not promise that other threadgroups run at the same time: wait only for groups "
        "that have begun (number them by an atomic counter), or use a dispatch for each step";
  }
  hang.message += states_of_threads();
  return hang;
}

// "; of the 64 threads of its group 33 wait in a barrier, 3 have ended", or "" in a plain loop.
std::string Scheduler::states_of_threads() const {
  if (dispatch_->never_blocks) {
    return "";
  }
  const auto count = [](const auto& simd_groups) {
    unsigned threads = 0;
    for (const unsigned lanes : simd_groups) {
      threads += static_cast<unsigned>(std::popcount(lanes));
    }
    return threads;
  };
  std::vector<std::string> states;
  const auto add = [&](unsigned threads, const char* what) {
    if (threads != 0) {
      states.push_back(fmt::format("{} {}", threads, what));
    }
  };
  add(at_barrier_->size(), "wait in a barrier");
  add(count(lanes_waiting_), "wait in a SIMD-group function");
  add(paused_->size(), "wait for a value in memory");
  add(count(group_.finished), "have ended");
  if (states.empty()) {
    return "";
  }
  return fmt::format(
      "; of the {} threads of its group {}", group_.thread_count, fmt::join(states, ", "));
}

// A plain loop does not say which thread it is at.
std::string Scheduler::thread_or_group(unsigned thread) const {
  if (!dispatch_->never_blocks) {
    return to_string(thread_id(*dispatch_, group_.position, thread));
  }
  const Extent& at = group_.position;
  return fmt::format("threadgroup ({}, {}, {})", at.x, at.y, at.z);
}

}  // namespace softmetal
