// The functions of MTL::ComputeCommandEncoder.
#include "softmetal/compute_encoder.hpp"

namespace MTL {
using softmetal::self;

DispatchType ComputeCommandEncoder::dispatchType() const {
  return self(this)->type;
}
void ComputeCommandEncoder::setComputePipelineState(const MTL::ComputePipelineState* pipeline) {
  self(this)->set_pipeline(pipeline);
}
void ComputeCommandEncoder::setBuffer(const MTL::Buffer* buffer,
                                      NS::UInteger offset,
                                      NS::UInteger index) {
  self(this)->set_buffer(buffer, offset, index);
}
void ComputeCommandEncoder::setBufferOffset(NS::UInteger offset, NS::UInteger index) {
  self(this)->set_offset(offset, index);
}
void ComputeCommandEncoder::setBuffers(const MTL::Buffer* const buffers[],
                                       const NS::UInteger offsets[],
                                       NS::Range range) {
  for (NS::UInteger i = 0; i < range.length; ++i) {
    self(this)->set_buffer(buffers[i], offsets[i], range.location + i);
  }
}
void ComputeCommandEncoder::setBytes(const void* bytes, NS::UInteger length, NS::UInteger index) {
  self(this)->set_bytes(bytes, length, index);
}
void ComputeCommandEncoder::setThreadgroupMemoryLength(NS::UInteger length, NS::UInteger index) {
  self(this)->set_threadgroup_length(length, index);
}
void ComputeCommandEncoder::dispatchThreads(MTL::Size threadsPerGrid,
                                            MTL::Size threadsPerThreadgroup) {
  self(this)->dispatch(threadsPerGrid, threadsPerThreadgroup);
}
void ComputeCommandEncoder::dispatchThreadgroups(MTL::Size threadgroupsPerGrid,
                                                 MTL::Size threadsPerThreadgroup) {
  self(this)->dispatch_groups(threadgroupsPerGrid, threadsPerThreadgroup);
}
void ComputeCommandEncoder::dispatchThreadgroups(const MTL::Buffer* indirectBuffer,
                                                 NS::UInteger indirectBufferOffset,
                                                 MTL::Size threadsPerThreadgroup) {
  self(this)->dispatch_indirect(indirectBuffer, indirectBufferOffset, threadsPerThreadgroup);
}

// Encoders and dispatches run one after the other: there is nothing to wait for, and all memory is
// there at all times. Only the checks care. They take a barrier for some resources for one of all.
void ComputeCommandEncoder::memoryBarrier(MTL::BarrierScope) {
  self(this)->barrier();
}
void ComputeCommandEncoder::memoryBarrier(const MTL::Resource* const[], NS::UInteger) {
  self(this)->barrier();
}
void ComputeCommandEncoder::updateFence(const MTL::Fence* fence) {
  self(this)->encoder.target().keep(fence);
}
void ComputeCommandEncoder::waitForFence(const MTL::Fence* fence) {
  self(this)->encoder.target().keep(fence);
}
void ComputeCommandEncoder::useResource(const MTL::Resource* resource, MTL::ResourceUsage) {
  self(this)->use(resource);
}
void ComputeCommandEncoder::useResources(const MTL::Resource* const resources[],
                                         NS::UInteger count,
                                         MTL::ResourceUsage usage) {
  for (NS::UInteger i = 0; i < count; ++i) {
    useResource(resources[i], usage);
  }
}
void ComputeCommandEncoder::useHeap(const MTL::Heap* heap) {
  self(this)->use(heap);
}
void ComputeCommandEncoder::useHeaps(const MTL::Heap* const heaps[], NS::UInteger count) {
  for (NS::UInteger i = 0; i < count; ++i) {
    useHeap(heaps[i]);
  }
}

// To unbind what cannot be bound is no mistake.
void ComputeCommandEncoder::setTexture(const MTL::Texture* texture, NS::UInteger) {
  if (texture != nullptr) {
    self(this)->refuse("setTexture", "textures");
  }
}
void ComputeCommandEncoder::setTextures(const MTL::Texture* const textures[], NS::Range range) {
  for (NS::UInteger i = 0; i < range.length; ++i) {
    setTexture(textures[i], range.location + i);
  }
}
void ComputeCommandEncoder::setSamplerState(const MTL::SamplerState* sampler, NS::UInteger) {
  if (sampler != nullptr) {
    self(this)->refuse("setSamplerState", "samplers");
  }
}
void ComputeCommandEncoder::setSamplerState(const MTL::SamplerState* sampler,
                                            float,
                                            float,
                                            NS::UInteger index) {
  setSamplerState(sampler, index);
}
void ComputeCommandEncoder::setSamplerStates(const MTL::SamplerState* const samplers[],
                                             NS::Range range) {
  for (NS::UInteger i = 0; i < range.length; ++i) {
    setSamplerState(samplers[i], range.location + i);
  }
}
void ComputeCommandEncoder::setSamplerStates(const MTL::SamplerState* const samplers[],
                                             const float[],
                                             const float[],
                                             NS::Range range) {
  setSamplerStates(samplers, range);
}
void ComputeCommandEncoder::setVisibleFunctionTable(const MTL::VisibleFunctionTable* table,
                                                    NS::UInteger) {
  if (table != nullptr) {
    self(this)->refuse("setVisibleFunctionTable", "function tables");
  }
}
void ComputeCommandEncoder::setIntersectionFunctionTable(
    const MTL::IntersectionFunctionTable* table, NS::UInteger) {
  if (table != nullptr) {
    self(this)->refuse("setIntersectionFunctionTable", "function tables");
  }
}
void ComputeCommandEncoder::setAccelerationStructure(const MTL::AccelerationStructure* structure,
                                                     NS::UInteger) {
  if (structure != nullptr) {
    self(this)->refuse("setAccelerationStructure", "acceleration structures");
  }
}
void ComputeCommandEncoder::setImageblockWidth(NS::UInteger, NS::UInteger) {
  self(this)->refuse("setImageblockWidth", "imageblocks");
}
void ComputeCommandEncoder::setStageInRegion(MTL::Region) {
  self(this)->refuse("setStageInRegion", "[[stage_in]] arguments");
}
void ComputeCommandEncoder::setStageInRegion(const MTL::Buffer*, NS::UInteger) {
  self(this)->refuse("setStageInRegion", "[[stage_in]] arguments");
}
void ComputeCommandEncoder::setBuffer(const MTL::Buffer*,
                                      NS::UInteger,
                                      NS::UInteger,
                                      NS::UInteger) {
  self(this)->refuse("setBuffer with a stride", "[[stage_in]] arguments");
}
void ComputeCommandEncoder::setBufferOffset(NS::UInteger, NS::UInteger, NS::UInteger) {
  self(this)->refuse("setBufferOffset with a stride", "[[stage_in]] arguments");
}
void ComputeCommandEncoder::setBuffers(const MTL::Buffer* const[],
                                       const NS::UInteger*,
                                       const NS::UInteger*,
                                       NS::Range) {
  self(this)->refuse("setBuffers with strides", "[[stage_in]] arguments");
}
void ComputeCommandEncoder::setBytes(const void*, NS::UInteger, NS::UInteger, NS::UInteger) {
  self(this)->refuse("setBytes with a stride", "[[stage_in]] arguments");
}
void ComputeCommandEncoder::executeCommandsInBuffer(const MTL::IndirectCommandBuffer*, NS::Range) {
  self(this)->refuse("executeCommandsInBuffer", "indirect command buffers");
}
void ComputeCommandEncoder::executeCommandsInBuffer(const MTL::IndirectCommandBuffer*,
                                                    const MTL::Buffer*,
                                                    NS::UInteger) {
  self(this)->refuse("executeCommandsInBuffer", "indirect command buffers");
}
void ComputeCommandEncoder::sampleCountersInBuffer(const MTL::CounterSampleBuffer*,
                                                   NS::UInteger,
                                                   bool) {
  self(this)->refuse("sampleCountersInBuffer", "counters");
}

}  // namespace MTL
