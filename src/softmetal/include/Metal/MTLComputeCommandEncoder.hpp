#pragma once

#include "Metal/MTLCommandBuffer.hpp"
#include "Metal/MTLCommandEncoder.hpp"

namespace MTL {

class AccelerationStructure;
class Buffer;
class ComputePipelineState;
class CounterSampleBuffer;
class Fence;
class Heap;
class IndirectCommandBuffer;
class IntersectionFunctionTable;
class Resource;
class SamplerState;
class Texture;
class VisibleFunctionTable;

struct DispatchThreadgroupsIndirectArguments {
  uint32_t threadgroupsPerGrid[3];
};

/// Records dispatches. A mistake (no pipeline, a missing buffer, a size over a limit, ...) becomes
/// the error of the command buffer, which then runs nothing. Dispatches run in order for both
/// dispatch types.
class ComputeCommandEncoder : public NS::Referencing<ComputeCommandEncoder, CommandEncoder> {
 public:
  DispatchType dispatchType() const;

  void setComputePipelineState(const MTL::ComputePipelineState* state);
  void setBuffer(const MTL::Buffer* buffer, NS::UInteger offset, NS::UInteger index);
  void setBufferOffset(NS::UInteger offset, NS::UInteger index);
  void setBuffers(const MTL::Buffer* const buffers[],
                  const NS::UInteger offsets[],
                  NS::Range range);
  void setBytes(const void* bytes, NS::UInteger length, NS::UInteger index);
  void setThreadgroupMemoryLength(NS::UInteger length, NS::UInteger index);

  void dispatchThreads(MTL::Size threadsPerGrid, MTL::Size threadsPerThreadgroup);
  void dispatchThreadgroups(MTL::Size threadgroupsPerGrid, MTL::Size threadsPerThreadgroup);
  /// The number of groups is read when the command runs.
  void dispatchThreadgroups(const MTL::Buffer* indirectBuffer,
                            NS::UInteger indirectBufferOffset,
                            MTL::Size threadsPerThreadgroup);

  void memoryBarrier(MTL::BarrierScope scope);
  void memoryBarrier(const MTL::Resource* const resources[], NS::UInteger count);
  void updateFence(const MTL::Fence* fence);
  void waitForFence(const MTL::Fence* fence);
  void useResource(const MTL::Resource* resource, MTL::ResourceUsage usage);
  void useResources(const MTL::Resource* const resources[],
                    NS::UInteger count,
                    MTL::ResourceUsage usage);
  void useHeap(const MTL::Heap* heap);
  void useHeaps(const MTL::Heap* const heaps[], NS::UInteger count);

  // What follows is not there: a call is an error of the command buffer that names the function,
  // unless it only unbinds.
  void setTexture(const MTL::Texture* texture, NS::UInteger index);
  void setTextures(const MTL::Texture* const textures[], NS::Range range);
  void setSamplerState(const MTL::SamplerState* sampler, NS::UInteger index);
  void setSamplerState(const MTL::SamplerState* sampler,
                       float lodMinClamp,
                       float lodMaxClamp,
                       NS::UInteger index);
  void setSamplerStates(const MTL::SamplerState* const samplers[], NS::Range range);
  void setSamplerStates(const MTL::SamplerState* const samplers[],
                        const float lodMinClamps[],
                        const float lodMaxClamps[],
                        NS::Range range);
  void setVisibleFunctionTable(const MTL::VisibleFunctionTable* visibleFunctionTable,
                               NS::UInteger bufferIndex);
  void setIntersectionFunctionTable(const MTL::IntersectionFunctionTable* intersectionFunctionTable,
                                    NS::UInteger bufferIndex);
  void setAccelerationStructure(const MTL::AccelerationStructure* accelerationStructure,
                                NS::UInteger bufferIndex);
  void setImageblockWidth(NS::UInteger width, NS::UInteger height);
  void setStageInRegion(MTL::Region region);
  void setStageInRegion(const MTL::Buffer* indirectBuffer, NS::UInteger indirectBufferOffset);
  void setBuffer(const MTL::Buffer* buffer,
                 NS::UInteger offset,
                 NS::UInteger stride,
                 NS::UInteger index);
  void setBufferOffset(NS::UInteger offset, NS::UInteger stride, NS::UInteger index);
  void setBuffers(const MTL::Buffer* const buffers[],
                  const NS::UInteger* offsets,
                  const NS::UInteger* strides,
                  NS::Range range);
  void setBytes(const void* bytes, NS::UInteger length, NS::UInteger stride, NS::UInteger index);
  void executeCommandsInBuffer(const MTL::IndirectCommandBuffer* indirectCommandBuffer,
                               NS::Range executionRange);
  void executeCommandsInBuffer(const MTL::IndirectCommandBuffer* indirectCommandbuffer,
                               const MTL::Buffer* indirectRangeBuffer,
                               NS::UInteger indirectBufferOffset);
  void sampleCountersInBuffer(const MTL::CounterSampleBuffer* sampleBuffer,
                              NS::UInteger sampleIndex,
                              bool barrier);
};

}  // namespace MTL
