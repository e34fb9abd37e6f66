#include "softmetal/compile_thread.hpp"

#include <atomic>

#include "ingot/error.hpp"

#include "softmetal/toolchain.hpp"

namespace softmetal {
namespace {

std::atomic<bool> is_used = false;

}  // namespace

SerialThread& compile_thread() {
  static SerialThread thread = [] {
    // The end of the program waits for the thread before it destroys what was made earlier.
    try {
      Toolchain::get();
    } catch (const ingot::Error&) {
      // Whoever compiles is told.
    }
    return SerialThread();
  }();
  is_used = true;
  return thread;
}

void wait_for_compile_thread() {
  if (is_used) {
    compile_thread().wait_until_idle();
  }
}

}  // namespace softmetal
