#include "softmetal/argument_table.hpp"

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace softmetal {
namespace {

std::string check_index(const char* function, NS::UInteger index) {
  return index < kMaxBindings
             ? ""
             : fmt::format(
                   "{} with index {}: the last one is {}", function, index, kMaxBindings - 1);
}

}  // namespace

std::string ArgumentTable::set_buffer(const BufferObject* buffer,
                                      NS::UInteger offset,
                                      NS::UInteger index) {
  if (std::string mistake = check_index("setBuffer", index); !mistake.empty()) {
    return mistake;
  }
  bound_[index] = {.buffer = buffer};
  return buffer == nullptr ? "" : set_offset(offset, index);
}

std::string ArgumentTable::set_offset(NS::UInteger offset, NS::UInteger index) {
  if (std::string mistake = check_index("setBufferOffset", index); !mistake.empty()) {
    return mistake;
  }
  Bound& bound = bound_[index];
  if (bound.buffer == nullptr || bound.is_bytes) {
    return fmt::format("setBufferOffset for index {}, which has no buffer", index);
  }
  if (offset > bound.buffer->bytes()) {
    return fmt::format("the offset {} for index {} lies behind the end of {} ({} bytes)",
                       offset,
                       index,
                       bound.buffer->name(),
                       bound.buffer->bytes());
  }
  bound.offset = offset;
  return "";
}

std::string ArgumentTable::set_bytes(const BufferObject* copy, NS::UInteger index) {
  std::string mistake = check_index("setBytes", index);
  if (mistake.empty()) {
    bound_[index] = {.buffer = copy, .is_bytes = true};
  }
  return mistake;
}

std::string ArgumentTable::set_threadgroup_length(NS::UInteger length, NS::UInteger index) {
  if (std::string mistake = check_index("setThreadgroupMemoryLength", index); !mistake.empty()) {
    return mistake;
  }
  if (length % ThreadgroupLayout::kAlignment != 0) {
    return fmt::format("setThreadgroupMemoryLength of {} bytes for index {}: not a multiple of {}",
                       length,
                       index,
                       ThreadgroupLayout::kAlignment);
  }
  threadgroup_lengths_[index] = length;
  return "";
}

std::string ArgumentTable::fill(const ComputePipelineStateObject& pipeline,
                                Dispatch& dispatch) const try {
  const Executable& executable = pipeline.executable(dispatch.options);
  const Entry& entry = executable.entry();
  dispatch.entry = &entry;
  dispatch.never_blocks = executable.build().never_blocks;
  dispatch.layout = executable.layout();
  dispatch.executable = &executable;
  dispatch.specialisation = &pipeline.specialisation;
  for (unsigned i = 0; i < entry.parameter_count; ++i) {
    const unsigned index = entry.parameters[i].index;
    const std::string& name = pipeline.specialisation.parameters[i].name;
    if (entry.parameters[i].kind == ParameterType::kBuffer) {
      const Bound& bound = bound_[index];
      if (bound.buffer == nullptr) {
        return fmt::format("nothing is bound to the buffer index {} (parameter '{}')", index, name);
      }
      dispatch.buffers[index] = bound.buffer->data() + bound.offset;
      if (executable.build().checked) {
        const NS::String* label = bound.buffer->label();
        dispatch.bound.push_back({.parameter = i,
                                  .region = bound.buffer->region(),
                                  .offset = bound.offset,
                                  .label = label == nullptr ? "" : label->utf8String()});
      }
    } else if (entry.parameters[i].kind == ParameterType::kThreadgroup) {
      if (threadgroup_lengths_[index] == 0) {
        return fmt::format("the threadgroup argument '{}' (index {}) has no length", name, index);
      }
      dispatch.threadgroup_arguments[index] =
          dispatch.layout.add_argument(index, threadgroup_lengths_[index]);
    }
  }
  if (dispatch.layout.used_bytes() > kThreadgroupMemoryLimit) {
    return fmt::format(
        "{} bytes of threadgroup memory, variables and arguments together: at most {} are possible",
        dispatch.layout.used_bytes(),
        kThreadgroupMemoryLimit);
  }
  return "";
} catch (const ingot::Error& error) {
  return error.what();  // of compiling the kernel anew, for options that have changed
}

}  // namespace softmetal
