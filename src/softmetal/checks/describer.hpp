// Says in words where in memory and in the source something happened.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "softmetal/executor.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

class Describer {
 public:
  explicit Describer(const Dispatch& dispatch) : dispatch_(dispatch) {}

  /// "buffer 1 'out' + 400 bytes (element 100 of float)"; for an address outside of all buffers the
  /// nearest one.
  std::string memory(std::uintptr_t address) const;

  /// "threadgroup variable 'tile' + 8 bytes (of 4096)".
  std::string threadgroup_memory(std::size_t offset) const;

  /// Tells an access its place and the calls around it, from where its call-back returns to.
  static void locate(Access& access, const void* pc);

 private:
  std::string bound(const BoundBuffer& buffer, std::uintptr_t address) const;

  const Dispatch& dispatch_;
};

}  // namespace softmetal
