// MTL::Event, SharedEvent and their listeners; MTL::Fence.
#include "softmetal/event.hpp"

#include <algorithm>
#include <utility>

namespace softmetal {
namespace {

class SharedEventHandleObject final
    : public NS::Referencing<SharedEventHandleObject, MTL::SharedEventHandle> {
 public:
  explicit SharedEventHandleObject(NS::SharedPtr<SharedEventObject> stands_for)
      : event(std::move(stands_for)) {}

  const NS::SharedPtr<SharedEventObject> event;
};

class FenceObject final : public NS::Referencing<FenceObject, MTL::Fence> {};

}  // namespace

static const SharedEventHandleObject* self(const MTL::SharedEventHandle* handle) {
  return static_cast<const SharedEventHandleObject*>(handle);
}

static SharedEventListenerObject* self(const MTL::SharedEventListener* listener) {
  return static_cast<SharedEventListenerObject*>(const_cast<MTL::SharedEventListener*>(listener));
}

std::uint64_t SharedEventObject::value() const {
  const std::lock_guard lock(mutex_);
  return value_;
}

void SharedEventObject::raise(std::uint64_t value) {
  const std::lock_guard lock(mutex_);
  value_ = value;
  changed_.notify_all();
  std::erase_if(notifications_, [&](const Notification& notification) {
    const bool is_due = notification.value <= value;
    if (is_due) {
      call(notification, value);
    }
    return is_due;
  });
}

bool SharedEventObject::wait(std::uint64_t value,
                             std::optional<std::chrono::milliseconds> time) const {
  std::unique_lock lock(mutex_);
  const auto reached = [&] { return value_ >= value; };
  if (!time) {
    changed_.wait(lock, reached);
    return true;
  }
  return changed_.wait_for(lock, *time, reached);
}

void SharedEventObject::notify(NS::SharedPtr<SharedEventListenerObject> listener,
                               std::uint64_t value,
                               MTL::SharedEventNotificationFunction function) {
  const std::lock_guard lock(mutex_);
  Notification notification{std::move(listener), value, std::move(function)};
  if (value_ >= value) {
    call(notification, value_);
  } else {
    notifications_.push_back(std::move(notification));
  }
}

void SharedEventObject::call(const Notification& notification, std::uint64_t value) {
  notification.listener->thread.push([event = NS::RetainPtr(this),
                                      function = notification.function,
                                      value] { function(event.get(), value); });
}

}  // namespace softmetal

namespace MTL {
using softmetal::self;

Event* Device::newEvent() {
  return newSharedEvent();
}
SharedEvent* Device::newSharedEvent() {
  return new softmetal::SharedEventObject();
}
SharedEvent* Device::newSharedEvent(const MTL::SharedEventHandle* sharedEventHandle) {
  return self(sharedEventHandle)->event->retain();
}
Fence* Device::newFence() {
  return new softmetal::FenceObject();
}

uint64_t SharedEvent::signaledValue() const {
  return self(this)->value();
}
void SharedEvent::setSignaledValue(uint64_t signaledValue) {
  self(this)->raise(signaledValue);
}
bool SharedEvent::waitUntilSignaledValue(uint64_t value, uint64_t milliseconds) {
  // The longest time that a clock can add to now.
  constexpr uint64_t kLongest = uint64_t{1} << 40;
  return self(this)->wait(value, std::chrono::milliseconds(std::min(milliseconds, kLongest)));
}
void SharedEvent::notifyListener(const MTL::SharedEventListener* listener,
                                 uint64_t value,
                                 const MTL::SharedEventNotificationFunction& function) {
  self(this)->notify(NS::RetainPtr(self(listener)), value, function);
}
SharedEventHandle* SharedEvent::newSharedEventHandle() {
  return new softmetal::SharedEventHandleObject(NS::RetainPtr(self(this)));
}
NS::String* SharedEventHandle::label() const {
  return self(this)->event->label();
}

SharedEventListener* SharedEventListener::alloc() {
  return new softmetal::SharedEventListenerObject();
}
SharedEventListener* SharedEventListener::init() {
  return this;
}
SharedEventListener* SharedEventListener::init(const dispatch_queue_t) {
  return this;
}
SharedEventListener* SharedEventListener::sharedListener() {
  static softmetal::SharedEventListenerObject* const shared = [] {
    auto* listener = new softmetal::SharedEventListenerObject();
    listener->live_forever();
    return listener;
  }();
  return shared;
}

}  // namespace MTL
