// Blocks, where the compiler has them (-fblocks; the program then links a blocks runtime).
#pragma once

#if defined(__BLOCKS__)
#include <functional>
#include <memory>

extern "C" void* _Block_copy(const void*);
extern "C" void _Block_release(const void*);

namespace softmetal {

/// A function that calls a copy of the block; none for nil.
template <class... Arguments>
std::function<void(Arguments...)> function_of(void (^block)(Arguments...)) {
  if (block == nullptr) {
    return nullptr;
  }
  using Block = void (^)(Arguments...);
  const std::shared_ptr<void> copy(_Block_copy(reinterpret_cast<const void*>(block)),
                                   _Block_release);
  return [copy](Arguments... arguments) { reinterpret_cast<Block>(copy.get())(arguments...); };
}

}  // namespace softmetal
#endif
