#pragma once

#include "Metal/MTLAllocation.hpp"
#include "Metal/MTLDeviceObject.hpp"

namespace MTL {

class Heap;

enum PurgeableState : NS::UInteger {
  PurgeableStateKeepCurrent = 1,
  PurgeableStateNonVolatile = 2,
  PurgeableStateVolatile = 3,
  PurgeableStateEmpty = 4,
};
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
  ResourceStorageModeMemoryless = 1 << 5,
  ResourceHazardTrackingModeDefault = 0,
  ResourceHazardTrackingModeUntracked = 1 << 8,
  ResourceHazardTrackingModeTracked = 1 << 9,
  ResourceOptionCPUCacheModeDefault = 0,
  ResourceOptionCPUCacheModeWriteCombined = 1,
};

class Resource : public softmetal::DeviceObject<Resource, Allocation> {
 public:
  NS::UInteger allocatedSize() const { return Allocation::allocatedSize(); }
  ResourceOptions resourceOptions() const;
  CPUCacheMode cpuCacheMode() const { return static_cast<CPUCacheMode>(resourceOptions() & 15); }
  StorageMode storageMode() const { return static_cast<StorageMode>(resourceOptions() >> 4 & 15); }
  HazardTrackingMode hazardTrackingMode() const {
    return static_cast<HazardTrackingMode>(resourceOptions() >> 8 & 3);
  }

  /// The heap that the memory is from, or nullptr.
  Heap* heap() const;
  NS::UInteger heapOffset() const;
  /// Lets the resources that the heap makes from now on use the same memory. Once done, it stays.
  void makeAliasable();
  bool isAliasable();

  /// Memory is never taken back: what was volatile is still there. Returns the state before.
  PurgeableState setPurgeableState(MTL::PurgeableState state);
};

}  // namespace MTL
