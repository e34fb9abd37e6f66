// MTL::ComputePipelineState.
#include "softmetal/library_error.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {

PipelineObject::PipelineObject(Specialisation chosen, NS::String* function_label)
    : specialisation(std::move(chosen)), label_text(NS::RetainPtr(function_label)) {
  executable(options());
}

const Executable& PipelineObject::executable(const Options& chosen) const {
  const Build build = choose_build(specialisation, chosen);
  const std::lock_guard lock(mutex_);
  return executables_.try_emplace(build, specialisation, build).first->second;
}

}  // namespace softmetal

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
  return self(this)->specialisation.max_threads;
}
NS::UInteger ComputePipelineState::staticThreadgroupMemoryLength() const {
  return self(this)->executable(softmetal::options()).layout().used_bytes();
}
NS::UInteger ComputePipelineState::threadExecutionWidth() const {
  return softmetal::kSimdWidth;
}

}  // namespace MTL
