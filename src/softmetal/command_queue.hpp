// The object behind MTL::CommandQueue.
#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <span>

#include "Metal/Metal.hpp"
#include "softmetal/serial_thread.hpp"

namespace softmetal {

class CommandBufferObject;

class CommandQueueObject final : public NS::Referencing<CommandQueueObject, MTL::CommandQueue> {
 public:
  /// Gives a command buffer its place in the order, unless it has one.
  void enqueue(CommandBufferObject* buffer);
  /// Runs it when all before it have run.
  void commit(CommandBufferObject* buffer);
  /// Gives up the place of a buffer that will never be committed.
  void forget(CommandBufferObject* buffer);
  /// Takes a committed buffer out of the order if one before it has not been committed.
  bool remove_blocked(CommandBufferObject* buffer);
  /// Runs a buffer behind those that have already been committed.
  void run(NS::SharedPtr<CommandBufferObject> buffer);

  using ResidencySets = std::span<const MTL::ResidencySet* const>;
  void add_residency_sets(ResidencySets sets);
  void remove_residency_sets(ResidencySets sets);
  bool has_residency_sets() const;

  SerialThread thread;

 private:
  struct Place {
    CommandBufferObject* buffer = nullptr;
    NS::SharedPtr<CommandBufferObject> committed;
  };
  std::deque<Place>::iterator find(CommandBufferObject* buffer);
  void run_committed();

  mutable std::mutex mutex_;
  std::deque<Place> order_;  // of those that have not begun; guarded by mutex_
  std::map<const MTL::ResidencySet*, NS::SharedPtr<MTL::ResidencySet>> residency_sets_;
};

inline CommandQueueObject* self(const MTL::CommandQueue* q) {
  return static_cast<CommandQueueObject*>(const_cast<MTL::CommandQueue*>(q));
}

}  // namespace softmetal
