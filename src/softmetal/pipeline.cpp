// MTL::ComputePipelineState.
#include "fmt/format.h"

#include "softmetal/compile_thread.hpp"
#include "softmetal/library_error.hpp"
#include "softmetal/objects.hpp"
#include "softmetal/reflection.hpp"

namespace softmetal {
namespace {
using ingot::Error;
using ingot::ErrorCode;

bool has_any(const NS::Array* array) {
  return array != nullptr && array->count() != 0;
}

void refuse_unsupported(const MTL::ComputePipelineDescriptor& descriptor) {
  const auto refuse = [](const char* what) {
    throw Error(ErrorCode::kUnsupported,
                "MTL::ComputePipelineDescriptor",
                fmt::format("{} are not supported", what));
  };
  if (descriptor.supportIndirectCommandBuffers()) {
    refuse("indirect command buffers");
  }
  const MTL::LinkedFunctions* linked = descriptor.linkedFunctions();
  if (linked != nullptr && (has_any(linked->functions()) || has_any(linked->privateFunctions()))) {
    refuse("linked functions");
  }
}

ComputePipelineStateObject* new_pipeline(const MTL::ComputePipelineDescriptor& descriptor,
                                         MTL::PipelineOption options) {
  const MTL::Function* function = descriptor.computeFunction();
  if (function == nullptr) {
    throw Error(ErrorCode::kInvalidArgument, "newComputePipelineState", "there is no function");
  }
  refuse_unsupported(descriptor);
  Specialisation specialisation = self(function)->specialisation;
  if (const NS::UInteger limit = descriptor.maxTotalThreadsPerThreadgroup(); limit > kMaxThreads) {
    throw Error(ErrorCode::kInvalidArgument,
                "maxTotalThreadsPerThreadgroup",
                fmt::format("{} threads: at most {} are possible", limit, kMaxThreads));
  } else if (limit != 0) {
    specialisation.max_threads = std::min(specialisation.max_threads, static_cast<unsigned>(limit));
  }
  auto pipeline = NS::TransferPtr(new ComputePipelineStateObject(
      std::move(specialisation),
      {.threads_per_threadgroup = descriptor.requiredThreadsPerThreadgroup(),
       .whole_simd_groups = descriptor.threadGroupSizeIsMultipleOfThreadExecutionWidth()},
      descriptor.label() != nullptr ? descriptor.label() : function->label()));
  if ((options & (MTL::PipelineOptionBindingInfo | MTL::PipelineOptionBufferTypeInfo)) != 0) {
    pipeline->reflection = NS::TransferPtr(new_reflection(arguments_of(*self(function))));
  }
  return pipeline->retain();
}

NS::SharedPtr<MTL::ComputePipelineDescriptor> descriptor_for(const MTL::Function* function) {
  auto descriptor = NS::TransferPtr(MTL::ComputePipelineDescriptor::alloc()->init());
  descriptor->setComputeFunction(function);
  return descriptor;
}

}  // namespace

ComputePipelineStateObject::ComputePipelineStateObject(Specialisation chosen,
                                                       Requirements required,
                                                       NS::String* label)
    : specialisation(std::move(chosen)), requirements(required), label_text(NS::RetainPtr(label)) {
  executable(options());
}

std::string ComputePipelineStateObject::check_threadgroup(MTL::Size size) const {
  const NS::UInteger limit = specialisation.max_threads;
  const MTL::Size& required = requirements.threads_per_threadgroup;
  const std::string text = fmt::format("{} x {} x {}", size.width, size.height, size.depth);
  if (size.width == 0 || size.height == 0 || size.depth == 0 || size.width > limit ||
      size.height > limit || size.depth > limit || size.width * size.height * size.depth > limit) {
    return fmt::format("a threadgroup of {} threads: 1 to {} are possible", text, limit);
  }
  if (required.width != 0 && (size.width != required.width || size.height != required.height ||
                              size.depth != required.depth)) {
    return fmt::format("a threadgroup of {} threads: the pipeline requires {} x {} x {}",
                       text,
                       required.width,
                       required.height,
                       required.depth);
  }
  if (requirements.whole_simd_groups && size.width * size.height * size.depth % kSimdWidth != 0) {
    return fmt::format(
        "a threadgroup of {} threads: the pipeline promised multiples of {}", text, kSimdWidth);
  }
  return "";
}

const Executable& ComputePipelineStateObject::executable(const Options& chosen) const {
  const Build build = choose_build(specialisation, chosen);
  const std::lock_guard lock(mutex_);
  return executables_.try_emplace(build, specialisation, build).first->second;
}

}  // namespace softmetal

namespace MTL {
using softmetal::Counted;
using softmetal::self;

ComputePipelineState* Device::newComputePipelineState(
    const MTL::ComputePipelineDescriptor* descriptor,
    MTL::PipelineOption options,
    const MTL::AutoreleasedComputePipelineReflection* reflection,
    NS::Error** error) {
  softmetal::ComputePipelineStateObject* pipeline = softmetal::make_or_report(
      error, [&] { return softmetal::new_pipeline(*descriptor, options); });
  if (pipeline != nullptr && reflection != nullptr) {
    // The parameter is a place to write to, whatever its type says.
    auto** place = const_cast<ComputePipelineReflection**>(reflection);
    *place = pipeline->reflection.get();
    Counted::retain(*place);
    Counted::autorelease(*place);
  }
  return pipeline;
}
ComputePipelineState* Device::newComputePipelineState(
    const MTL::Function* computeFunction,
    MTL::PipelineOption options,
    const MTL::AutoreleasedComputePipelineReflection* reflection,
    NS::Error** error) {
  return newComputePipelineState(
      softmetal::descriptor_for(computeFunction).get(), options, reflection, error);
}
ComputePipelineState* Device::newComputePipelineState(const MTL::Function* computeFunction,
                                                      NS::Error** error) {
  return newComputePipelineState(computeFunction, PipelineOptionNone, nullptr, error);
}

void Device::newComputePipelineState(
    const MTL::ComputePipelineDescriptor* pDescriptor,
    MTL::PipelineOption options,
    const MTL::NewComputePipelineStateWithReflectionCompletionHandlerFunction& completionHandler) {
  softmetal::compile_thread().push(
      [this, descriptor = NS::TransferPtr(pDescriptor->copy()), options, completionHandler] {
        NS::Error* error = nullptr;
        ComputePipelineState* pipeline =
            newComputePipelineState(descriptor.get(), options, nullptr, &error);
        Counted::autorelease(pipeline);
        completionHandler(pipeline, pipeline == nullptr ? nullptr : pipeline->reflection(), error);
      });
}
void Device::newComputePipelineState(
    const MTL::Function* pFunction,
    MTL::PipelineOption options,
    const MTL::NewComputePipelineStateWithReflectionCompletionHandlerFunction& completionHandler) {
  newComputePipelineState(softmetal::descriptor_for(pFunction).get(), options, completionHandler);
}
void Device::newComputePipelineState(
    const MTL::Function* pFunction,
    const MTL::NewComputePipelineStateCompletionHandlerFunction& completionHandler) {
  newComputePipelineState(
      pFunction,
      PipelineOptionNone,
      [completionHandler](ComputePipelineState* pipeline,
                          ComputePipelineReflection*,
                          NS::Error* error) { completionHandler(pipeline, error); });
}

Device* ComputePipelineState::device() const {
  return softmetal::shared_device();
}
NS::String* ComputePipelineState::label() const {
  return self(this)->label_text.get();
}
NS::UInteger ComputePipelineState::maxTotalThreadsPerThreadgroup() const {
  return self(this)->specialisation.max_threads;
}
Size ComputePipelineState::requiredThreadsPerThreadgroup() const {
  return self(this)->requirements.threads_per_threadgroup;
}
NS::UInteger ComputePipelineState::staticThreadgroupMemoryLength() const {
  return self(this)->executable(softmetal::options()).layout().used_bytes();
}
NS::UInteger ComputePipelineState::threadExecutionWidth() const {
  return softmetal::kSimdWidth;
}
ShaderValidation ComputePipelineState::shaderValidation() const {
  return ShaderValidationDefault;
}
ComputePipelineReflection* ComputePipelineState::reflection() const {
  return self(this)->reflection.get();
}

}  // namespace MTL
