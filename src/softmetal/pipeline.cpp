// MTL::ComputePipelineState.
#include "softmetal/library_error.hpp"
#include "softmetal/objects.hpp"

namespace MTL {
using softmetal::self;
using softmetal::shared_device;

ComputePipelineState* Device::newComputePipelineState(const MTL::Function* computeFunction,
                                                      NS::Error** error) {
  return softmetal::make_or_report(error, [&] {
    return new softmetal::PipelineObject(self(computeFunction)->specialisation,
                                         computeFunction->label());
  });
}

Device* ComputePipelineState::device() const {
  return shared_device();
}
NS::String* ComputePipelineState::label() const {
  return self(this)->label_text.get();
}
NS::UInteger ComputePipelineState::maxTotalThreadsPerThreadgroup() const {
  return self(this)->max_threads;
}
NS::UInteger ComputePipelineState::staticThreadgroupMemoryLength() const {
  return self(this)->executable.layout().bytes();
}
NS::UInteger ComputePipelineState::threadExecutionWidth() const {
  return softmetal::kSimdWidth;
}

}  // namespace MTL
