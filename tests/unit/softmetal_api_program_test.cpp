// A whole program in the style of metal-cpp's samples: plain pointers, retained and released by
// hand. It simulates the spread of heat along a rod, step by step, and adds up the temperatures.
#define NS_PRIVATE_IMPLEMENTATION
#define CA_PRIVATE_IMPLEMENTATION
#define MTL_PRIVATE_IMPLEMENTATION
#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "gtest/gtest.h"

#include "softmetal/leaks.hpp"

namespace softmetal::testing {
namespace {

constexpr const char* kShaders = R"(
#include <metal_stdlib>
using namespace metal;
struct Rod { uint cells; float conductivity; };
kernel void diffuse(device const float* now [[buffer(0)]],
                    device float* next [[buffer(1)]],
                    constant Rod& rod [[buffer(2)]],
                    uint i [[thread_position_in_grid]]) {
  const float left = now[i == 0 ? 0 : i - 1];
  const float right = now[min(i + 1, rod.cells - 1)];
  next[i] = now[i] + rod.conductivity * (left - 2 * now[i] + right);
}
kernel void total(device const float* cells [[buffer(0)]],
                  device atomic_float* sum [[buffer(1)]],
                  threadgroup float* partial [[threadgroup(0)]],
                  uint i [[thread_position_in_grid]],
                  uint lane [[thread_index_in_threadgroup]],
                  uint size [[threads_per_threadgroup]]) {
  partial[lane] = cells[i];
  for (uint half_size = size / 2; half_size > 0; half_size /= 2) {
    threadgroup_barrier(mem_flags::mem_threadgroup);
    if (lane < half_size) { partial[lane] += partial[lane + half_size]; }
  }
  if (lane == 0) { atomic_fetch_add_explicit(sum, partial[0], memory_order_relaxed); }
}
)";

class HeatProgram {
 public:
  explicit HeatProgram(std::uint32_t cells) : cells_(cells) {
    device_ = MTL::CreateSystemDefaultDevice();
    queue_ = device_->newCommandQueue();
    queue_->setLabel(NS::String::string("heat", NS::UTF8StringEncoding));
    build_pipelines();
    for (MTL::Buffer*& buffer : rod_) {
      buffer = device_->newBuffer(cells_ * sizeof(float), MTL::ResourceStorageModePrivate);
    }
    staging_ = device_->newBuffer(cells_ * sizeof(float), MTL::ResourceStorageModeShared);
    sum_ = device_->newBuffer(sizeof(float), MTL::ResourceStorageModeManaged);
  }

  ~HeatProgram() {
    sum_->release();
    staging_->release();
    for (MTL::Buffer* buffer : rod_) {
      buffer->release();
    }
    total_->release();
    diffuse_->release();
    queue_->release();
    device_->release();
  }

  void heat(std::uint32_t cell, float temperature) {
    NS::AutoreleasePool* pool = NS::AutoreleasePool::alloc()->init();
    static_cast<float*>(staging_->contents())[cell] = temperature;
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::BlitCommandEncoder* blit = commands->blitCommandEncoder();
    blit->copyFromBuffer(staging_, 0, rod_[0], 0, staging_->length());
    blit->endEncoding();
    commands->commit();
    commands->waitUntilCompleted();
    pool->release();
  }

  void step(std::uint32_t count, float conductivity) {
    NS::AutoreleasePool* pool = NS::AutoreleasePool::alloc()->init();
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(diffuse_);
    const struct {
      std::uint32_t cells;
      float conductivity;
    } rod = {cells_, conductivity};
    encoder->setBytes(&rod, sizeof rod, 2);
    for (std::uint32_t i = 0; i < count; ++i) {
      encoder->setBuffer(rod_[i % 2], 0, 0);
      encoder->setBuffer(rod_[1 - i % 2], 0, 1);
      encoder->dispatchThreads(MTL::Size::Make(cells_, 1, 1),
                               MTL::Size::Make(diffuse_->threadExecutionWidth(), 1, 1));
    }
    encoder->endEncoding();
    commands->commit();
    commands->waitUntilCompleted();
    if (count % 2 == 1) {
      std::swap(rod_[0], rod_[1]);
    }
    pool->release();
  }

  float total() {
    NS::AutoreleasePool* pool = NS::AutoreleasePool::alloc()->init();
    std::memset(sum_->contents(), 0, sizeof(float));
    sum_->didModifyRange(NS::Range::Make(0, sizeof(float)));
    const NS::UInteger group = total_->maxTotalThreadsPerThreadgroup() / 4;
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(total_);
    encoder->setBuffer(rod_[0], 0, 0);
    encoder->setBuffer(sum_, 0, 1);
    encoder->setThreadgroupMemoryLength(group * sizeof(float), 0);
    encoder->dispatchThreadgroups(MTL::Size::Make(cells_ / group, 1, 1),
                                  MTL::Size::Make(group, 1, 1));
    encoder->endEncoding();
    MTL::BlitCommandEncoder* blit = commands->blitCommandEncoder();
    blit->synchronizeResource(sum_);
    blit->copyFromBuffer(rod_[0], 0, staging_, 0, staging_->length());
    blit->endEncoding();
    commands->commit();
    commands->waitUntilCompleted();
    pool->release();
    return *static_cast<const float*>(sum_->contents());
  }

  const float* cells() const { return static_cast<const float*>(staging_->contents()); }

 private:
  void build_pipelines() {
    NS::Error* error = nullptr;
    MTL::Library* library =
        device_->newLibrary(NS::String::string(kShaders, NS::UTF8StringEncoding), nullptr, &error);
    ASSERT_NE(library, nullptr) << error->localizedDescription()->utf8String();
    diffuse_ = pipeline(library, "diffuse");
    total_ = pipeline(library, "total");
    library->release();
  }

  MTL::ComputePipelineState* pipeline(MTL::Library* library, const char* name) {
    NS::Error* error = nullptr;
    MTL::Function* function =
        library->newFunction(NS::String::string(name, NS::UTF8StringEncoding));
    MTL::ComputePipelineState* state = device_->newComputePipelineState(function, &error);
    function->release();
    return state;
  }

  const std::uint32_t cells_;
  MTL::Device* device_ = nullptr;
  MTL::CommandQueue* queue_ = nullptr;
  MTL::ComputePipelineState* diffuse_ = nullptr;
  MTL::ComputePipelineState* total_ = nullptr;
  MTL::Buffer* rod_[2] = {};
  MTL::Buffer* staging_ = nullptr;
  MTL::Buffer* sum_ = nullptr;
};

TEST(ApiProgram, SpreadsHeatAndLeavesNothingBehind) {
  const LeakCheck leaks;
  constexpr std::uint32_t kCells = 1024;
  constexpr float kConductivity = 0.25f;
  constexpr std::uint32_t kSteps = 41;
  {
    NS::AutoreleasePool* pool = NS::AutoreleasePool::alloc()->init();
    HeatProgram program(kCells);
    program.heat(kCells / 2, 1024);
    program.heat(0, 64);
    program.step(kSteps, kConductivity);
    const float total = program.total();

    std::vector<float> now(kCells, 0), next(kCells);
    now[kCells / 2] = 1024;
    now[0] = 64;
    for (std::uint32_t s = 0; s < kSteps; ++s) {
      for (std::uint32_t i = 0; i < kCells; ++i) {
        const float left = now[i == 0 ? 0 : i - 1], right = now[std::min(i + 1, kCells - 1)];
        next[i] = now[i] + kConductivity * (left - 2 * now[i] + right);
      }
      now.swap(next);
    }
    EXPECT_NEAR(total, 1088, 0.01);  // heat neither comes nor goes
    for (std::uint32_t i = 0; i < kCells; ++i) {
      ASSERT_NEAR(program.cells()[i], now[i], 1e-3) << i;
    }
    pool->release();
  }
  EXPECT_EQ(leaks.text(), "");
}

}  // namespace
}  // namespace softmetal::testing
