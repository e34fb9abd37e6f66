#pragma once

#include "Metal/MTLCommandBuffer.hpp"
#include "Metal/MTLCommandEncoder.hpp"

namespace MTL {

class Buffer;
class ComputePipelineState;
class Resource;

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
  void useResource(const MTL::Resource* resource, MTL::ResourceUsage usage);
};

}  // namespace MTL
