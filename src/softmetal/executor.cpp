#include "softmetal/executor.hpp"

#include <algorithm>
#include <atomic>
#include <tbb/task_arena.h>
#include <utility>

#include "core/parallel.hpp"
#include "softmetal/checks/convergence.hpp"
#include "softmetal/checks/findings.hpp"
#include "softmetal/checks/hooks.hpp"
#include "softmetal/checks/monitor.hpp"
#include "softmetal/grid.hpp"
#include "softmetal/program.hpp"
#include "softmetal/round_up.hpp"
#include "softmetal/schedule_order.hpp"
#include "softmetal/scheduler.hpp"
#include "softmetal/shader_log.hpp"
#include "softmetal/turns.hpp"

namespace softmetal {
namespace {

// A worker keeps up to kMaxThreads stacks with a guard page each, two memory mappings a stack, and
// Linux gives a process 65,530 mappings: more workers than this could not all run full-sized
// groups.
constexpr int kMaxFiberWorkers = 24;

// Checks see one thread at a time, in some order.
std::optional<Schedule> schedule_of(const Options& chosen) {
  return chosen.checks.empty() || chosen.schedule ? chosen.schedule : Schedule();
}

// Threads that neither wait for each other nor have been given an order run as a loop.
bool orders_threads(const Dispatch& dispatch) {
  return dispatch.options.schedule ||
         (!dispatch.options.checks.empty() && dispatch.specialisation->may_block);
}

// The threadgroup arguments in the memory of the calling worker.
struct Arguments {
  explicit Arguments(const Dispatch& dispatch) {
    for (std::size_t i = 0; i < addresses.size(); ++i) {
      if (dispatch.threadgroup_arguments[i]) {
        addresses[i] = Scheduler::local().threadgroup_memory() + *dispatch.threadgroup_arguments[i];
      }
    }
  }
  std::array<void*, kMaxBindings> addresses{};
};

// What all groups of a dispatch share.
class GridRun {
 public:
  explicit GridRun(const Dispatch& dispatch, Convergence* convergence = nullptr)
      : dispatch_(dispatch),
        schedule_(schedule_of(dispatch.options)),
        mode_{.number = next_number(),
              .schedule = orders_threads(dispatch) ? &*schedule_ : nullptr,
              .convergence = convergence} {}

  Failure run() {
    if (schedule_) {
      const std::size_t count = group_count(dispatch_);
      const GroupOrder order(*schedule_, count);
      const Arguments arguments(dispatch_);
      for (std::size_t turn = 0; turn < count && !failed_; ++turn) {
        run_group(order[turn], arguments);
      }
      return failure_;
    }
    const auto run_all = [&] {
      ingot::parallel_for(
          static_cast<int64_t>(group_count(dispatch_)), 1, [this](int64_t begin, int64_t end) {
            run_groups(static_cast<std::size_t>(begin), static_cast<std::size_t>(end));
          });
    };
    if (dispatch_.never_blocks) {
      run_all();
    } else {
      static tbb::task_arena arena(
          std::min(tbb::this_task_arena::max_concurrency(), kMaxFiberWorkers));
      arena.execute(run_all);
    }
    return failure_;
  }

 private:
  void run_groups(std::size_t begin, std::size_t end) {
    const Arguments arguments(dispatch_);
    for (std::size_t number = begin; number < end && !failed_.load(std::memory_order_relaxed);
         ++number) {
      run_group(number, arguments);
    }
  }

  void run_group(std::size_t number, const Arguments& arguments) {
    Group group{};
    group.buffers = dispatch_.buffers.data();
    group.threadgroup_arguments = arguments.addresses.data();
    group.threads_per_grid = dispatch_.threads_per_grid;
    group.threadgroups_per_grid = dispatch_.threadgroups_per_grid;
    group.dispatched_size = dispatch_.threads_per_threadgroup;
    group.position = group_position(dispatch_, number);
    group.size = group_size(dispatch_, group.position);
    group.thread_count = group.size.x * group.size.y * group.size.z;
    std::optional<Scheduler::Stopped> failure = Scheduler::local().run(dispatch_, mode_, group);
    // The first one counts: the others may well be the same.
    if (failure && !failed_.exchange(true)) {
      failure_ = std::move(failure->reason);
      if (failure->finding) {
        report(*std::move(failure->finding));
      }
    }
  }

  static std::uint64_t next_number() {
    static std::atomic<std::uint64_t> last = 0;
    return ++last;
  }

  const Dispatch& dispatch_;
  const std::optional<Schedule> schedule_;  // none: on all cores
  const Scheduler::Mode mode_;
  std::atomic<bool> failed_ = false;
  Failure failure_;  // written by the first to fail, read when all have ended
};

// Knows where the kernel calls from by its own return address.
void poll(const volatile void* object, unsigned long value) {
  Scheduler::current().poll(object, value, __builtin_return_address(0));
}

}  // namespace

ThreadgroupLayout::ThreadgroupLayout(const Entry& entry, std::size_t gap) : gap_(gap) {
  constexpr std::size_t kUnplaced = ~std::size_t{0};
  for (auto* variable = entry.variables_begin; variable != entry.variables_end; ++variable) {
    // The index counts the variables of a whole source, of which a kernel lists its own.
    if (variable->index >= offsets_.size()) {
      offsets_.resize(variable->index + 1, kUnplaced);
    }
    // A template's variables may be listed once for each place they were inlined in.
    if (offsets_[variable->index] == kUnplaced) {
      offsets_[variable->index] = place({.index = variable->index,
                                         .bytes = variable->size,
                                         .element_bytes = variable->element_size});
    }
  }
}

std::size_t ThreadgroupLayout::add_argument(unsigned index, std::size_t bytes) {
  return place({.is_argument = true, .index = index, .bytes = bytes});
}

std::size_t ThreadgroupLayout::place(Piece piece) {
  const std::size_t rounded = round_up(piece.bytes, kAlignment);
  piece.offset = bytes_;
  pieces_.push_back(piece);
  used_bytes_ += rounded;
  bytes_ += rounded + gap_;
  return piece.offset;
}

Failure execute(const Dispatch& dispatch) {
  catch_faults();
  const WatchedDispatch watched(dispatch.options.timeout);
  if (dispatch.options.checks.empty()) {
    return GridRun(dispatch).run();
  }
  Monitor monitor(dispatch, dispatch.options.checks, Scheduler::local());
  Dispatch observed = dispatch;
  observed.observer = &monitor;
  Convergence convergence(observed, dispatch.options.checks);
  Failure stopped = GridRun(observed, &convergence).run();
  Failure found = monitor.finish();
  Failure diverged = convergence.finish();
  Failure without_value = dispatch.options.checks.has(Check::kUninitialised)
                              ? report_all(dispatch.executable->uninitialised_uses())
                              : Failure();
  for (Failure* failure : {&found, &stopped, &diverged}) {
    if (!failure->empty()) {
      return std::move(*failure);
    }
  }
  return without_value;
}

const Runtime& runtime() {
  static const Runtime kTable = {
      .barrier = softmetal_barrier,
      .collective = softmetal_collective,
      .next_thread = softmetal_next_thread,
      .thread_index = [] { return Scheduler::current().current_thread(); },
      .thread_finished = [] { Scheduler::current().thread_finished(); },
      .poll = poll,
      .threadgroup_variable =
          [](unsigned index) { return Scheduler::current().threadgroup_variable(index); },
      .log = log,
      .checks = check_hooks(),
  };
  return kTable;
}

}  // namespace softmetal
