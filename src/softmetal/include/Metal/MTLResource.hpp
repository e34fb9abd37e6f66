#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

class Device;

enum CPUCacheMode : NS::UInteger {
  CPUCacheModeDefaultCache = 0,
  CPUCacheModeWriteCombined = 1,
};
enum StorageMode : NS::UInteger {
  StorageModeShared = 0,
  StorageModeManaged = 1,
  StorageModePrivate = 2,
  StorageModeMemoryless = 3,
};
enum HazardTrackingMode : NS::UInteger {
  HazardTrackingModeDefault = 0,
  HazardTrackingModeUntracked = 1,
  HazardTrackingModeTracked = 2,
};

using ResourceOptions = NS::UInteger;
enum : NS::UInteger {
  ResourceCPUCacheModeDefaultCache = 0,
  ResourceCPUCacheModeWriteCombined = 1,
  ResourceStorageModeShared = 0,
  ResourceStorageModeManaged = 1 << 4,
  ResourceStorageModePrivate = 1 << 5,
  ResourceHazardTrackingModeDefault = 0,
  ResourceHazardTrackingModeUntracked = 1 << 8,
  ResourceHazardTrackingModeTracked = 1 << 9,
};

class Allocation : public NS::Referencing<Allocation> {
 public:
  NS::UInteger allocatedSize() const { return allocated_bytes(); }

 private:
  virtual NS::UInteger allocated_bytes() const { return 0; }
};

class Resource : public NS::Referencing<Resource, Allocation> {
 public:
  Device* device() const;
  NS::String* label() const { return label_.get(); }
  void setLabel(const NS::String* label) { label_ = NS::RetainPtr(const_cast<NS::String*>(label)); }
  CPUCacheMode cpuCacheMode() const { return static_cast<CPUCacheMode>(resourceOptions() & 15); }
  StorageMode storageMode() const { return static_cast<StorageMode>(resourceOptions() >> 4 & 15); }
  HazardTrackingMode hazardTrackingMode() const {
    return static_cast<HazardTrackingMode>(resourceOptions() >> 8 & 3);
  }
  ResourceOptions resourceOptions() const;

 private:
  NS::SharedPtr<NS::String> label_;
};

}  // namespace MTL
