// The Metal API of softmetal, used as a program for Apple's metal-cpp uses it.
#include <algorithm>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <set>
#include <thread>

#include "core/disk_cache.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using Api = SoftMetal;

TEST_F(Api, AddsVectors) {
  const auto add = pipeline(
      "kernel void add(device const float* a, device const float* b, device float* c,\n"
      "                uint i [[thread_position_in_grid]]) { c[i] = a[i] + b[i]; }\n",
      "add");
  ASSERT_TRUE(add);
  std::vector<float> a(1000), b(1000);
  for (int i = 0; i < 1000; ++i) {
    a[i] = 0.5f * i;
    b[i] = 1000.0f - i;
  }
  const auto x = buffer(a), y = buffer(b), z = buffer(std::vector<float>(1000, -1));
  EXPECT_EQ(run(add.get(), {x.get(), y.get(), z.get()}, {1000, 1, 1}, {64, 1, 1}), "");
  const auto sum = values<float>(z.get());
  for (int i = 0; i < 1000; ++i) {
    ASSERT_EQ(sum[i], a[i] + b[i]) << i;
  }
}

constexpr const char* kDouble =
    "kernel void twice(device int* x, uint i [[thread_position_in_grid]]) { x[i] *= 2; }";

TEST_F(Api, DescribesTheDevice) {
  EXPECT_STREQ(device_->name()->utf8String(), "softmetal");
  EXPECT_EQ(device_->maxThreadsPerThreadgroup().width, 1024u);
  EXPECT_EQ(device_->maxThreadgroupMemoryLength(), 32768u);
  EXPECT_TRUE(device_->hasUnifiedMemory());
  EXPECT_TRUE(device_->supportsFamily(MTL::GPUFamilyCommon1));
  EXPECT_FALSE(device_->supportsFamily(MTL::GPUFamilyApple1));
  const auto all = NS::TransferPtr(MTL::CopyAllDevices());
  ASSERT_EQ(all->count(), 1u);
  EXPECT_EQ(all->object<MTL::Device>(0), device_.get());
}

TEST_F(Api, BuffersOwnOrBorrowMemory) {
  const NS::UInteger before = device_->currentAllocatedSize();
  {
    const auto zeroed = NS::TransferPtr(device_->newBuffer(100, MTL::ResourceStorageModePrivate));
    EXPECT_EQ(zeroed->length(), 100u);
    EXPECT_EQ(zeroed->storageMode(), MTL::StorageModePrivate);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(zeroed->contents()) % 16384, 0u);
    EXPECT_EQ(values<char>(zeroed.get()), std::vector<char>(100, 0));
    EXPECT_EQ(device_->currentAllocatedSize(), before + 100);
  }
  EXPECT_EQ(device_->currentAllocatedSize(), before);

  std::vector<int> memory = {1, 2, 3};
  int freed = 0;
  auto borrowed = NS::TransferPtr(device_->newBuffer(
      memory.data(), 12, MTL::ResourceStorageModeShared, [&](void* data, NS::UInteger length) {
        EXPECT_EQ(data, memory.data());
        EXPECT_EQ(length, 12u);
        ++freed;
      }));
  const auto twice = pipeline(kDouble, "twice");
  ASSERT_EQ(run(twice.get(), {borrowed.get()}, {3, 1, 1}, {3, 1, 1}), "");
  EXPECT_EQ(memory, (std::vector<int>{2, 4, 6}));
  borrowed.reset();
  EXPECT_EQ(freed, 1);
  EXPECT_EQ(device_->newBuffer(0, MTL::ResourceStorageModeShared), nullptr);
  EXPECT_EQ(device_->newBuffer(NS::UInteger{1} << 60, MTL::ResourceStorageModeShared), nullptr);
}

TEST_F(Api, CommandBuffersRunInOrderAndTellWhenTheyAreDone) {
  const auto twice = pipeline(kDouble, "twice");
  const auto x = buffer(std::vector<int>{1});
  std::vector<int> order;
  MTL::CommandBuffer* last = nullptr;
  for (int i = 0; i < 10; ++i) {
    last = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = last->computeCommandEncoder(MTL::DispatchTypeConcurrent);
    encoder->setComputePipelineState(twice.get());
    encoder->setBuffer(x.get(), 0, 0);
    encoder->dispatchThreads({1, 1, 1}, {1, 1, 1});
    encoder->memoryBarrier(MTL::BarrierScopeBuffers);
    encoder->dispatchThreads({1, 1, 1}, {1, 1, 1});
    encoder->endEncoding();
    last->addCompletedHandler([&order, i](MTL::CommandBuffer* done) {
      EXPECT_EQ(done->status(), MTL::CommandBufferStatusCompleted);
      order.push_back(i);
    });
    last->commit();
  }
  last->waitUntilCompleted();
  EXPECT_EQ(order, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}));
  EXPECT_EQ(values<int>(x.get())[0], 1 << 20);
  EXPECT_LE(last->GPUStartTime(), last->GPUEndTime());
  EXPECT_GT(last->GPUStartTime(), 0);
}

TEST_F(Api, BytesOffsetsAndIndirectDispatches) {
  const auto add = pipeline(
      "kernel void add(device int* x, constant int2& by, device int* count, "
      "uint i [[thread_position_in_grid]], uint n [[threads_per_grid]]) "
      "{ x[i] += by.y; count[0] = n; }",
      "add");
  const auto x = buffer(std::vector<int>(8, 1)), count = buffer(std::vector<int>{0, 0});
  const auto groups = buffer(std::vector<std::uint32_t>{99, 3, 1, 1});
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  encoder->setComputePipelineState(add.get());
  const MTL::Buffer* buffers[] = {x.get(), nullptr, count.get()};
  const NS::UInteger offsets[] = {0, 0, 4};
  encoder->setBuffers(buffers, offsets, NS::Range(0, 3));
  encoder->setBufferOffset(8, 0);
  int by[] = {1000, 5};
  encoder->setBytes(by, sizeof by, 1);
  by[1] = 7;  // the encoder has its copy
  encoder->dispatchThreadgroups(groups.get(), 4, {2, 1, 1});
  encoder->endEncoding();
  ASSERT_EQ(finish(commands), "");
  EXPECT_EQ(values<int>(x.get()), (std::vector<int>{1, 1, 6, 6, 6, 6, 6, 6}));
  EXPECT_EQ(values<int>(count.get()), (std::vector<int>{0, 6}));
}

TEST_F(Api, BlitsAndEvents) {
  const auto x = buffer(std::vector<std::uint8_t>{1, 2, 3, 4}),
             y = buffer(std::vector<std::uint8_t>(4, 9));
  const auto event = NS::TransferPtr(device_->newSharedEvent());
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  commands->encodeWait(event.get(), 5);
  MTL::BlitCommandEncoder* blit = commands->blitCommandEncoder();
  blit->fillBuffer(x.get(), NS::Range(2, 2), 7);
  blit->copyFromBuffer(x.get(), 1, y.get(), 0, 3);
  blit->endEncoding();
  commands->encodeSignalEvent(event.get(), 6);
  commands->commit();
  EXPECT_FALSE(event->waitUntilSignaledValue(6, 1));
  event->setSignaledValue(5);
  EXPECT_TRUE(event->waitUntilSignaledValue(6, 60000));
  commands->waitUntilCompleted();
  EXPECT_EQ(values<std::uint8_t>(y.get()), (std::vector<std::uint8_t>{2, 7, 7, 9}));
}

TEST_F(Api, QueuesAreUsedFromManyThreads) {
  const auto twice = pipeline(kDouble, "twice");
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const auto queue = NS::TransferPtr(device_->newCommandQueue());
      const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
      const auto x = buffer(std::vector<int>(1000, 1));
      for (int i = 0; i < 20; ++i) {
        MTL::CommandBuffer* commands = queue->commandBuffer();
        MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
        encoder->setComputePipelineState(twice.get());
        encoder->setBuffer(x.get(), 0, 0);
        encoder->dispatchThreads({1000, 1, 1}, {32, 1, 1});
        encoder->endEncoding();
        ASSERT_EQ(finish(commands), "");
      }
      EXPECT_EQ(values<int>(x.get()), std::vector<int>(1000, 1 << 20));
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
}

TEST_F(Api, ReferencesAreCounted) {
  auto* string = NS::String::alloc()->init("a\u00e9\U0001F600", NS::UTF8StringEncoding);
  EXPECT_EQ(string->length(), 4u);
  string->retain();
  EXPECT_EQ(string->retainCount(), 2u);
  {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    string->autorelease();
    EXPECT_EQ(string->retainCount(), 2u);
  }
  EXPECT_EQ(string->retainCount(), 1u);
  const auto owner = NS::TransferPtr(string);
  EXPECT_TRUE(owner->isEqualToString(text("a\u00e9\U0001F600")));
  EXPECT_EQ(NS::RetainPtr(string)->retainCount(), 2u);
}

std::set<std::filesystem::path> cached_kernels() {
  std::set<std::filesystem::path> kernels;
  const auto cache = ingot::user_cache_directory() / "softmetal";
  for (const auto& entry : std::filesystem::directory_iterator(cache)) {
    if (entry.path().extension() == ".so") {
      kernels.insert(entry.path());
    }
  }
  return kernels;
}

// A kernel's file in the cache that was cut short is found out and made anew.
TEST_F(Api, ADamagedCacheEntryIsRebuilt) {
  namespace fs = std::filesystem;
  const auto now = std::chrono::system_clock::now().time_since_epoch().count();
  const std::string source =  // new in every run
      "kernel void once(device long* x) { x[0] = " + std::to_string(now) + "l; }";
  ASSERT_TRUE(pipeline(kDouble, "twice"));
  const std::set<fs::path> before = cached_kernels();
  ASSERT_TRUE(pipeline(source, "once"));
  std::vector<fs::path> added;
  std::ranges::set_difference(cached_kernels(), before, std::back_inserter(added));
  ASSERT_FALSE(added.empty());
  for (const fs::path& kernel : added) {
    // A copy takes its place: a file in use must not change.
    const fs::path copy = kernel.string() + ".cut";
    fs::copy_file(kernel, copy);
    fs::resize_file(copy, fs::file_size(copy) / 2);
    fs::rename(copy, kernel);
  }
  const auto once = pipeline(source, "once");
  ASSERT_TRUE(once);
  const auto x = buffer(std::vector<std::int64_t>{0});
  ASSERT_EQ(run(once.get(), {x.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<std::int64_t>(x.get())[0], now);
  for (const fs::path& kernel : added) {
    fs::remove(kernel);
  }
}

}  // namespace
}  // namespace softmetal::testing
