// MTL::CommandQueue: the order in which command buffers run.
#include "softmetal/command_queue.hpp"

#include <algorithm>
#include <utility>

#include "softmetal/command_buffer.hpp"

namespace softmetal {

void CommandQueueObject::enqueue(CommandBufferObject* buffer) {
  const std::lock_guard lock(mutex_);
  if (find(buffer) == order_.end()) {
    order_.push_back({buffer, {}});
  }
}

void CommandQueueObject::commit(CommandBufferObject* buffer) {
  const std::lock_guard lock(mutex_);
  auto place = find(buffer);
  if (place == order_.end()) {
    place = order_.insert(place, {buffer, {}});
  }
  place->committed = NS::RetainPtr(buffer);
  run_committed();
}

void CommandQueueObject::forget(CommandBufferObject* buffer) {
  const std::lock_guard lock(mutex_);
  if (const auto place = find(buffer); place != order_.end()) {
    order_.erase(place);
    run_committed();
  }
}

void CommandQueueObject::add_residency_sets(ResidencySets sets) {
  const std::lock_guard lock(mutex_);
  for (const MTL::ResidencySet* set : sets) {
    residency_sets_[set] = NS::RetainPtr(const_cast<MTL::ResidencySet*>(set));
  }
}

void CommandQueueObject::remove_residency_sets(ResidencySets sets) {
  const std::lock_guard lock(mutex_);
  for (const MTL::ResidencySet* set : sets) {
    residency_sets_.erase(set);
  }
}

bool CommandQueueObject::has_residency_sets() const {
  const std::lock_guard lock(mutex_);
  return !residency_sets_.empty();
}

std::deque<CommandQueueObject::Place>::iterator CommandQueueObject::find(
    CommandBufferObject* buffer) {
  return std::ranges::find(order_, buffer, &Place::buffer);
}

void CommandQueueObject::run_committed() {
  while (!order_.empty() && order_.front().committed) {
    run(std::move(order_.front().committed));
    order_.pop_front();
  }
}

void CommandQueueObject::run(NS::SharedPtr<CommandBufferObject> buffer) {
  thread.push([buffer = std::move(buffer)]() mutable {
    // Who waits for the buffer goes on when this thread has let go of it.
    const std::shared_ptr<Progress> progress = buffer->progress();
    {
      const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
      buffer->run();
    }
    buffer.reset();
    progress->finish();
  });
}

bool CommandQueueObject::remove_blocked(CommandBufferObject* buffer) {
  NS::SharedPtr<CommandBufferObject> removed;  // outlives the lock
  const std::lock_guard lock(mutex_);
  const auto place = find(buffer);
  if (place == order_.end()) {
    return false;
  }
  removed = std::move(place->committed);
  order_.erase(place);
  return true;
}

}  // namespace softmetal

namespace MTL {
using softmetal::self;

CommandQueue* Device::newCommandQueue() {
  return new softmetal::CommandQueueObject();
}
CommandQueue* Device::newCommandQueue(NS::UInteger) {
  return newCommandQueue();
}
CommandQueue* Device::newCommandQueue(const MTL::CommandQueueDescriptor*) {
  return newCommandQueue();
}

CommandBuffer* CommandQueue::commandBuffer() {
  const auto descriptor = NS::TransferPtr(CommandBufferDescriptor::alloc()->init());
  return commandBuffer(descriptor.get());
}
CommandBuffer* CommandQueue::commandBuffer(const MTL::CommandBufferDescriptor* descriptor) {
  return (new softmetal::CommandBufferObject(NS::RetainPtr(self(this)), *descriptor))
      ->autorelease();
}
CommandBuffer* CommandQueue::commandBufferWithUnretainedReferences() {
  const auto descriptor = NS::TransferPtr(CommandBufferDescriptor::alloc()->init());
  descriptor->setRetainedReferences(false);
  return commandBuffer(descriptor.get());
}

void CommandQueue::addResidencySet(const MTL::ResidencySet* residencySet) {
  addResidencySets(&residencySet, 1);
}
void CommandQueue::addResidencySets(const MTL::ResidencySet* const residencySets[],
                                    NS::UInteger count) {
  self(this)->add_residency_sets({residencySets, count});
}
void CommandQueue::removeResidencySet(const MTL::ResidencySet* residencySet) {
  removeResidencySets(&residencySet, 1);
}
void CommandQueue::removeResidencySets(const MTL::ResidencySet* const residencySets[],
                                       NS::UInteger count) {
  self(this)->remove_residency_sets({residencySets, count});
}

}  // namespace MTL
