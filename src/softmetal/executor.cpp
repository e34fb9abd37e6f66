#include "softmetal/executor.hpp"

#include <algorithm>
#include <atomic>
#include <tbb/task_arena.h>
#include <utility>

#include "core/parallel.hpp"
#include "softmetal/grid.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {
namespace {

// A worker keeps up to kMaxThreads stacks with a guard page each, two memory mappings a stack, and
// Linux gives a process 65,530 mappings: more workers than this could not all run full-sized
// groups.
constexpr int kMaxFiberWorkers = 24;

// What all groups of a dispatch share.
class GridRun {
 public:
  explicit GridRun(const Dispatch& dispatch) : dispatch_(dispatch) {}

  std::string run() {
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
    Scheduler& scheduler = Scheduler::local();
    std::array<void*, kMaxBindings> arguments{};
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (dispatch_.threadgroup_arguments[i]) {
        arguments[i] = scheduler.threadgroup_memory() + *dispatch_.threadgroup_arguments[i];
      }
    }
    for (std::size_t number = begin; number < end && !failed_.load(std::memory_order_relaxed);
         ++number) {
      Group group{};
      group.buffers = dispatch_.buffers.data();
      group.threadgroup_arguments = arguments.data();
      group.threads_per_grid = dispatch_.threads_per_grid;
      group.threadgroups_per_grid = dispatch_.threadgroups_per_grid;
      group.dispatched_size = dispatch_.threads_per_threadgroup;
      group.position = group_position(dispatch_, number);
      group.size = group_size(dispatch_, group.position);
      group.thread_count = group.size.x * group.size.y * group.size.z;
      fail(scheduler.run(*dispatch_.entry, dispatch_.layout, group));
    }
  }

  void fail(std::string failure) {
    if (!failure.empty() && !failed_.exchange(true)) {
      failure_ = std::move(failure);
    }
  }

  const Dispatch& dispatch_;
  std::atomic<bool> failed_ = false;
  std::string failure_;  // written by the first to fail, read when all have ended
};

}  // namespace

ThreadgroupLayout::ThreadgroupLayout(const Entry& entry) : offsets_(kMaxThreadgroupVariables) {
  // A template's variables may be listed once for each place they were inlined in.
  std::array<bool, kMaxThreadgroupVariables> placed{};
  for (auto* variable = entry.variables_begin; variable != entry.variables_end; ++variable) {
    if (!std::exchange(placed[variable->index], true)) {
      offsets_[variable->index] = add(variable->size);
    }
  }
}

std::size_t ThreadgroupLayout::add(std::size_t bytes) {
  const std::size_t offset = bytes_;
  bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  return offset;
}

std::string execute(const Dispatch& dispatch) {
  catch_faults();
  return GridRun(dispatch).run();
}

const Runtime& runtime() {
  static constexpr Runtime kTable = {
      .barrier = [] { Scheduler::current().barrier(); },
      .collective = [](Collective* call) { Scheduler::current().collective(*call); },
      .thread_index = [] { return Scheduler::current().thread_index(); },
      .thread_finished = [] { Scheduler::current().thread_finished(); },
      .threadgroup_variable =
          [](unsigned index) { return Scheduler::current().threadgroup_variable(index); },
  };
  return kTable;
}

}  // namespace softmetal
