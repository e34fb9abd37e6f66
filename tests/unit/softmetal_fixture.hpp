// What the tests of softmetal share: a device, a queue, and short ways to build and run kernels.
#pragma once

#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <cstring>
#include <initializer_list>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "softmetal/leaks.hpp"
#include "softmetal/sanitizers.hpp"

// For kernels that only the watchdog's signal can stop. ThreadSanitizer delivers the signals that a
// thread's own instruction raises at once, but holds all others back until the thread calls the C
// library, which a loop of a kernel never does.
#ifdef SOFTMETAL_TSAN
#define SKIP_IF_SIGNALS_WAIT() \
  GTEST_SKIP() << "ThreadSanitizer holds the watchdog's signal back while the kernel runs"
#else
#define SKIP_IF_SIGNALS_WAIT() static_cast<void>(0)
#endif

namespace softmetal::testing {

inline NS::String* text(const std::string& value) {
  return NS::String::string(value.c_str(), NS::UTF8StringEncoding);
}

class SoftMetal : public ::testing::Test {
 public:
  /// No test leaves an object behind.
  ~SoftMetal() override {
    queue_.reset();
    device_.reset();
    pool_.reset();
    EXPECT_EQ(leaks_.text(), "");
  }

 protected:
  NS::SharedPtr<MTL::Library> library(const std::string& source) {
    NS::Error* error = nullptr;
    auto result = NS::TransferPtr(device_->newLibrary(text(source), nullptr, &error));
    EXPECT_TRUE(result) << (error ? error->localizedDescription()->utf8String() : "no error");
    return result;
  }

  NS::SharedPtr<MTL::ComputePipelineState> pipeline(MTL::Library* from, const std::string& name) {
    NS::Error* error = nullptr;
    const auto function = NS::TransferPtr(from->newFunction(text(name)));
    EXPECT_TRUE(function) << name;
    if (!function) {
      return {};
    }
    auto result = NS::TransferPtr(device_->newComputePipelineState(function.get(), &error));
    EXPECT_TRUE(result) << (error ? error->localizedDescription()->utf8String() : "no error");
    return result;
  }

  /// A pipeline of "#include <metal_stdlib>", "using namespace metal;" and `source`.
  NS::SharedPtr<MTL::ComputePipelineState> pipeline(const std::string& source,
                                                    const std::string& name) {
    const auto from = library("#include <metal_stdlib>\nusing namespace metal;\n" + source);
    return from ? pipeline(from.get(), name) : NS::SharedPtr<MTL::ComputePipelineState>();
  }

  template <class T>
  NS::SharedPtr<MTL::Buffer> buffer(const std::vector<T>& values) {
    return NS::TransferPtr(device_->newBuffer(
        values.data(), values.size() * sizeof(T), MTL::ResourceStorageModeShared));
  }

  template <class T>
  static std::vector<T> values(MTL::Buffer* from) {
    std::vector<T> result(from->length() / sizeof(T));
    std::memcpy(result.data(), from->contents(), result.size() * sizeof(T));
    return result;
  }

  /// Runs a kernel on buffers 0, 1, ...; the error's text, or "".
  std::string run(MTL::ComputePipelineState* state,
                  std::initializer_list<MTL::Buffer*> buffers,
                  MTL::Size grid,
                  MTL::Size group) {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(state);
    NS::UInteger index = 0;
    for (MTL::Buffer* each : buffers) {
      encoder->setBuffer(each, 0, index++);
    }
    encoder->dispatchThreads(grid, group);
    encoder->endEncoding();
    return finish(commands);
  }

  static std::string finish(MTL::CommandBuffer* commands) {
    commands->commit();
    commands->waitUntilCompleted();
    if (commands->status() == MTL::CommandBufferStatusCompleted) {
      EXPECT_EQ(commands->error(), nullptr);
      return "";
    }
    EXPECT_EQ(commands->status(), MTL::CommandBufferStatusError);
    return commands->error()->localizedDescription()->utf8String();
  }

  const LeakCheck leaks_;
  NS::SharedPtr<NS::AutoreleasePool> pool_ = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  NS::SharedPtr<MTL::Device> device_ = NS::TransferPtr(MTL::CreateSystemDefaultDevice());
  NS::SharedPtr<MTL::CommandQueue> queue_ = NS::TransferPtr(device_->newCommandQueue());
};

}  // namespace softmetal::testing
