// What a compute encoder has bound for its next dispatch.
#pragma once

#include <array>
#include <string>

#include "softmetal/executor.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {

/// Buffers, bytes and lengths of threadgroup memory by index. Functions return what is wrong with a
/// call, or "". The table does not keep buffers alive.
class ArgumentTable {
 public:
  /// nullptr unbinds the index.
  std::string set_buffer(const BufferObject* buffer, NS::UInteger offset, NS::UInteger index);
  /// Moves the start of a buffer that is bound.
  std::string set_offset(NS::UInteger offset, NS::UInteger index);
  /// `copy` holds bytes that a program passed by value.
  std::string set_bytes(const BufferObject* copy, NS::UInteger index);
  std::string set_threadgroup_length(NS::UInteger length, NS::UInteger index);

  /// Gives `dispatch` the arguments that the kernel of `pipeline` takes, and the layout of its
  /// threadgroup memory.
  std::string fill(const ComputePipelineStateObject& pipeline, Dispatch& dispatch) const;

 private:
  struct Bound {
    const BufferObject* buffer = nullptr;  // nullptr: nothing
    NS::UInteger offset = 0;
    bool is_bytes = false;
  };

  std::array<Bound, kMaxBindings> bound_;
  std::array<NS::UInteger, kMaxBindings> threadgroup_lengths_{};
};

}  // namespace softmetal
