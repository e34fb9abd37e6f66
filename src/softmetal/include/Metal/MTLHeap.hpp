#pragma once

#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLResource.hpp"

namespace MTL {

class Buffer;

enum HeapType : NS::Integer {
  HeapTypeAutomatic = 0,
  HeapTypePlacement = 1,
  HeapTypeSparse = 2,
};

class HeapDescriptor : public NS::Copying<HeapDescriptor> {
 public:
  static HeapDescriptor* alloc() { return new HeapDescriptor(); }
  HeapDescriptor* init() { return this; }

  NS::UInteger size() const { return size_; }
  void setSize(NS::UInteger size) { size_ = size; }
  HeapType type() const { return type_; }
  void setType(MTL::HeapType type) { type_ = type; }
  StorageMode storageMode() const { return storage_mode_; }
  void setStorageMode(MTL::StorageMode storageMode) { storage_mode_ = storageMode; }
  CPUCacheMode cpuCacheMode() const { return cpu_cache_mode_; }
  void setCpuCacheMode(MTL::CPUCacheMode cpuCacheMode) { cpu_cache_mode_ = cpuCacheMode; }
  HazardTrackingMode hazardTrackingMode() const { return hazard_tracking_mode_; }
  void setHazardTrackingMode(MTL::HazardTrackingMode hazardTrackingMode) {
    hazard_tracking_mode_ = hazardTrackingMode;
  }
  /// The three modes in one number.
  ResourceOptions resourceOptions() const {
    return cpu_cache_mode_ | storage_mode_ << 4 | hazard_tracking_mode_ << 8;
  }
  void setResourceOptions(MTL::ResourceOptions resourceOptions) {
    cpu_cache_mode_ = static_cast<CPUCacheMode>(resourceOptions & 15);
    storage_mode_ = static_cast<StorageMode>(resourceOptions >> 4 & 15);
    hazard_tracking_mode_ = static_cast<HazardTrackingMode>(resourceOptions >> 8 & 3);
  }

 private:
  Counted* duplicate() const override { return new HeapDescriptor(*this); }

  NS::UInteger size_ = 0;
  HeapType type_ = HeapTypeAutomatic;
  StorageMode storage_mode_ = StorageModePrivate;
  CPUCacheMode cpu_cache_mode_ = CPUCacheModeDefaultCache;
  HazardTrackingMode hazard_tracking_mode_ = HazardTrackingModeDefault;
};

/// Memory that buffers are made from.
class Heap : public softmetal::DeviceObject<Heap, Allocation> {
 public:
  HeapType type() const;
  StorageMode storageMode() const;
  CPUCacheMode cpuCacheMode() const;
  HazardTrackingMode hazardTrackingMode() const;
  ResourceOptions resourceOptions() const;

  NS::UInteger size() const;
  /// Bytes that buffers occupy now and no other may have.
  NS::UInteger usedSize() const;
  NS::UInteger currentAllocatedSize() const;
  /// The longest buffer of this alignment that can be made now; 0 for a placement heap.
  NS::UInteger maxAvailableSize(NS::UInteger alignment);

  /// nullptr when there is no room, the options ask for another storage or cache mode than the
  /// heap's, or the heap is one for placement.
  Buffer* newBuffer(NS::UInteger length, MTL::ResourceOptions options);
  /// In a placement heap; the offset is a multiple of the alignment that heapBufferSizeAndAlign
  /// gives. Buffers may overlap.
  Buffer* newBuffer(NS::UInteger length, MTL::ResourceOptions options, NS::UInteger offset);

  PurgeableState setPurgeableState(MTL::PurgeableState state);
};

}  // namespace MTL
