#include "softmetal/checks/monitor.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <tuple>
#include <utility>

#include "softmetal/checks/conflict.hpp"
#include "softmetal/grid.hpp"
#include "softmetal/program.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {
namespace {

// What dispatches that nothing orders leave for each other.
struct Shared {
  struct Past {
    std::uint32_t number;
    Dispatch dispatch;
    std::uintptr_t object_begin;
  };

  std::mutex mutex;  // guards what follows
  Phases phases;
  std::uint64_t window_number = 0;
  std::vector<Past> window;
  Shadow threadgroup{Scheduler::kArenaBytes};
};
Shared& shared() {
  static Shared instance;
  return instance;
}

// A line makes several accesses where it copies a vector, or where it was inlined twice.
std::vector<Finding> one_for_each_place(std::vector<Finding> findings) {
  std::map<std::tuple<Check, std::string, std::string>, std::size_t> known;
  std::vector<Finding> result;
  for (Finding& finding : findings) {
    std::string place = to_string(finding.accesses.front().place);
    std::string other = finding.accesses.size() > 1 ? to_string(finding.accesses[1].place) : "";
    if (other < place) {
      std::swap(place, other);
    }
    const auto [found, is_new] = known.try_emplace({finding.check, place, other}, result.size());
    if (is_new) {
      result.push_back(std::move(finding));
    } else {
      result[found->second].count += finding.count;
    }
  }
  return result;
}

}  // namespace

Monitor::Monitor(const Dispatch& dispatch, CheckSet checks, Scheduler& scheduler)
    : lock_(shared().mutex),
      dispatch_(dispatch),
      checks_(checks),
      scheduler_(scheduler),
      phases_(shared().phases),
      describer_(dispatch),
      object_begin_(dispatch.executable->memory().begin),
      object_end_(dispatch.executable->memory().end),
      threadgroup_shadow_(shared().threadgroup) {
  const bool restarts = phases_.is_exhausted();
  if (restarts) {
    MemoryMap::instance().clear_shadows();
    threadgroup_shadow_.clear();
    phases_.restart();
  }
  if (dispatch.window == 0 || dispatch.window != shared().window_number || restarts) {
    phases_.begin_window();
    shared().window.clear();
    shared().window_number = dispatch.window;
  }
  phases_.begin_dispatch();
  shared().window.push_back({phases_.dispatch(), dispatch, object_begin_});
  active_ = this;
}

std::string Monitor::Current::name() const {
  return fmt::format("{} of {} bytes", writes() ? "a write" : "a read", bytes);
}

Monitor::~Monitor() {
  active_ = nullptr;
}

void Monitor::group_begins(const Group& group) {
  started_.fill(0);
  phases_.begin_group(static_cast<std::uint32_t>(group_number(dispatch_, group.position)),
                      (group.thread_count + kSimdWidth - 1) / kSimdWidth);
}

// A thread starts with its first access: before, there is nothing to know of it.
void Monitor::start_thread(unsigned thread) {
  started_[thread / kSimdWidth] |= 1u << thread % kSimdWidth;
  fences_[thread] = {};
  Fiber& fiber = scheduler_.running_fiber();
  if (fiber.locals == nullptr) {
    fiber.locals = std::make_unique<LocalMemory>(fiber.stack_bytes);
  }
  fiber.locals->begin_thread();
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
  scheduler_.maybe_preempt(pc);
  current_ = {address, bytes, kind, pc};
  const unsigned thread = scheduler_.current_thread();
  if ((started_[thread / kSimdWidth] >> thread % kSimdWidth & 1) == 0) {
    start_thread(thread);
  }
  look_at_access();
  stop_if_fatal();
}

void Monitor::stop() {
  must_stop_ = false;
  scheduler_.abandon();
}

// Fences order through the atomic objects beside them: what a thread did before a releasing fence
// comes before what another does behind an acquiring one, if the one wrote an object after its
// fence that the other has read before its own.
void Monitor::follow_fences() {
  Fences& fences = fences_[scheduler_.current_thread()];
  if (current_.writes() && fences.released) {
    phases_.release(current_.address, scheduler_.current_thread());
  }
  if (current_.reads() && (fences.seen.empty() || fences.seen.back() != current_.address)) {
    fences.seen.push_back(current_.address);
  }
}

void Monitor::fence(bool releases, bool acquires) {
  Fences& fences = fences_[scheduler_.current_thread()];
  fences.released = fences.released || releases;
  if (acquires) {
    for (const std::uintptr_t address : fences.seen) {
      phases_.acquire(address);
    }
    fences.seen.clear();
  }
}

void Monitor::look_at_access() {
  if (current_.is_atomic()) {
    follow_fences();
  }
  const auto arena = reinterpret_cast<std::uintptr_t>(scheduler_.threadgroup_memory());
  const std::size_t in_arena = current_.address - arena;
  if (in_arena < Scheduler::kArenaBytes) {
    threadgroup_access(in_arena);
    return;
  }
  const Fiber& fiber = scheduler_.running_fiber();
  const std::size_t in_stack =
      current_.address - reinterpret_cast<std::uintptr_t>(fiber.stack_base);
  if (in_stack < fiber.stack_bytes && current_.bytes <= fiber.stack_bytes - in_stack) {
    local_access(*fiber.locals, in_stack);
    return;
  }
  device_access();
}

void Monitor::local_access(LocalMemory& memory, std::size_t offset) {
  if (current_.writes()) {
    memory.write(offset, current_.bytes);
  } else if (checks_.has(Check::kUninitialised) && !memory.is_written(offset, current_.bytes)) {
    if (Finding* finding = find_or_add(Check::kUninitialised, 0)) {
      finding->message = "a local variable is read that the thread has not written";
      finding->memory = "thread memory";
    }
  }
}

void Monitor::threadgroup_access(std::size_t offset) {
  if (checks_.has(Check::kBounds)) {
    const auto& pieces = dispatch_.layout.pieces();
    const bool inside = std::any_of(pieces.begin(), pieces.end(), [&](const auto& piece) {
      return offset >= piece.offset && offset + current_.bytes <= piece.offset + piece.bytes;
    });
    if (!inside) {
      add_fatal(Check::kBounds,
                current_.name() + " outside of the kernel's threadgroup memory",
                describer_.threadgroup_memory(offset));
      return;
    }
  }
  const Shadow::Range cells = threadgroup_shadow_.cells(offset, current_.bytes);
  if (current_.reads() && checks_.has(Check::kUninitialised) &&
      std::all_of(cells.begin, cells.end, [&](const Cell& cell) {
        return cell.write.phase() < phases_.first_of_group();
      })) {
    if (Finding* finding = find_or_add(Check::kUninitialised, 0)) {
      finding->message = "threadgroup memory is read that no thread of the group has written";
      finding->memory = describer_.threadgroup_memory(offset);
    }
  }
  compare(cells, Space::kThreadgroup);
}

void Monitor::device_access() {
  Region* region = region_of_access();
  if (region == nullptr) {
    return;
  }
  if (current_.writes() && checks_.has(Check::kReadOnly) && is_read_only(*region)) {
    if (Finding* finding = find_or_add(Check::kReadOnly, 0)) {
      finding->message = "a write to a buffer that the kernel takes for reading only";
      finding->memory = describer_.memory(current_.address);
      finding->remedy = "bind it to a parameter without const or constant";
    }
  }
  if (checks_.has(Check::kRace) || checks_.has(Check::kOrder)) {
    if (region->shadow == nullptr) {
      region->shadow = std::make_unique<Shadow>(region->bytes);
    }
    compare(region->shadow->cells(current_.address - region->begin, current_.bytes),
            Space::kDevice);
  }
}

// The buffer that holds the access; nullptr when the access needs no more checks.
Region* Monitor::region_of_access() {
  const auto holds = [this](const Region& region) {
    const std::uintptr_t offset = current_.address - region.begin;
    return offset < region.bytes && current_.bytes <= region.bytes - offset;
  };
  Region*& cached = region_of_site_[(reinterpret_cast<std::uintptr_t>(current_.pc) >> 2) %
                                    region_of_site_.size()];
  if (cached != nullptr && holds(*cached) && !cached->is_released) {
    return cached;
  }
  for (const BoundBuffer& bound : dispatch_.bound) {
    if (holds(*bound.region) && !bound.region->is_released) {
      return cached = bound.region.get();
    }
  }
  if (current_.address >= object_begin_ && current_.address < object_end_) {
    if (current_.writes()) {
      add_fatal(Check::kReadOnly, "a write to a constant of the program", "constant memory");
    }
    return nullptr;
  }
  if (scheduler_.owns_stack(current_.address)) {
    return nullptr;  // of another thread: its operand in a SIMD-group function
  }
  const auto region = MemoryMap::instance().find(current_.address);
  if (region != nullptr && holds(*region)) {
    if (!region->is_released && dispatch_.uses_resources) {
      regions_.push_back(region);
      return cached = region.get();
    }
    if (region->is_released && checks_.has(Check::kFreed)) {
      add_fatal(Check::kFreed,
                current_.name() + " in a buffer that has been released",
                describer_.memory(current_.address));
      return nullptr;
    }
  }
  if (checks_.has(Check::kBounds)) {
    add_fatal(Check::kBounds,
              current_.name() + " outside of the buffer",
              describer_.memory(current_.address));
  }
  return nullptr;
}

// Whether all parameters that the buffer is bound to are const.
bool Monitor::is_read_only(const Region& region) const {
  bool is_bound = false;
  for (const BoundBuffer& bound : dispatch_.bound) {
    if (bound.region.get() == &region) {
      is_bound = true;
      if (!dispatch_.entry->parameters[bound.parameter].is_const) {
        return false;
      }
    }
  }
  return is_bound;
}

// Compares the access with those that the cells remember, and makes them remember it.
void Monitor::compare(Shadow::Range cells, Space space) {
  const unsigned thread = scheduler_.current_thread();
  const Stamp now(phases_.current(thread), thread, current_.is_atomic(), site(current_.pc));
  const std::uint32_t valid_from =
      space == Space::kThreadgroup ? phases_.first_of_group() : phases_.window();
  const auto concerns = [&](Stamp before) {
    return before.phase() >= valid_from && !before.same_thread(now) &&
           !(before.is_atomic() && now.is_atomic());
  };
  for (Cell* cell = cells.begin; cell != cells.end; ++cell) {
    if (concerns(cell->write)) {
      check_order(cell->write, Access::Kind::kWrite, space);
    }
    if (current_.writes()) {
      if (concerns(cell->read)) {
        check_order(cell->read, Access::Kind::kRead, space);
      }
      if (concerns(cell->other_read)) {
        check_order(cell->other_read, Access::Kind::kRead, space);
      }
      cell->write = now;
      cell->read = cell->other_read = Stamp();
    } else if (!cell->read.same_thread(now)) {
      if (cell->read.phase() < valid_from || phases_.is_ordered(cell->read, thread, space)) {
        cell->read = now;
        cell->other_read = Stamp();
      } else {
        cell->other_read = now;
      }
    }
  }
}

void Monitor::check_order(Stamp before, Access::Kind kind_before, Space space) {
  if (!phases_.is_ordered(before, scheduler_.current_thread(), space)) {
    add_conflict(before, kind_before, space);
  }
}

std::uint64_t Monitor::site(const void* pc) const {
  return reinterpret_cast<std::uintptr_t>(pc) - object_begin_;
}

// A new finding of the current access to fill in; nullptr when the mistake is known already.
Finding* Monitor::find_or_add(Check check, std::uint64_t other_site) {
  // Which of two threads came first is up to the schedule.
  const std::uint64_t own_site = site(current_.pc);
  const Key key{check, std::min(own_site, other_site), std::max(own_site, other_site)};
  const auto [known, is_new] = index_of_.try_emplace(key, findings_.size());
  if (!is_new) {
    ++findings_[known->second].count;
    return nullptr;
  }
  Finding& finding = findings_.emplace_back();
  finding.check = check;
  finding.kernel = dispatch_.kernel;
  finding.accesses.push_back(describe_access());
  finding.place = finding.accesses.front().place;
  return &finding;
}

void Monitor::add_fatal(Check check, std::string message, std::string memory) {
  must_stop_ = true;
  if (Finding* finding = find_or_add(check, 0)) {
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

void Monitor::add_conflict(Stamp before, Access::Kind kind_before, Space space) {
  const Phases::Phase& then = phases_[before.phase()];
  const Phases::Phase& now = phases_[phases_.current(scheduler_.current_thread())];
  const bool same_dispatch = then.dispatch == now.dispatch;
  const Check check = same_dispatch ? Check::kRace : Check::kOrder;
  if (!checks_.has(check)) {
    return;
  }
  Finding* finding = find_or_add(check, before.site());
  if (finding == nullptr) {
    return;
  }
  for (const Shared::Past& past : shared().window) {
    if (past.number != then.dispatch) {
      continue;
    }
    const bool is_write = kind_before == Access::Kind::kWrite;
    Access& access = finding->accesses.emplace_back();
    access.kind = before.is_atomic()
                      ? (is_write ? Access::Kind::kAtomicUpdate : Access::Kind::kAtomicRead)
                      : kind_before;
    access.bytes = static_cast<std::uint32_t>(current_.bytes);
    access.thread = thread_id(past.dispatch, then.group, before.thread());
    access.kernel = same_dispatch ? "" : past.dispatch.kernel;
    if (before.site() != 0) {
      Describer::locate(access, reinterpret_cast<const void*>(past.object_begin + before.site()));
    }
  }
  if (space == Space::kDevice) {
    finding->memory = describer_.memory(current_.address);
  } else {
    finding->memory = describer_.threadgroup_memory(
        current_.address - reinterpret_cast<std::uintptr_t>(scheduler_.threadgroup_memory()));
  }
  explain_conflict(*finding, then, now, space);
}

void Monitor::fault(
    Check check, std::string message, const Place& place, const void* pc, bool is_fatal) {
  current_ = {.pc = pc};
  if (checks_.has(check)) {
    if (Finding* finding = find_or_add(check, 0)) {
      finding->message = std::move(message);
      finding->accesses.front().bytes = 0;
      if (finding->place.line == 0) {
        finding->place = place;
      }
    }
  }
  must_stop_ = must_stop_ || is_fatal;
}

std::string Monitor::finish() {
  return report_all(one_for_each_place(std::move(findings_)));
}

}  // namespace softmetal
