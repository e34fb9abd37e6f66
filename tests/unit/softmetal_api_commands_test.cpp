// Command queues, buffers, encoders and events of softmetal, used as a program for Apple's
// metal-cpp uses them.
#include <atomic>
#include <chrono>
#include <future>
#include <thread>

#include "gmock/gmock.h"
#include "softmetal/checks.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr const char* kDouble =
    "kernel void twice(device int* x, uint i [[thread_position_in_grid]]) { x[i] *= 2; }\n"
    "kernel void wild(device int* x, device ulong* at, uint i [[thread_position_in_grid]])\n"
    "{ x[i] = *(device int*)(*at); }\n";

class ApiCommands : public SoftMetal {
 protected:
  /// Adds an encoder that doubles all ints of a buffer.
  static MTL::ComputeCommandEncoder* encode(MTL::CommandBuffer* commands,
                                            const MTL::ComputePipelineState* state,
                                            MTL::Buffer* buffer) {
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(state);
    encoder->setBuffer(buffer, 0, 0);
    encoder->dispatchThreads({buffer->length() / sizeof(int), 1, 1}, {32, 1, 1});
    encoder->endEncoding();
    return encoder;
  }
};

TEST_F(ApiCommands, CommandBuffersRunInOrderAndTellWhenTheyAreDone) {
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

TEST_F(ApiCommands, BytesOffsetsAndIndirectDispatches) {
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

TEST_F(ApiCommands, QueuesAreUsedFromManyThreads) {
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

TEST_F(ApiCommands, StatusesFollowEachOther) {
  const auto twice = pipeline(kDouble, "twice");
  const auto x = buffer(std::vector<int>{1});
  const auto event = NS::TransferPtr(device_->newSharedEvent());
  std::vector<MTL::CommandBufferStatus> seen;
  const auto note = [&](MTL::CommandBuffer* commands) { seen.push_back(commands->status()); };
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  commands->setLabel(text("doubling"));
  EXPECT_EQ(commands->commandQueue(), queue_.get());
  EXPECT_EQ(commands->device(), device_.get());
  EXPECT_TRUE(commands->retainedReferences());
  note(commands);
  commands->waitUntilCompleted();  // it was not committed: there is nothing to wait for
  commands->enqueue();
  note(commands);
  commands->encodeWait(event.get(), 1);
  encode(commands, twice.get(), x.get());
  commands->addScheduledHandler(note);
  commands->addCompletedHandler(note);
  commands->commit();
  commands->commit();  // once is enough
  commands->waitUntilScheduled();
  EXPECT_EQ(commands->status(), MTL::CommandBufferStatusScheduled);
  event->setSignaledValue(1);
  commands->waitUntilCompleted();
  EXPECT_THAT(seen,
              ElementsAre(MTL::CommandBufferStatusNotEnqueued,
                          MTL::CommandBufferStatusEnqueued,
                          MTL::CommandBufferStatusScheduled,
                          MTL::CommandBufferStatusCompleted));
  EXPECT_EQ(values<int>(x.get())[0], 2);
  EXPECT_EQ(commands->error(), nullptr);
  EXPECT_GT(commands->GPUStartTime(), 0);
  EXPECT_LE(commands->GPUStartTime(), commands->GPUEndTime());
  EXPECT_LE(commands->kernelStartTime(), commands->kernelEndTime());
  NS::FastEnumerationState state = {};
  NS::Object* log = nullptr;
  EXPECT_EQ(commands->logs()->countByEnumerating(&state, &log, 1), 0u);
  bool late = false;
  commands->addCompletedHandler([&](MTL::CommandBuffer*) { late = true; });
  EXPECT_TRUE(late);
}

TEST_F(ApiCommands, BuffersRunInTheOrderOfEnqueue) {
  std::vector<int> order;
  MTL::CommandBuffer* buffers[3];
  for (int i = 0; i < 3; ++i) {
    buffers[i] = queue_->commandBuffer();
    buffers[i]->addCompletedHandler([&order, i](MTL::CommandBuffer*) { order.push_back(i); });
  }
  {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    queue_->commandBuffer()->enqueue();  // given up before it was committed: holds up nobody
  }
  buffers[2]->enqueue();
  buffers[0]->enqueue();
  buffers[1]->commit();
  buffers[0]->commit();
  EXPECT_EQ(buffers[0]->status(), MTL::CommandBufferStatusCommitted);
  buffers[2]->commit();
  buffers[1]->waitUntilCompleted();
  EXPECT_THAT(order, ElementsAre(2, 0, 1));
}

TEST_F(ApiCommands, AnEnqueuedBufferThatIsNeverCommittedHoldsNobodyUpForEver) {
  Options options;
  options.timeout = std::chrono::milliseconds(20);
  const ScopedOptions scope(options);
  MTL::CommandBuffer* first = queue_->commandBuffer();
  first->enqueue();
  MTL::CommandBuffer* second = queue_->commandBuffer();
  EXPECT_THAT(finish(second), HasSubstr("enqueued earlier and has not been committed"));
  EXPECT_EQ(finish(first), "");
}

TEST_F(ApiCommands, AHandlerMayWaitForALaterBuffer) {
  std::promise<void> done;
  MTL::CommandBuffer* first = queue_->commandBuffer();
  MTL::CommandBuffer* second = queue_->commandBuffer();
  first->addCompletedHandler([&](MTL::CommandBuffer* self) {
    self->waitUntilCompleted();
    second->commit();
    second->waitUntilCompleted();
    EXPECT_EQ(second->status(), MTL::CommandBufferStatusCompleted);
    done.set_value();
  });
  first->commit();
  done.get_future().wait();
  first->waitUntilCompleted();
}

TEST_F(ApiCommands, QueuesWaitForEachOther) {
  const auto twice = pipeline(kDouble, "twice");
  const auto x = buffer(std::vector<int>{1});
  const auto event = NS::TransferPtr(device_->newEvent());
  const auto other = NS::TransferPtr(device_->newCommandQueue(8));
  MTL::CommandBuffer* waits = queue_->commandBuffer();
  waits->encodeWait(event.get(), 1);
  encode(waits, twice.get(), x.get());
  waits->encodeSignalEvent(event.get(), 2);
  waits->commit();
  MTL::CommandBuffer* signals = other->commandBuffer();
  MTL::BlitCommandEncoder* blit = signals->blitCommandEncoder();
  blit->fillBuffer(x.get(), NS::Range(0, 1), 21);
  blit->endEncoding();
  signals->encodeSignalEvent(event.get(), 1);
  signals->encodeWait(event.get(), 2);
  encode(signals, twice.get(), x.get());
  signals->commit();
  signals->waitUntilCompleted();
  waits->waitUntilCompleted();
  EXPECT_EQ(values<int>(x.get())[0], 84);
}

TEST_F(ApiCommands, AWaitForAnEventThatNobodySignalsTimesOut) {
  Options options;
  options.timeout = std::chrono::milliseconds(20);
  const ScopedOptions scope(options);
  const auto event = NS::TransferPtr(device_->newSharedEvent());
  event->setLabel(text("weights are there"));
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  commands->encodeWait(event.get(), 3);
  EXPECT_THAT(finish(commands), HasSubstr("the event 'weights are there' has not reached 3"));
  EXPECT_EQ(commands->error()->code(), MTL::CommandBufferErrorTimeout);
}

TEST_F(ApiCommands, ListenersAreToldWhatTheyAskedFor) {
  const auto event = NS::TransferPtr(device_->newSharedEvent());
  std::promise<std::uint64_t> at_once, at_ten;
  {
    const auto listener = NS::TransferPtr(MTL::SharedEventListener::alloc()->init());
    event->setSignaledValue(5);
    event->notifyListener(listener.get(), 4, [&](MTL::SharedEvent* from, std::uint64_t value) {
      EXPECT_EQ(from, event.get());
      at_once.set_value(value);
    });
    event->notifyListener(listener.get(), 10, [&](MTL::SharedEvent*, std::uint64_t value) {
      at_ten.set_value(value);
    });
    EXPECT_EQ(at_once.get_future().get(), 5u);
    event->setSignaledValue(9);
    const auto handle = NS::TransferPtr(event->newSharedEventHandle());
    const auto same = NS::TransferPtr(device_->newSharedEvent(handle.get()));
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    commands->encodeSignalEvent(same.get(), 10);
    ASSERT_EQ(finish(commands), "");
    EXPECT_EQ(at_ten.get_future().get(), 10u);
  }
  EXPECT_EQ(event->signaledValue(), 10u);
  EXPECT_TRUE(event->waitUntilSignaledValue(10, ~std::uint64_t{0}));
  EXPECT_FALSE(event->waitUntilSignaledValue(11, 1));
}

TEST_F(ApiCommands, FencesBarriersAndResidencyAreAccepted) {
  const auto twice = pipeline(kDouble, "twice");
  const auto x = buffer(std::vector<int>{1});
  const auto fence = NS::TransferPtr(device_->newFence());
  fence->setLabel(text("x is ready"));
  const auto set_descriptor = NS::TransferPtr(MTL::ResidencySetDescriptor::alloc()->init());
  const auto set = NS::TransferPtr(device_->newResidencySet(set_descriptor.get(), nullptr));
  const auto descriptor = NS::TransferPtr(MTL::CommandBufferDescriptor::alloc()->init());
  MTL::CommandBuffer* commands = queue_->commandBuffer(descriptor.get());
  commands->useResidencySet(set.get());
  MTL::ComputePassDescriptor* pass = MTL::ComputePassDescriptor::computePassDescriptor();
  pass->setDispatchType(MTL::DispatchTypeConcurrent);
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder(pass);
  EXPECT_EQ(encoder->dispatchType(), MTL::DispatchTypeConcurrent);
  EXPECT_EQ(encoder->device(), device_.get());
  encoder->setComputePipelineState(twice.get());
  encoder->setBuffer(x.get(), 0, 0);
  encoder->dispatchThreads({1, 1, 1}, {1, 1, 1});
  const MTL::Resource* resources[] = {x.get()};
  encoder->memoryBarrier(resources, 1);
  encoder->useResources(resources, 1, MTL::ResourceUsageRead | MTL::ResourceUsageWrite);
  encoder->dispatchThreadgroups({1, 1, 1}, {1, 1, 1});
  encoder->updateFence(fence.get());
  encoder->endEncoding();
  MTL::BlitCommandEncoder* blit =
      commands->blitCommandEncoder(MTL::BlitPassDescriptor::blitPassDescriptor());
  blit->waitForFence(fence.get());
  blit->updateFence(fence.get());
  blit->endEncoding();
  ASSERT_EQ(finish(commands), "");
  EXPECT_EQ(values<int>(x.get())[0], 4);
}

TEST_F(ApiCommands, ErrorsNameTheEncoderTheGroupAndTheLabel) {
  const auto from =
      library("#include <metal_stdlib>\nusing namespace metal;\n" + std::string(kDouble));
  const auto twice = pipeline(from.get(), "twice"), wild = pipeline(from.get(), "wild");
  const auto x = buffer(std::vector<int>{1});
  const auto far = buffer(std::vector<std::uint64_t>{4096});  // where nothing is ever mapped
  const auto descriptor = NS::TransferPtr(MTL::CommandBufferDescriptor::alloc()->init());
  descriptor->setErrorOptions(MTL::CommandBufferErrorOptionEncoderExecutionStatus);
  MTL::CommandBuffer* commands = queue_->commandBuffer(descriptor.get());
  commands->setLabel(text("step 7"));
  encode(commands, twice.get(), x.get())->setLabel(text("good"));
  commands->pushDebugGroup(text("attention"));
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  encoder->setLabel(text("bad"));
  encoder->pushDebugGroup(text("softmax"));
  encoder->insertDebugSignpost(text("before the fault"));
  encoder->setComputePipelineState(wild.get());
  encoder->setBuffer(x.get(), 0, 0);
  encoder->setBuffer(far.get(), 0, 1);
  encoder->dispatchThreads({1, 1, 1}, {1, 1, 1});
  encoder->popDebugGroup();
  encoder->endEncoding();
  commands->popDebugGroup();
  encode(commands, twice.get(), x.get())->setLabel(text("never run"));
  EXPECT_THAT(finish(commands), StartsWith("step 7: in 'attention > softmax': kernel 'wild': "));
  EXPECT_STREQ(commands->error()->domain()->utf8String(), "MTLCommandBufferErrorDomain");
  const auto* infos =
      commands->error()->userInfo()->object<NS::Array>(MTL::CommandBufferEncoderInfoErrorKey);
  ASSERT_NE(infos, nullptr);
  const MTL::CommandEncoderErrorState states[] = {MTL::CommandEncoderErrorStateCompleted,
                                                  MTL::CommandEncoderErrorStateFaulted,
                                                  MTL::CommandEncoderErrorStatePending};
  ASSERT_EQ(infos->count(), 3u);
  for (NS::UInteger i = 0; i < 3; ++i) {
    EXPECT_EQ(infos->object<MTL::CommandBufferEncoderInfo>(i)->errorState(), states[i]) << i;
  }
  const auto* bad = infos->object<MTL::CommandBufferEncoderInfo>(1);
  EXPECT_STREQ(bad->label()->utf8String(), "bad");
  EXPECT_STREQ(bad->debugSignposts()->object<NS::String>(0)->utf8String(), "before the fault");

  // The queue goes on.
  MTL::CommandBuffer* next = queue_->commandBuffer();
  encode(next, twice.get(), x.get());
  EXPECT_EQ(finish(next), "");
  EXPECT_EQ(values<int>(x.get())[0], 4);
}

TEST_F(ApiCommands, WhatIsNotThereIsRefusedByName) {
  const auto x = buffer(std::vector<int>{1});
  const auto* texture = reinterpret_cast<MTL::Texture*>(x.get());
  const auto* sampler = reinterpret_cast<MTL::SamplerState*>(x.get());
  using Encode = std::function<void(MTL::ComputeCommandEncoder*)>;
  const std::pair<const char*, Encode> refused[] = {
      {"setTexture: textures", [&](auto* e) { e->setTexture(texture, 0); }},
      {"setTexture: textures", [&](auto* e) { e->setTextures(&texture, NS::Range(0, 1)); }},
      {"setSamplerState: samplers", [&](auto* e) { e->setSamplerState(sampler, 0, 1, 0); }},
      {"setImageblockWidth", [](auto* e) { e->setImageblockWidth(1, 1); }},
      {"setStageInRegion", [](auto* e) { e->setStageInRegion(MTL::Region::Make1D(0, 1)); }},
      {"setBuffer with a stride", [&](auto* e) { e->setBuffer(x.get(), 0, 4, 0); }},
      {"executeCommandsInBuffer: indirect command buffers",
       [](auto* e) { e->executeCommandsInBuffer(nullptr, NS::Range(0, 1)); }},
      {"sampleCountersInBuffer: counters",
       [](auto* e) { e->sampleCountersInBuffer(nullptr, 0, true); }},
  };
  for (const auto& [message, encode_it] : refused) {
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setTexture(nullptr, 0);
    encode_it(encoder);
    encoder->endEncoding();
    EXPECT_THAT(finish(commands), HasSubstr(message));
  }
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  MTL::BlitCommandEncoder* blit = commands->blitCommandEncoder();
  blit->sampleCountersInBuffer(nullptr, 0, false);
  blit->endEncoding();
  EXPECT_THAT(finish(commands), HasSubstr("no counters"));
}

TEST_F(ApiCommands, MistakesOfOrderAreFound) {
  const auto x = buffer(std::vector<int>(4));
  const auto event = NS::TransferPtr(device_->newEvent());
  const auto mistake = [&](const std::function<void(MTL::CommandBuffer*)>& encode_it) {
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    encode_it(commands);
    return finish(commands);
  };
  EXPECT_THAT(mistake([&](auto* c) {
                auto* blit = c->blitCommandEncoder();
                c->encodeWait(event.get(), 1);
                blit->endEncoding();
              }),
              HasSubstr("encodeWait was called before endEncoding()"));
  EXPECT_THAT(mistake([](auto* c) { c->popDebugGroup(); }), HasSubstr("without a pushDebugGroup"));
  EXPECT_THAT(mistake([](auto* c) {
                auto* blit = c->blitCommandEncoder();
                blit->popDebugGroup();
                blit->endEncoding();
              }),
              HasSubstr("without a pushDebugGroup"));
  EXPECT_THAT(mistake([&](auto* c) {
                auto* blit = c->blitCommandEncoder();
                blit->copyFromBuffer(x.get(), 0, x.get(), 4, 8);
                blit->endEncoding();
              }),
              HasSubstr("the ranges overlap"));
  EXPECT_EQ(mistake([&](auto* c) {
              auto* blit = c->blitCommandEncoder();
              blit->copyFromBuffer(x.get(), 0, x.get(), 8, 8);
              blit->endEncoding();
            }),
            "");
}

TEST_F(ApiCommands, ABufferReleasedTooEarlyIsFound) {
  Options options;
  options.checks = CheckSet().with(Check::kFreed);
  options.print = false;
  const ScopedOptions scope(options);
  const auto event = NS::TransferPtr(device_->newSharedEvent());
  for (const bool keeps : {true, false}) {
    MTL::CommandBuffer* commands = queue_->commandBufferWithUnretainedReferences();
    EXPECT_FALSE(commands->retainedReferences());
    auto x = buffer(std::vector<int>(4));
    x->setLabel(text("activations"));
    commands->encodeWait(event.get(), 1);
    MTL::BlitCommandEncoder* blit = commands->blitCommandEncoder();
    blit->fillBuffer(x.get(), NS::Range(0, 16), 1);
    blit->fillBuffer(x.get(), NS::Range(0, 8), 2);
    blit->endEncoding();
    commands->commit();
    if (!keeps) {
      x.reset();
    }
    event->setSignaledValue(1);
    commands->waitUntilCompleted();
    const std::vector<Finding> findings = take_findings();
    ASSERT_EQ(findings.size(), keeps ? 0u : 1u);
    if (!keeps) {
      EXPECT_THAT(findings[0].message, StartsWith("MTL::Buffer 'activations' was released before"));
    }
    event->setSignaledValue(0);
  }
}

}  // namespace
}  // namespace softmetal::testing
