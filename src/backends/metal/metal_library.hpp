// Compiling MSL to pipelines.
#pragma once

#include <Metal/Metal.hpp>
#include <memory>
#include <string_view>
#include <vector>

#include "backends/device.hpp"

namespace ingot::metal {

/// Pipeline of this backend; the encoder takes it back out of the contract's Pipeline.
class MetalPipeline final : public Pipeline {
 public:
  explicit MetalPipeline(NS::SharedPtr<MTL::ComputePipelineState> state)
      : state_(std::move(state)) {}
  uint32_t max_threads_per_threadgroup() const override {
    return static_cast<uint32_t>(state_->maxTotalThreadsPerThreadgroup());
  }
  const MTL::ComputePipelineState* state() const { return state_.get(); }

 private:
  NS::SharedPtr<MTL::ComputePipelineState> state_;
};

/// Throws Error(kCompile).
std::shared_ptr<Library> compile_library(MTL::Device* device, const msl::Source& source);

/// Throws Error(kNotFound) or Error(kCompile).
std::shared_ptr<Pipeline> make_pipeline(MTL::Device* device,
                                        const Library& library,
                                        std::string_view function,
                                        const std::vector<FunctionConstant>& constants);

}  // namespace ingot::metal
