#include "softmetal/include/softmetal/run.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <optional>

#include "ingot/error.hpp"

#include "core/text.hpp"
#include "softmetal/include/Metal/Metal.hpp"
#include "softmetal/objects.hpp"
#include "softmetal/source.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;
namespace {

std::vector<Argument> read_arguments(const ComputePipelineStateObject& pipeline) {
  const auto& parameters = pipeline.specialisation.parameters;
  const Entry& entry = pipeline.executable(options()).entry();
  std::vector<Argument> arguments;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const ingot::msl::Parameter& parameter = parameters[i];
    if (parameter.binding.kind == ingot::msl::BindingKind::kBuiltin) {
      continue;
    }
    const ParameterType& compiled = entry.parameters[i];
    arguments.push_back({
        .name = parameter.name,
        .type = parameter.type,
        .index = parameter.binding.index,
        .is_threadgroup = parameter.binding.kind == ingot::msl::BindingKind::kThreadgroup,
        .is_read_only = parameter.is_const,
        .is_disabled = compiled.kind == ParameterType::kDisabled,
        .is_reference = parameter.kind == ingot::msl::ParameterKind::kReference,
        .size = compiled.size,
        .alignment = compiled.alignment,
    });
  }
  return arguments;
}

struct Binding {
  std::vector<std::byte> initial;
  std::span<std::byte> destination;  // empty: what the kernel writes is not asked for
  bool is_bytes = false;
  NS::SharedPtr<MTL::Buffer> buffer;  // of the dispatch that runs
};

MTL::Size to_mtl(const Size& size) {
  return MTL::Size(size.x, size.y, size.z);
}

}  // namespace

struct Kernel::State {
  std::string name;
  NS::SharedPtr<MTL::Device> device = NS::TransferPtr(MTL::CreateSystemDefaultDevice());
  NS::SharedPtr<MTL::CommandQueue> queue = NS::TransferPtr(device->newCommandQueue());
  NS::SharedPtr<ComputePipelineStateObject> pipeline;
  std::vector<Argument> arguments;
  std::map<unsigned, Binding> buffers;
  std::map<unsigned, std::size_t> threadgroup;

  void make_buffers();
  void encode(MTL::ComputeCommandEncoder& encoder) const;
};

// Anew for each dispatch, so that each begins with the same memory.
void Kernel::State::make_buffers() {
  for (auto& [index, binding] : buffers) {
    if (binding.is_bytes) {
      continue;
    }
    binding.buffer = NS::TransferPtr(device->newBuffer(
        binding.initial.data(), binding.initial.size(), MTL::ResourceStorageModeShared));
    if (!binding.buffer) {
      throw Error(ErrorCode::kOutOfMemory,
                  fmt::format("buffer {}", index),
                  fmt::format("the device gives no buffer of {} bytes: at most {} are possible",
                              binding.initial.size(),
                              device->maxBufferLength()));
    }
  }
}

void Kernel::State::encode(MTL::ComputeCommandEncoder& encoder) const {
  encoder.setComputePipelineState(pipeline.get());
  for (const auto& [index, binding] : buffers) {
    if (binding.is_bytes) {
      encoder.setBytes(binding.initial.data(), binding.initial.size(), index);
    } else {
      encoder.setBuffer(binding.buffer.get(), 0, index);
    }
  }
  for (const auto& [index, bytes] : threadgroup) {
    encoder.setThreadgroupMemoryLength(bytes, index);
  }
}

Kernel::Kernel(const Source& source,
               const std::string& name,
               const std::vector<Constant>& constants)
    : state_(std::make_unique<State>()) {
  const Program program = read_program(source);
  state_->name = name;
  state_->pipeline = NS::TransferPtr(new ComputePipelineStateObject(
      program.specialise(find_kernel(program, name).name, literals(program, constants)),
      ComputePipelineStateObject::Requirements(),
      nullptr));
  state_->arguments = read_arguments(*state_->pipeline.get());
}

Kernel::~Kernel() = default;
Kernel::Kernel(Kernel&&) noexcept = default;
Kernel& Kernel::operator=(Kernel&&) noexcept = default;

const std::vector<Argument>& Kernel::arguments() const {
  return state_->arguments;
}

const Argument& Kernel::argument(const Slot& slot, bool is_threadgroup) const {
  std::vector<std::string> names;
  for (const Argument& argument : state_->arguments) {
    if (argument.is_threadgroup != is_threadgroup) {
      continue;
    }
    if (slot.name() != nullptr ? argument.name == *slot.name() : argument.index == slot.index()) {
      return argument;
    }
    names.push_back(fmt::format("{} (index {})", argument.name, argument.index));
  }
  throw Error(ErrorCode::kNotFound,
              to_string(slot),
              fmt::format("the kernel '{}' has no {} of this name or index",
                          state_->name,
                          is_threadgroup ? "threadgroup argument" : "buffer"),
              ingot::suggestion(to_string(slot), names));
}

Kernel& Kernel::bind(const Slot& slot,
                     std::span<const std::byte> initial,
                     std::span<std::byte> destination) {
  const Argument& found = argument(slot);
  if (initial.empty()) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("buffer {} '{}'", found.index, found.name),
                "has no bytes, and Metal has no buffers of length 0",
                "bind at least one element");
  }
  Binding& binding = state_->buffers[found.index];
  binding = {};
  binding.initial.assign(initial.begin(), initial.end());
  binding.destination = destination;
  return *this;
}

Kernel& Kernel::set_bytes(const Slot& slot, std::span<const std::byte> bytes) {
  bind(slot, bytes, {});
  state_->buffers[argument(slot).index].is_bytes = true;
  return *this;
}

Kernel& Kernel::threadgroup(const Slot& slot, std::size_t bytes) {
  state_->threadgroup[argument(slot, true).index] = bytes;
  return *this;
}

Result Kernel::dispatch(const Size& threads, const Size& threads_per_threadgroup) {
  return run(threads, threads_per_threadgroup, false);
}

Result Kernel::dispatch_threadgroups(const Size& threadgroups,
                                     const Size& threads_per_threadgroup) {
  return run(threadgroups, threads_per_threadgroup, true);
}

Result Kernel::run(const Size& grid, const Size& group, bool whole_groups) {
  const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  state_->make_buffers();
  MTL::CommandBuffer* commands = state_->queue->commandBuffer();
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  state_->encode(*encoder);
  if (whole_groups) {
    encoder->dispatchThreadgroups(to_mtl(grid), to_mtl(group));
  } else {
    encoder->dispatchThreads(to_mtl(grid), to_mtl(group));
  }
  encoder->endEncoding();
  commands->commit();
  commands->waitUntilCompleted();

  Result result;
  result.findings = take_findings();
  result.seconds = commands->GPUEndTime() - commands->GPUStartTime();
  if (const NS::Error* error = commands->error()) {
    result.error = error->localizedDescription()->utf8String();
    if (std::ranges::all_of(result.findings, &Finding::is_advice)) {
      const std::string subject = fmt::format("kernel '{}'", state_->name);
      const bool names_it = result.error.starts_with(subject + ": ");
      throw Error(
          ErrorCode::kDevice, subject, result.error.substr(names_it ? subject.size() + 2 : 0));
    }
  }
  for (auto& [index, binding] : state_->buffers) {
    if (!binding.destination.empty()) {
      std::memcpy(binding.destination.data(), binding.buffer->contents(), binding.initial.size());
    }
    binding.buffer.reset();
  }
  return result;
}

unsigned Kernel::max_threads_per_threadgroup() const {
  return state_->pipeline->specialisation.max_threads;
}

}  // namespace softmetal
