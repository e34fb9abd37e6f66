// Why a threadgroup was given up, in words.
#include <bit>
#include <csignal>
#include <fmt/format.h>

#include "softmetal/checks/findings.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/grid.hpp"
#include "softmetal/line_table.hpp"
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

std::string to_text(std::chrono::milliseconds time) {
  return fmt::format("{} s", std::chrono::duration<double>(time).count());
}

}  // namespace

std::string Scheduler::explain_stop() const {
  switch (stop_.reason) {
    case Stop::Reason::kNone:
      break;
    case Stop::Reason::kFault:
      return explain_fault();
    case Stop::Reason::kBarrier:
      return explain_barrier();
    case Stop::Reason::kNoStack:
      return stop_.text;
    case Stop::Reason::kAbandoned:
      return "a check stopped the kernel";
    case Stop::Reason::kTimeout:
    case Stop::Reason::kNothingMoves: {
      Finding hang = describe_hang();
      std::string text = hang.message + at(hang.place);
      report(std::move(hang));
      return text;
    }
  }
  return "";
}

std::string Scheduler::explain_fault() const {
  const auto mistake = [&]() -> std::string {
    switch (stop_.fault.signal) {
      case SIGFPE:
        return "integer division by zero, or of the least integer by -1";
      case SIGILL:
      case SIGTRAP:
        return "code that can only be reached by undefined behaviour, such as a missing return";
      default:
        break;
    }
    // A guard page lies below the stack; a large frame may step over it, but hardly by more than
    // another stack.
    const auto* address = static_cast<const std::byte*>(stop_.fault.address);
    if (address < running_->stack_base && address >= running_->stack_base - running_->stack_bytes) {
      return fmt::format("stack overflow (a thread has {} KiB for its local variables and calls)",
                         running_->stack_bytes / 1024);
    }
    return address == nullptr ? "invalid memory access"
                              : fmt::format("invalid memory access at {}", stop_.fault.address);
  }();
  return fmt::format(
      "{} in {}{}", mistake, thread_or_group(group_.current), at(place_at(stop_.fault.code)));
}

std::string Scheduler::explain_barrier() const {
  const Waiting& waiting = (*at_barrier_)[0];
  unsigned ended = 0;
  while ((group_.finished[ended / kSimdWidth] >> ended % kSimdWidth & 1) == 0) {
    ++ended;
  }
  return fmt::format(
      "{} of {} threads wait in a barrier that the others never reach, because they have returned "
      "(return after the last barrier, not before it): {} waits{}, {} has returned",
      at_barrier_->size(),
      group_.thread_count,
      thread_or_group(waiting.thread),
      at(place_of_call(sites_[waiting.thread])),
      thread_or_group(ended));
}

Finding Scheduler::describe_hang() const {
  const bool is_timeout = stop_.reason == Stop::Reason::kTimeout;
  const unsigned thread = is_timeout ? group_.current : (*paused_)[0].thread;
  const std::string who = thread_or_group(thread);
  unsigned in_simd_groups = 0;
  for (const unsigned lanes : lanes_waiting_) {
    in_simd_groups += static_cast<unsigned>(std::popcount(lanes));
  }
  const std::string others = fmt::format(
      "of the {} threads of its group {} have ended, {} wait in a barrier, {} in a SIMD-group "
      "function and {} for a value in memory",
      group_.thread_count,
      ended_threads(),
      at_barrier_->size(),
      in_simd_groups,
      paused_->size());
  Finding hang;
  hang.check = Check::kHang;
  hang.kernel = dispatch_->kernel;
  if (is_timeout) {
    hang.place = place_at(stop_.fault.code);
    hang.message =
        fmt::format("{} did not end within {}", who, to_text(dispatch_->options.timeout));
    hang.remedy =
        "a loop that only needs longer: raise SOFTMETAL_TIMEOUT (seconds, 0 for no limit)";
    if (!dispatch_->never_blocks) {
      hang.message += "; " + others;
    }
  } else {
    hang.place = place_of_call(sites_[thread]);
    hang.message = fmt::format(
        "{} waits for a value in memory that nothing can change any more: {}, and no other group "
        "makes progress before this one ends",
        who,
        others);
    hang.remedy =
        "Metal does not promise that other threadgroups run at the same time: wait only for groups "
        "that have begun (number them by an atomic counter), or use a dispatch for each step";
  }
  return hang;
}

// A plain loop does not say which thread it is at.
std::string Scheduler::thread_or_group(unsigned thread) const {
  if (!dispatch_->never_blocks) {
    return to_string(thread_id(*dispatch_, group_.position, thread));
  }
  const Extent& at = group_.position;
  return fmt::format("threadgroup ({}, {}, {})", at.x, at.y, at.z);
}

unsigned Scheduler::ended_threads() const {
  unsigned count = 0;
  for (const unsigned lanes : group_.finished) {
    count += static_cast<unsigned>(std::popcount(lanes));
  }
  return count;
}

}  // namespace softmetal
