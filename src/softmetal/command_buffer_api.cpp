// The functions of MTL::CommandBuffer.
#include "fmt/format.h"

#include "softmetal/command_buffer.hpp"
#include "softmetal/event.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {
namespace {

Failure wait_for(const SharedEventObject& event, std::uint64_t value) {
  const std::chrono::milliseconds timeout = options().timeout;
  if (event.wait(value, timeout.count() == 0 ? std::nullopt : std::optional(timeout))) {
    return {};
  }
  return {fmt::format("encodeWait: {} has not reached {} within {} s, its value is {}; "
                      "SOFTMETAL_TIMEOUT sets the time",
                      event.label() == nullptr
                          ? "the event"
                          : fmt::format("the event '{}'", event.label()->utf8String()),
                      value,
                      std::chrono::duration<double>(timeout).count(),
                      event.value()),
          MTL::CommandBufferErrorTimeout};
}

}  // namespace
}  // namespace softmetal

namespace MTL {
using softmetal::self;

CommandQueue* CommandBuffer::commandQueue() const {
  return self(this)->queue();
}
bool CommandBuffer::retainedReferences() const {
  return self(this)->retains_references();
}
CommandBufferErrorOption CommandBuffer::errorOptions() const {
  return self(this)->error_options();
}

ComputeCommandEncoder* CommandBuffer::computeCommandEncoder() {
  return computeCommandEncoder(DispatchTypeSerial);
}
ComputeCommandEncoder* CommandBuffer::computeCommandEncoder(MTL::DispatchType dispatchType) {
  return softmetal::new_compute_encoder(NS::RetainPtr(self(this)), dispatchType)->autorelease();
}
ComputeCommandEncoder* CommandBuffer::computeCommandEncoder(
    const MTL::ComputePassDescriptor* computePassDescriptor) {
  return computeCommandEncoder(computePassDescriptor->dispatchType());
}
BlitCommandEncoder* CommandBuffer::blitCommandEncoder() {
  return softmetal::new_blit_encoder(NS::RetainPtr(self(this)))->autorelease();
}
BlitCommandEncoder* CommandBuffer::blitCommandEncoder(const MTL::BlitPassDescriptor*) {
  return blitCommandEncoder();
}

void CommandBuffer::encodeSignalEvent(const MTL::Event* event, uint64_t value) {
  self(this)->require_no_encoder("encodeSignalEvent");
  self(this)->keep(event);
  self(this)->add([object = self(event), value] {
    object->raise(value);
    return softmetal::Failure();
  });
}
void CommandBuffer::encodeWait(const MTL::Event* event, uint64_t value) {
  self(this)->require_no_encoder("encodeWait");
  self(this)->keep(event);
  self(this)->add([object = self(event), value] { return softmetal::wait_for(*object, value); });
}

void CommandBuffer::addCompletedHandler(const MTL::HandlerFunction& function) {
  self(this)->add_completed_handler(function);
}
void CommandBuffer::addScheduledHandler(const MTL::HandlerFunction& function) {
  self(this)->add_scheduled_handler(function);
}
void CommandBuffer::useResidencySet(const MTL::ResidencySet* residencySet) {
  useResidencySets(&residencySet, 1);
}
void CommandBuffer::useResidencySets(const MTL::ResidencySet* const residencySets[],
                                     NS::UInteger count) {
  for (NS::UInteger i = 0; i < count; ++i) {
    self(this)->use_residency_set(residencySets[i]);
  }
}
void CommandBuffer::pushDebugGroup(const NS::String* string) {
  self(this)->push_group(string);
}
void CommandBuffer::popDebugGroup() {
  self(this)->pop_group();
}

void CommandBuffer::enqueue() {
  self(this)->enqueue();
}
void CommandBuffer::commit() {
  self(this)->commit();
}
void CommandBuffer::waitUntilScheduled() {
  self(this)->wait_until_scheduled();
}
void CommandBuffer::waitUntilCompleted() {
  self(this)->wait_until_completed();
}

CommandBufferStatus CommandBuffer::status() const {
  return self(this)->status();
}
NS::Error* CommandBuffer::error() const {
  return self(this)->error();
}
LogContainer* CommandBuffer::logs() const {
  return (new LogContainer())->autorelease();
}
CFTimeInterval CommandBuffer::GPUStartTime() const {
  return self(this)->start_time();
}
CFTimeInterval CommandBuffer::GPUEndTime() const {
  return self(this)->end_time();
}
CFTimeInterval CommandBuffer::kernelStartTime() const {
  return GPUStartTime();
}
CFTimeInterval CommandBuffer::kernelEndTime() const {
  return GPUEndTime();
}

}  // namespace MTL
