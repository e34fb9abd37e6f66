#pragma once

#include <functional>

#include "Foundation/NSBlock.hpp"
#include "Metal/MTLResource.hpp"
#include "Metal/MTLTypes.hpp"

// libdispatch, where there is one, declares the same.
typedef struct dispatch_data_s* dispatch_data_t;

namespace MTL {

class ArgumentEncoder;
class Buffer;
class BufferBinding;
class CommandQueue;
class CommandQueueDescriptor;
class CompileOptions;
class ComputePipelineDescriptor;
class ComputePipelineReflection;
class ComputePipelineState;
class CounterSampleBuffer;
class CounterSampleBufferDescriptor;
class Device;
class Event;
class Fence;
class Function;
class Heap;
class HeapDescriptor;
class Library;
class ResidencySet;
class ResidencySetDescriptor;
class SharedEvent;
class SharedEventHandle;

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
  GPUFamilyMacCatalyst1 = 4001,
  GPUFamilyMacCatalyst2 = 4002,
  GPUFamilyMetal3 = 5001,
  GPUFamilyMetal4 = 5002,
};
enum DeviceLocation : NS::UInteger {
  DeviceLocationBuiltIn = 0,
  DeviceLocationSlot = 1,
  DeviceLocationExternal = 2,
  DeviceLocationUnspecified = NS::UIntegerMax,
};
enum ReadWriteTextureTier : NS::UInteger {
  ReadWriteTextureTierNone = 0,
  ReadWriteTextureTier1 = 1,
  ReadWriteTextureTier2 = 2,
};
enum ArgumentBuffersTier : NS::UInteger {
  ArgumentBuffersTier1 = 0,
  ArgumentBuffersTier2 = 1,
};
enum CounterSamplingPoint : NS::UInteger {
  CounterSamplingPointAtStageBoundary = 0,
  CounterSamplingPointAtDrawBoundary = 1,
  CounterSamplingPointAtDispatchBoundary = 2,
  CounterSamplingPointAtTileDispatchBoundary = 3,
  CounterSamplingPointAtBlitBoundary = 4,
};

using PipelineOption = NS::UInteger;
enum : NS::UInteger {
  PipelineOptionNone = 0,
  PipelineOptionArgumentInfo = 1,
  PipelineOptionBindingInfo = 1,
  PipelineOptionBufferTypeInfo = 1 << 1,
  PipelineOptionFailOnBinaryArchiveMiss = 1 << 2,
};

using AutoreleasedComputePipelineReflection = MTL::ComputePipelineReflection*;
using NewLibraryCompletionHandlerFunction = std::function<void(MTL::Library*, NS::Error*)>;
using NewComputePipelineStateCompletionHandlerFunction =
    std::function<void(MTL::ComputePipelineState*, NS::Error*)>;
using NewComputePipelineStateWithReflectionCompletionHandlerFunction =
    std::function<void(MTL::ComputePipelineState*, MTL::ComputePipelineReflection*, NS::Error*)>;
#if defined(__BLOCKS__)
using NewLibraryCompletionHandler = void (^)(MTL::Library*, NS::Error*);
using NewComputePipelineStateCompletionHandler = void (^)(MTL::ComputePipelineState*, NS::Error*);
using NewComputePipelineStateWithReflectionCompletionHandler =
    void (^)(MTL::ComputePipelineState*, MTL::ComputePipelineReflection*, NS::Error*);
#endif

class Architecture : public NS::Copying<Architecture> {
 public:
  NS::String* name() const;
};

class Device : public NS::Referencing<Device> {
 public:
  NS::String* name() const;
  /// Ends as the names of Apple's generations do, which programs read.
  Architecture* architecture() const;
  uint64_t registryID() const;
  DeviceLocation location() const { return DeviceLocationBuiltIn; }
  NS::UInteger locationNumber() const { return 0; }
  bool isHeadless() const { return true; }
  bool isLowPower() const { return false; }
  bool isRemovable() const { return false; }
  bool hasUnifiedMemory() const { return true; }
  uint64_t maxTransferRate() const { return 0; }
  uint32_t peerCount() const { return 0; }
  uint64_t peerGroupID() const { return 0; }
  uint32_t peerIndex() const { return 0; }

  Size maxThreadsPerThreadgroup() const;
  NS::UInteger maxThreadgroupMemoryLength() const;
  NS::UInteger maxBufferLength() const;
  uint64_t recommendedMaxWorkingSetSize() const;
  NS::UInteger currentAllocatedSize() const;

  /// What an Apple GPU of the ninth generation says, for what is not graphics.
  bool supportsFamily(MTL::GPUFamily gpuFamily);
  ArgumentBuffersTier argumentBuffersSupport() const { return ArgumentBuffersTier2; }
  NS::UInteger maxArgumentBufferSamplerCount() const { return 0; }
  ReadWriteTextureTier readWriteTextureSupport() const { return ReadWriteTextureTierNone; }
  bool supports32BitFloatFiltering() const { return false; }
  bool supports32BitMSAA() const { return false; }
  bool supportsBCTextureCompression() const { return false; }
  bool supportsCounterSampling(MTL::CounterSamplingPoint) { return false; }
  bool supportsDynamicLibraries() const { return false; }
  bool supportsFunctionPointers() const { return false; }
  bool supportsRaytracing() const { return false; }

  /// Nanoseconds, both of the host's clock.
  void sampleTimestamps(MTL::Timestamp* cpuTimestamp, MTL::Timestamp* gpuTimestamp);
  /// Ticks a second of the clock of sampleTimestamps().
  uint64_t queryTimestampFrequency() { return 1'000'000'000; }

  // nullptr when the memory cannot be had, or there is no such storage mode for buffers. With the
  // check "arguments" a finding says why.
  Buffer* newBuffer(NS::UInteger length, MTL::ResourceOptions options);
  Buffer* newBuffer(const void* pointer, NS::UInteger length, MTL::ResourceOptions options);
  /// Uses the caller's memory, without a copy: whole pages, or nullptr. `deallocator`, if any, is
  /// called with it in the end.
#if defined(__BLOCKS__)
  Buffer* newBuffer(const void* pointer,
                    NS::UInteger length,
                    MTL::ResourceOptions options,
                    void (^deallocator)(void*, NS::UInteger)) {
    return borrow_memory(pointer, length, options, softmetal::function_of(deallocator));
  }
#else
  Buffer* newBuffer(const void* pointer,
                    NS::UInteger length,
                    MTL::ResourceOptions options,
                    const std::function<void(void*, NS::UInteger)>& deallocator) {
    return borrow_memory(pointer, length, options, deallocator);
  }
#endif
  Heap* newHeap(const MTL::HeapDescriptor* descriptor);
  SizeAndAlign heapBufferSizeAndAlign(NS::UInteger length, MTL::ResourceOptions options);
  ResidencySet* newResidencySet(const MTL::ResidencySetDescriptor* desc, NS::Error** error);

  Library* newLibrary(const NS::String* source,
                      const MTL::CompileOptions* options,
                      NS::Error** error);
  // Of Metal source, where Metal itself takes compiled libraries alone; those are refused. The
  // source finds included files in its own folder.
  Library* newLibrary(const NS::String* filepath, NS::Error** error);
  Library* newLibrary(const NS::URL* url, NS::Error** error);
  // There are no compiled libraries: always an error.
  Library* newLibrary(const dispatch_data_t data, NS::Error** error);
  Library* newDefaultLibrary();
  Library* newDefaultLibrary(const NS::Bundle* bundle, NS::Error** error);

  /// `reflection` is written, autoreleased, when `options` asks for it.
  ComputePipelineState* newComputePipelineState(const MTL::Function* computeFunction,
                                                NS::Error** error);
  ComputePipelineState* newComputePipelineState(
      const MTL::Function* computeFunction,
      MTL::PipelineOption options,
      const MTL::AutoreleasedComputePipelineReflection* reflection,
      NS::Error** error);
  ComputePipelineState* newComputePipelineState(
      const MTL::ComputePipelineDescriptor* descriptor,
      MTL::PipelineOption options,
      const MTL::AutoreleasedComputePipelineReflection* reflection,
      NS::Error** error);

  // Compile on another thread, one after the other, and call the handler there; what it is given
  // is autoreleased when it returns.
  void newLibrary(const NS::String* pSource,
                  const MTL::CompileOptions* pOptions,
                  const MTL::NewLibraryCompletionHandlerFunction& completionHandler);
  void newComputePipelineState(
      const MTL::Function* pFunction,
      const MTL::NewComputePipelineStateCompletionHandlerFunction& completionHandler);
  void newComputePipelineState(
      const MTL::Function* pFunction,
      MTL::PipelineOption options,
      const MTL::NewComputePipelineStateWithReflectionCompletionHandlerFunction& completionHandler);
  void newComputePipelineState(
      const MTL::ComputePipelineDescriptor* pDescriptor,
      MTL::PipelineOption options,
      const MTL::NewComputePipelineStateWithReflectionCompletionHandlerFunction& completionHandler);
#if defined(__BLOCKS__)
  void newLibrary(const NS::String* source,
                  const MTL::CompileOptions* options,
                  const MTL::NewLibraryCompletionHandler completionHandler) {
    newLibrary(source, options, softmetal::function_of(completionHandler));
  }
  void newComputePipelineState(
      const MTL::Function* computeFunction,
      const MTL::NewComputePipelineStateCompletionHandler completionHandler) {
    newComputePipelineState(computeFunction, softmetal::function_of(completionHandler));
  }
  void newComputePipelineState(
      const MTL::Function* computeFunction,
      MTL::PipelineOption options,
      const MTL::NewComputePipelineStateWithReflectionCompletionHandler completionHandler) {
    newComputePipelineState(computeFunction, options, softmetal::function_of(completionHandler));
  }
  void newComputePipelineState(
      const MTL::ComputePipelineDescriptor* descriptor,
      MTL::PipelineOption options,
      const MTL::NewComputePipelineStateWithReflectionCompletionHandler completionHandler) {
    newComputePipelineState(descriptor, options, softmetal::function_of(completionHandler));
  }
#endif
  NS::UInteger maximumConcurrentCompilationTaskCount() const { return 1; }
  bool shouldMaximizeConcurrentCompilation() const { return false; }
  /// Does nothing.
  void setShouldMaximizeConcurrentCompilation(bool) {}

  /// For an array of ArgumentDescriptor. Throws ingot::Error for types that cannot be in one.
  ArgumentEncoder* newArgumentEncoder(const NS::Array* arguments);
  ArgumentEncoder* newArgumentEncoder(const MTL::BufferBinding* bufferBinding);

  CommandQueue* newCommandQueue();
  CommandQueue* newCommandQueue(NS::UInteger maxCommandBufferCount);
  CommandQueue* newCommandQueue(const MTL::CommandQueueDescriptor* descriptor);
  Event* newEvent();
  SharedEvent* newSharedEvent();
  /// The event that the handle stands for.
  SharedEvent* newSharedEvent(const MTL::SharedEventHandle* sharedEventHandle);
  Fence* newFence();

  /// Empty: there are no counters.
  NS::Array* counterSets() const;
  CounterSampleBuffer* newCounterSampleBuffer(const MTL::CounterSampleBufferDescriptor* descriptor,
                                              NS::Error** error);

 private:
  Buffer* borrow_memory(const void* pointer,
                        NS::UInteger length,
                        MTL::ResourceOptions options,
                        std::function<void(void*, NS::UInteger)> deallocator);
};

/// The one device; the caller owns a reference.
Device* CreateSystemDefaultDevice();
NS::Array* CopyAllDevices();

}  // namespace MTL
