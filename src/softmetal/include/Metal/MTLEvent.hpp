#pragma once

#include <functional>

#include "Foundation/NSBlock.hpp"
#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLTypes.hpp"

// libdispatch, where there is one, declares the same.
typedef struct dispatch_queue_s* dispatch_queue_t;

namespace MTL {

class SharedEvent;

using SharedEventNotificationFunction =
    std::function<void(SharedEvent* pEvent, std::uint64_t value)>;
#if defined(__BLOCKS__)
using SharedEventNotificationBlock = void (^)(SharedEvent* pEvent, std::uint64_t value);
#endif

/// A counter that command buffers wait for and raise.
class Event : public softmetal::DeviceObject<Event> {};

/// A thread that calls programs when an event has reached a value.
class SharedEventListener : public NS::Referencing<SharedEventListener> {
 public:
  static SharedEventListener* alloc();
  SharedEventListener* init();
  /// The queue is not used: every listener has a thread of its own.
  SharedEventListener* init(const dispatch_queue_t dispatchQueue);
  static SharedEventListener* sharedListener();
  dispatch_queue_t dispatchQueue() const { return nullptr; }
};

/// Stands for an event of this process; other processes cannot use it.
class SharedEventHandle : public NS::SecureCoding<SharedEventHandle> {
 public:
  NS::String* label() const;
};

class SharedEvent : public NS::Referencing<SharedEvent, Event> {
 public:
  uint64_t signaledValue() const;
  void setSignaledValue(uint64_t signaledValue);
  /// False when the time was over first.
  bool waitUntilSignaledValue(uint64_t value, uint64_t milliseconds);

  /// Calls `function` once, with the value then, when the event has reached `value`; at once when
  /// it already has.
  void notifyListener(const MTL::SharedEventListener* listener,
                      uint64_t value,
                      const MTL::SharedEventNotificationFunction& function);
#if defined(__BLOCKS__)
  void notifyListener(const MTL::SharedEventListener* listener,
                      uint64_t value,
                      const MTL::SharedEventNotificationBlock block) {
    notifyListener(listener, value, softmetal::function_of(block));
  }
#endif
  SharedEventHandle* newSharedEventHandle();
};

}  // namespace MTL
