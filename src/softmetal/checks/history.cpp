#include "softmetal/checks/history.hpp"

#include "softmetal/checks/memory_map.hpp"
#include "softmetal/scheduler.hpp"

namespace softmetal {

History::History() : threadgroup_(Scheduler::kArenaBytes) {}

History& History::instance() {
  static History instance;
  return instance;
}

void History::begin(const Dispatch& dispatch) {
  const bool restarts = phases_.is_exhausted();
  if (restarts) {
    MemoryMap::instance().clear_shadows();
    threadgroup_.clear();
    phases_.restart();
  }
  if (dispatch.window == 0 || dispatch.window != window_number_ || restarts) {
    phases_.begin_window();
    window_.clear();
    window_number_ = dispatch.window;
  }
  phases_.begin_dispatch();
  window_.push_back({phases_.dispatch(), dispatch, dispatch.executable->memory()});
}

}  // namespace softmetal
