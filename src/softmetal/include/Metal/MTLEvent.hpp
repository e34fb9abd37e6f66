#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

class Device;

/// A counter that command buffers wait for and raise.
class Event : public NS::Referencing<Event> {
 public:
  Device* device() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);
};

class SharedEvent : public NS::Referencing<SharedEvent, Event> {
 public:
  uint64_t signaledValue() const;
  void setSignaledValue(uint64_t signaledValue);
  /// False when the time was over first.
  bool waitUntilSignaledValue(uint64_t value, uint64_t milliseconds);
};

}  // namespace MTL
