#pragma once

#include "Metal/MTLAllocation.hpp"

namespace MTL {

class Device;

class ResidencySetDescriptor : public NS::Copying<ResidencySetDescriptor> {
 public:
  static ResidencySetDescriptor* alloc() { return new ResidencySetDescriptor(); }
  ResidencySetDescriptor* init() { return this; }

  NS::String* label() const { return label_.get(); }
  void setLabel(const NS::String* label) { label_ = NS::RetainPtr(const_cast<NS::String*>(label)); }
  NS::UInteger initialCapacity() const { return initial_capacity_; }
  void setInitialCapacity(NS::UInteger initialCapacity) { initial_capacity_ = initialCapacity; }

 private:
  Counted* duplicate() const override { return new ResidencySetDescriptor(*this); }

  NS::SharedPtr<NS::String> label_;
  NS::UInteger initial_capacity_ = 0;
};

/// Allocations that a program wants in the device's memory. All memory is resident here, so the set
/// only keeps them alive and counts them. Changes apply when commit() is called.
class ResidencySet : public NS::Referencing<ResidencySet> {
 public:
  Device* device() const;
  NS::String* label() const;

  void addAllocation(const MTL::Allocation* allocation);
  void addAllocations(const MTL::Allocation* const allocations[], NS::UInteger count);
  void removeAllocation(const MTL::Allocation* allocation);
  void removeAllocations(const MTL::Allocation* const allocations[], NS::UInteger count);
  void removeAllAllocations();
  void commit();
  void requestResidency() {}
  void endResidency() {}

  // What is in the set, committed or not.
  NS::Array* allAllocations() const;
  bool containsAllocation(const MTL::Allocation* anAllocation);
  NS::UInteger allocationCount() const;
  /// Bytes of the allocations that are committed.
  uint64_t allocatedSize() const;
};

}  // namespace MTL
