// The accesses before the current one, and whether they come before it.
#include <algorithm>
#include <utility>

#include "softmetal/checks/conflict.hpp"
#include "softmetal/checks/monitor.hpp"
#include "softmetal/grid.hpp"

namespace softmetal {

// Compares the access with those that the cells remember, and makes them remember it.
void Monitor::compare(const WatchedMemory& memory) {
  const Shadow::Range cells = memory.cells(current_.address, current_.bytes);
  const unsigned thread = scheduler_.current_thread();
  const Stamp now = stamp(current_.is_atomic(), current_.pc);
  const Stamp recent = memory.order->recent;
  if (memory.space == Space::kThreadgroup && current_.reads() &&
      checks_.has(Check::kUninitialised)) {
    check_written(cells);
  }
  const auto concerns = [&](Stamp before) {
    return !before.is_before(recent) && !before.same_thread(now) &&
           !(before.is_atomic() && now.is_atomic());
  };
  const auto is_past = [&](Stamp before) {
    return before.is_before(recent) || phases_.is_ordered(before, thread, memory.space);
  };
  for (Cell* cell = cells.begin; cell != cells.end; ++cell) {
    if (concerns(cell->write)) {
      check_order(cell->write, Access::Kind::kWrite, memory.space);
    }
    if (current_.writes()) {
      if (concerns(cell->read)) {
        check_order(cell->read, Access::Kind::kRead, memory.space);
      }
      if (concerns(cell->other_read)) {
        check_order(cell->other_read, Access::Kind::kRead, memory.space);
      }
      *cell = {.write = now, .read = {}, .other_read = {}};
    } else if (!cell->read.same_thread(now)) {
      // The latest reader may not be ordered though an earlier one is.
      if (is_past(cell->read)) {
        cell->read = std::exchange(cell->other_read, Stamp());
      }
      (is_past(cell->read) ? cell->read : cell->other_read) = now;
    }
  }
}

// A read of several words may read some that are only padding.
void Monitor::check_written(Shadow::Range cells) {
  const bool is_written = std::any_of(cells.begin, cells.end, [&](const Cell& cell) {
    return !cell.write.is_before(phases_.order(Space::kThreadgroup).written_since);
  });
  if (is_written) {
    return;
  }
  if (Finding* finding = find_or_add(Check::kUninitialised)) {
    finding->message = "threadgroup memory is read that no thread of the group has written";
    finding->memory = describe_memory(Space::kThreadgroup);
  }
}

void Monitor::check_order(Stamp before, Access::Kind kind_before, Space space) {
  if (!phases_.is_ordered(before, scheduler_.current_thread(), space)) {
    add_conflict(before, kind_before, space);
  }
}

void Monitor::add_conflict(Stamp before, Access::Kind kind_before, Space space) {
  const Phases::Phase& then = phases_[before.phase()];
  const Phases::Phase& now = phases_[phases_.current(scheduler_.current_thread())];
  const bool same_dispatch = then.dispatch == now.dispatch;
  const Check check = same_dispatch ? Check::kRace : Check::kOrder;
  if (!checks_.has(check)) {
    return;
  }
  const History::Past& past = history_[then.dispatch];
  const std::uint64_t site_before = before.site(past.object.begin);
  Finding* finding = find_or_add(check, site_before);
  if (finding == nullptr) {
    return;
  }
  const bool is_write = kind_before == Access::Kind::kWrite;
  Access& access = finding->accesses.emplace_back();
  access.kind = before.is_atomic()
                    ? (is_write ? Access::Kind::kAtomicUpdate : Access::Kind::kAtomicRead)
                    : kind_before;
  access.bytes = static_cast<std::uint32_t>(current_.bytes);
  access.thread = thread_id(past.dispatch, then.group, before.thread());
  access.kernel = same_dispatch ? "" : past.dispatch.kernel;
  if (past.object.end - past.object.begin <= Stamp::kMaxSite) {
    Describer::locate(access, reinterpret_cast<const void*>(past.object.begin + site_before));
  }
  finding->memory = describe_memory(space);
  explain_conflict(*finding, then, now, space);
}

std::string Monitor::describe_memory(Space space) const {
  return space == Space::kDevice
             ? describer_.memory(current_.address)
             : describer_.threadgroup_memory(
                   current_.address -
                   reinterpret_cast<std::uintptr_t>(scheduler_.threadgroup_memory()));
}

}  // namespace softmetal
