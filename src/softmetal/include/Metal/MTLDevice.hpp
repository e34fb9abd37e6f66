#pragma once

#include <functional>

#include "Metal/MTLResource.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

class Buffer;
class CommandQueue;
class CompileOptions;
class ComputePipelineState;
class Event;
class Function;
class Library;
class SharedEvent;

enum GPUFamily : NS::Integer {
  GPUFamilyApple1 = 1001,
  GPUFamilyApple2 = 1002,
  GPUFamilyApple3 = 1003,
  GPUFamilyApple4 = 1004,
  GPUFamilyApple5 = 1005,
  GPUFamilyApple6 = 1006,
  GPUFamilyApple7 = 1007,
  GPUFamilyApple8 = 1008,
  GPUFamilyApple9 = 1009,
  GPUFamilyApple10 = 1010,
  GPUFamilyMac1 = 2001,
  GPUFamilyMac2 = 2002,
  GPUFamilyCommon1 = 3001,
  GPUFamilyCommon2 = 3002,
  GPUFamilyCommon3 = 3003,
  GPUFamilyMetal3 = 5001,
  GPUFamilyMetal4 = 5002,
};

class Device : public NS::Referencing<Device> {
 public:
  NS::String* name() const;
  uint64_t registryID() const;
  Size maxThreadsPerThreadgroup() const;
  NS::UInteger maxThreadgroupMemoryLength() const;
  NS::UInteger maxBufferLength() const;
  uint64_t recommendedMaxWorkingSetSize() const;
  NS::UInteger currentAllocatedSize() const;
  bool hasUnifiedMemory() const { return true; }
  /// Only the common families: the Apple and Mac ones also promise what softmetal has not got.
  bool supportsFamily(MTL::GPUFamily gpuFamily);

  /// nullptr when the memory cannot be had.
  Buffer* newBuffer(NS::UInteger length, MTL::ResourceOptions options);
  Buffer* newBuffer(const void* pointer, NS::UInteger length, MTL::ResourceOptions options);
  /// Uses the caller's memory, without a copy; `deallocator`, if any, is called with it in the end.
  Buffer* newBuffer(const void* pointer,
                    NS::UInteger length,
                    MTL::ResourceOptions options,
                    const std::function<void(void*, NS::UInteger)>& deallocator);

  Library* newLibrary(const NS::String* source,
                      const MTL::CompileOptions* options,
                      NS::Error** error);
  ComputePipelineState* newComputePipelineState(const MTL::Function* computeFunction,
                                                NS::Error** error);
  CommandQueue* newCommandQueue();
  CommandQueue* newCommandQueue(NS::UInteger maxCommandBufferCount);
  Event* newEvent();
  SharedEvent* newSharedEvent();
};

/// The one device; the caller owns a reference.
Device* CreateSystemDefaultDevice();
NS::Array* CopyAllDevices();

}  // namespace MTL
