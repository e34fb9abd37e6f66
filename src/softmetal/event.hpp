// The object behind MTL::Event and MTL::SharedEvent.
#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <vector>

#include "Metal/Metal.hpp"
#include "softmetal/serial_thread.hpp"

namespace softmetal {

class SharedEventListenerObject final
    : public NS::Referencing<SharedEventListenerObject, MTL::SharedEventListener> {
 public:
  using NS::Object::live_forever;

  SerialThread thread;
};

class SharedEventObject final : public NS::Referencing<SharedEventObject, MTL::SharedEvent> {
 public:
  std::uint64_t value() const;
  void raise(std::uint64_t value);
  /// Waits, for ever without a time; false when the time was over first.
  bool wait(std::uint64_t value, std::optional<std::chrono::milliseconds> time) const;
  void notify(NS::SharedPtr<SharedEventListenerObject> listener,
              std::uint64_t value,
              MTL::SharedEventNotificationFunction function);

 private:
  struct Notification {
    NS::SharedPtr<SharedEventListenerObject> listener;
    std::uint64_t value = 0;
    MTL::SharedEventNotificationFunction function;
  };
  void call(const Notification& notification, std::uint64_t value);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t value_ = 0;
  std::vector<Notification> notifications_;
};

inline SharedEventObject* self(const MTL::Event* e) {
  return static_cast<SharedEventObject*>(const_cast<MTL::Event*>(e));
}

}  // namespace softmetal
