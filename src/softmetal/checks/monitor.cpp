#include "softmetal/checks/monitor.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>
#include <vector>

#include "softmetal/checks/findings.hpp"
#include "softmetal/grid.hpp"
#include "softmetal/program.hpp"

namespace softmetal {
namespace {

// A line makes several accesses where it copies a vector, or where it was inlined twice.
std::vector<Finding> one_for_each_place(std::vector<Finding> findings) {
  FindingSet<std::tuple<Check, std::string, std::string>, Finding> result;
  for (Finding& finding : findings) {
    std::string place = to_string(finding.accesses.front().place);
    std::string other = finding.accesses.size() > 1 ? to_string(finding.accesses[1].place) : "";
    if (other < place) {
      std::swap(place, other);
    }
    if (Finding* first = result.add({finding.check, place, other}, finding.count)) {
      *first = std::move(finding);
    }
  }
  return result.take();
}

}  // namespace

Monitor::Monitor(const Dispatch& dispatch, CheckSet checks, Scheduler& scheduler)
    : lock_(History::instance().lock()),
      dispatch_(dispatch),
      checks_(checks),
      scheduler_(scheduler),
      history_(History::instance()),
      phases_(history_.phases()),
      describer_(dispatch),
      object_begin_(dispatch.executable->memory().begin),
      fences_(phases_) {
  history_.begin(dispatch);
  memory_of_site_.fill(&memories_.emplace_back());  // one that holds nothing
  active_ = this;
}

Monitor::~Monitor() {
  active_ = nullptr;
}

std::string Monitor::Current::name() const {
  return fmt::format("{} of {} bytes", writes() ? "a write" : "a read", bytes);
}

void Monitor::group_begins(const Group& group) {
  fences_.begin_group();
  phases_.begin_group(static_cast<std::uint32_t>(group_number(dispatch_, group.position)),
                      (group.thread_count + kSimdWidth - 1) / kSimdWidth);
}

void Monitor::barrier_passed(unsigned flags) {
  phases_.barrier(flags);
}

void Monitor::simd_barrier_passed(unsigned simd_group, unsigned /*lanes*/, unsigned flags) {
  phases_.simdgroup_barrier(simd_group, flags);
}

void Monitor::access(std::uintptr_t address, std::size_t bytes, Access::Kind kind, const void* pc) {
  if (bytes == 0) {
    return;
  }
  if (scheduler_.count_access()) {
    scheduler_.preempt(pc);
  }
  look_at(address, bytes, kind, pc);
}

void Monitor::preempt_and_look_at(std::uintptr_t address,
                                  std::size_t bytes,
                                  Access::Kind kind,
                                  const void* pc) {
  scheduler_.preempt(pc);
  look_at(address, bytes, kind, pc);
}

void Monitor::look_at(std::uintptr_t address,
                      std::size_t bytes,
                      Access::Kind kind,
                      const void* pc) {
  current_ = {address, bytes, kind, pc};
  if (current_.is_atomic()) {
    fences_.atomic_access(
        scheduler_.current_thread(), current_.address, current_.reads(), current_.writes());
  }
  if (WatchedMemory* memory = memory_of_access()) {
    if (current_.writes() && !memory->is_writable) {
      write_to_read_only(*memory);
    }
    if (memory->shadow != nullptr) {
      compare(*memory);
    }
  }
  stop_if_fatal();
}

void Monitor::stop() {
  must_stop_ = false;
  scheduler_.abandon();
}

void Monitor::fence(bool releases, bool acquires) {
  fences_.fence(scheduler_.current_thread(), releases, acquires);
}

void Monitor::fault(
    Check check, std::string message, const Place& place, const void* pc, bool is_fatal) {
  current_ = {.pc = pc};
  if (checks_.has(check)) {
    if (Finding* finding = find_or_add(check)) {
      finding->message = std::move(message);
      finding->accesses.front().bytes = 0;
      if (finding->place.line == 0) {
        finding->place = place;
      }
    }
  }
  must_stop_ = must_stop_ || is_fatal;
}

// A new finding of the current access to fill in; nullptr when the mistake is known already.
Finding* Monitor::find_or_add(Check check, std::uint64_t other_site) {
  // Which of two threads came first is up to the schedule.
  const auto [first, second] = std::minmax({site(current_.pc), other_site});
  Finding* finding = findings_.add({check, first, second});
  if (finding != nullptr) {
    finding->check = check;
    finding->kernel = dispatch_.kernel;
    finding->accesses.push_back(describe_access());
    finding->place = finding->accesses.front().place;
  }
  return finding;
}

void Monitor::add_fatal(Check check, std::string message, std::string memory) {
  must_stop_ = true;
  if (Finding* finding = find_or_add(check)) {
    finding->message = std::move(message);
    finding->memory = std::move(memory);
  }
}

Access Monitor::describe_access() const {
  const Phases::Phase& phase = phases_[phases_.current(scheduler_.current_thread())];
  Access access;
  access.kind = current_.kind;
  access.bytes = static_cast<std::uint32_t>(current_.bytes);
  access.thread = thread_id(dispatch_, phase.group, scheduler_.current_thread());
  Describer::locate(access, current_.pc);
  return access;
}

Failure Monitor::finish() {
  return report_all(one_for_each_place(findings_.take()));
}

}  // namespace softmetal
