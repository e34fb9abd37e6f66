// The device of softmetal and its memory, used as a program for Apple's metal-cpp uses it.
#include <cstdlib>
#include <memory>
#include <unistd.h>

#include "gmock/gmock.h"
#include "softmetal/checks.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;
using ApiDevice = SoftMetal;

// What softmetal says about a call that only gives nullptr.
class Reasons {
 public:
  Reasons() : options_(with_arguments()) {}
  std::string take() const {
    const std::vector<Finding> findings = take_findings();
    return findings.size() == 1 ? findings[0].message : std::to_string(findings.size());
  }

 private:
  static Options with_arguments() {
    Options options;
    options.checks = CheckSet().with(Check::kArguments);
    options.print = false;
    return options;
  }
  const ScopedOptions options_;
};

TEST_F(ApiDevice, DescribesItself) {
  EXPECT_STREQ(device_->name()->utf8String(), "softmetal");
  // Programs read the generation from the last three characters.
  const std::string architecture = device_->architecture()->name()->utf8String();
  EXPECT_EQ(architecture.substr(architecture.size() - 3), "15s");
  EXPECT_EQ(device_->maxThreadsPerThreadgroup().width, 1024u);
  EXPECT_EQ(device_->maxThreadgroupMemoryLength(), 32768u);
  EXPECT_LE(device_->maxBufferLength(), device_->recommendedMaxWorkingSetSize());
  EXPECT_TRUE(device_->hasUnifiedMemory());
  EXPECT_FALSE(device_->isLowPower() || device_->isRemovable());
  EXPECT_TRUE(device_->supportsFamily(MTL::GPUFamilyApple7));
  EXPECT_TRUE(device_->supportsFamily(MTL::GPUFamilyMetal3));
  EXPECT_TRUE(device_->supportsFamily(MTL::GPUFamilyCommon3));
  EXPECT_FALSE(device_->supportsFamily(MTL::GPUFamilyMetal4));
  EXPECT_EQ(device_->argumentBuffersSupport(), MTL::ArgumentBuffersTier2);
  EXPECT_EQ(device_->readWriteTextureSupport(), MTL::ReadWriteTextureTierNone);
  EXPECT_FALSE(device_->supportsRaytracing());
  MTL::Timestamp cpu = 0, gpu = 0, later = 0;
  device_->sampleTimestamps(&cpu, &gpu);
  device_->sampleTimestamps(&later, &gpu);
  EXPECT_LE(cpu, later);
  const auto all = NS::TransferPtr(MTL::CopyAllDevices());
  ASSERT_EQ(all->count(), 1u);
  EXPECT_EQ(all->object<MTL::Device>(0), device_.get());
  device_->retain();  // one object for all, which cannot be released away
  device_->release();
  device_->release();
  EXPECT_STREQ(device_->name()->utf8String(), "softmetal");
}

TEST_F(ApiDevice, CountersAreRefused) {
  EXPECT_EQ(device_->counterSets()->count(), 0u);
  EXPECT_FALSE(device_->supportsCounterSampling(MTL::CounterSamplingPointAtStageBoundary));
  NS::Error* error = nullptr;
  EXPECT_EQ(device_->newCounterSampleBuffer(nullptr, &error), nullptr);
  EXPECT_THAT(error->localizedDescription()->utf8String(), HasSubstr("no counters"));
}

TEST_F(ApiDevice, BuffersHaveTheStorageThatTheyWereMadeWith) {
  const NS::UInteger before = device_->currentAllocatedSize();
  {
    const auto shared = NS::TransferPtr(device_->newBuffer(
        100, MTL::ResourceStorageModeShared | MTL::ResourceHazardTrackingModeUntracked));
    EXPECT_EQ(shared->length(), 100u);
    EXPECT_EQ(shared->storageMode(), MTL::StorageModeShared);
    EXPECT_EQ(shared->hazardTrackingMode(), MTL::HazardTrackingModeUntracked);
    EXPECT_EQ(shared->cpuCacheMode(), MTL::CPUCacheModeDefaultCache);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(shared->contents()) % 16384, 0u);
    EXPECT_EQ(values<char>(shared.get()), std::vector<char>(100, 0));
    EXPECT_EQ(device_->currentAllocatedSize(), before + 100);
    EXPECT_EQ(shared->allocatedSize(), 100u);
    EXPECT_EQ(shared->heap(), nullptr);
    EXPECT_EQ(shared->device(), device_.get());
    shared->setLabel(text("weights"));
    EXPECT_STREQ(shared->label()->utf8String(), "weights");
    shared->addDebugMarker(text("first layer"), NS::Range(0, 50));
    shared->removeAllDebugMarkers();
    shared->didModifyRange(NS::Range(0, 100));
    EXPECT_EQ(shared->setPurgeableState(MTL::PurgeableStateVolatile),
              MTL::PurgeableStateNonVolatile);
    EXPECT_EQ(shared->setPurgeableState(MTL::PurgeableStateKeepCurrent),
              MTL::PurgeableStateVolatile);
  }
  EXPECT_EQ(device_->currentAllocatedSize(), before);
  const auto managed =
      NS::TransferPtr(device_->newBuffer("abc", 3, MTL::ResourceStorageModeManaged));
  EXPECT_EQ(managed->storageMode(), MTL::StorageModeManaged);
  EXPECT_EQ(values<char>(managed.get()), (std::vector<char>{'a', 'b', 'c'}));
}

TEST_F(ApiDevice, PrivateBuffersAreReachedByBlitsAlone) {
  const auto secret = NS::TransferPtr(device_->newBuffer(64, MTL::ResourceStorageModePrivate));
  EXPECT_EQ(secret->contents(), nullptr);
  EXPECT_NE(secret->gpuAddress(), 0u);
  const auto from = buffer(std::vector<int>(16, 5)), to = buffer(std::vector<int>(16, 0));
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  MTL::BlitCommandEncoder* blit = commands->blitCommandEncoder();
  blit->copyFromBuffer(from.get(), 0, secret.get(), 0, 64);
  blit->fillBuffer(secret.get(), NS::Range(0, 4), 1);
  blit->copyFromBuffer(secret.get(), 0, to.get(), 0, 64);
  blit->synchronizeResource(to.get());
  blit->endEncoding();
  ASSERT_EQ(finish(commands), "");
  EXPECT_EQ(values<int>(to.get())[0], 0x01010101);
  EXPECT_EQ(values<int>(to.get())[15], 5);
}

TEST_F(ApiDevice, BorrowsWholePages) {
  const auto page = static_cast<std::size_t>(getpagesize());
  const std::unique_ptr<void, void (*)(void*)> memory(std::aligned_alloc(page, 2 * page),
                                                      std::free);
  auto* numbers = static_cast<int*>(memory.get());
  numbers[0] = 1;
  int freed = 0;
  auto borrowed = NS::TransferPtr(device_->newBuffer(
      numbers, page, MTL::ResourceStorageModeShared, [&](void* data, NS::UInteger length) {
        EXPECT_EQ(data, numbers);
        EXPECT_EQ(length, page);
        ++freed;
      }));
  EXPECT_EQ(borrowed->contents(), numbers);
  const auto add = pipeline(
      "kernel void add(device int* x, uint i [[thread_position_in_grid]]) { x[i] += 1; }", "add");
  ASSERT_EQ(run(add.get(), {borrowed.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(numbers[0], 2);
  borrowed.reset();
  EXPECT_EQ(freed, 1);

  const Reasons reasons;
  const auto refused = [&](const void* pointer, NS::UInteger length, MTL::ResourceOptions options) {
    EXPECT_EQ(device_->newBuffer(pointer, length, options, nullptr), nullptr);
    return reasons.take();
  };
  EXPECT_THAT(refused(numbers + 1, page, 0), HasSubstr("multiples of the page size"));
  EXPECT_THAT(refused(numbers, page + 4, 0), HasSubstr("multiples of the page size"));
  EXPECT_THAT(refused(nullptr, page, 0), HasSubstr("multiples of the page size"));
  EXPECT_THAT(refused(numbers, page, MTL::ResourceStorageModePrivate), HasSubstr("private"));
}

TEST_F(ApiDevice, ImpossibleBuffersAreRefusedWithAReason) {
  const Reasons reasons;
  EXPECT_EQ(device_->newBuffer(0, MTL::ResourceStorageModeShared), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("newBuffer of 0 bytes"));
  EXPECT_EQ(device_->newBuffer(NS::UInteger{1} << 60, MTL::ResourceStorageModeShared), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("are possible"));
  EXPECT_EQ(
      device_->newBuffer(16, MTL::ResourceStorageModeManaged | MTL::ResourceStorageModePrivate),
      nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("storage mode 3"));
}

NS::SharedPtr<MTL::Heap> heap_of(MTL::Device* device, NS::UInteger size, MTL::HeapType type) {
  const auto descriptor = NS::TransferPtr(MTL::HeapDescriptor::alloc()->init());
  EXPECT_EQ(descriptor->storageMode(), MTL::StorageModePrivate);
  descriptor->setSize(size);
  descriptor->setType(type);
  descriptor->setStorageMode(MTL::StorageModeShared);
  auto heap = NS::TransferPtr(device->newHeap(descriptor.get()));
  descriptor->setSize(1);  // the heap has a copy
  return heap;
}

TEST_F(ApiDevice, AHeapGivesAndTakesBackItsMemory) {
  const NS::UInteger before = device_->currentAllocatedSize();
  auto heap = heap_of(device_.get(), 4096, MTL::HeapTypeAutomatic);
  heap->setLabel(text("pool"));
  EXPECT_EQ(heap->size(), 4096u);
  EXPECT_EQ(device_->currentAllocatedSize(), before + 4096);
  EXPECT_EQ(heap->maxAvailableSize(1), 4096u);
  const MTL::SizeAndAlign needs = device_->heapBufferSizeAndAlign(1000, 0);
  EXPECT_EQ(needs.size % needs.align, 0u);
  EXPECT_GE(needs.size, 1000u);

  auto a = NS::TransferPtr(heap->newBuffer(1000, MTL::ResourceStorageModeShared));
  auto b = NS::TransferPtr(heap->newBuffer(1000, MTL::ResourceStorageModeShared));
  EXPECT_EQ(a->heap(), heap.get());
  EXPECT_EQ(heap->usedSize(), 2 * needs.size);
  EXPECT_EQ(heap->maxAvailableSize(256), 4096 - 2 * needs.size);
  EXPECT_EQ(b->heapOffset(), needs.size);
  EXPECT_EQ(device_->currentAllocatedSize(), before + 4096);
  EXPECT_EQ(heap->newBuffer(3000, MTL::ResourceStorageModeShared), nullptr);

  a.reset();  // a gap in front, which the next buffer that fits gets
  const auto c = NS::TransferPtr(heap->newBuffer(512, MTL::ResourceStorageModeShared));
  EXPECT_EQ(c->heapOffset(), 0u);
  EXPECT_FALSE(b->isAliasable());
  b->makeAliasable();
  b->makeAliasable();
  EXPECT_TRUE(b->isAliasable());
  const auto d = NS::TransferPtr(heap->newBuffer(3000, MTL::ResourceStorageModeShared));
  ASSERT_TRUE(d);
  EXPECT_LT(d->heapOffset(), b->heapOffset() + b->length());
  b.reset();  // its memory is d's by now
  EXPECT_EQ(heap->usedSize(), 512u + 3072u);

  heap.reset();  // its buffers keep it
  std::memset(d->contents(), 1, d->length());
}

TEST_F(ApiDevice, APlacementHeapPutsBuffersWhereTheyAreWanted) {
  const auto heap = heap_of(device_.get(), 4096, MTL::HeapTypePlacement);
  const auto a = NS::TransferPtr(heap->newBuffer(1024, MTL::ResourceStorageModeShared, 512));
  const auto b = NS::TransferPtr(heap->newBuffer(256, MTL::ResourceStorageModeShared, 768));
  ASSERT_TRUE(a && b);
  static_cast<char*>(b->contents())[0] = 42;
  EXPECT_EQ(values<char>(a.get())[256], 42);
  EXPECT_EQ(heap->maxAvailableSize(256), 0u);

  const Reasons reasons;
  EXPECT_EQ(heap->newBuffer(16, MTL::ResourceStorageModeShared), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("needs an offset"));
  EXPECT_EQ(heap->newBuffer(16, MTL::ResourceStorageModeShared, 100), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("multiple of 256"));
  EXPECT_EQ(heap->newBuffer(1024, MTL::ResourceStorageModeShared, 3328), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("offset 3328 of a heap of 4096"));
  EXPECT_EQ(heap->newBuffer(16, MTL::ResourceStorageModePrivate, 0), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("the heap's are"));
  EXPECT_EQ(heap_of(device_.get(), 4096, MTL::HeapTypeSparse).get(), nullptr);
  EXPECT_THAT(reasons.take(), HasSubstr("sparse"));
}

TEST_F(ApiDevice, ResidencySetsKeepAndCountAllocations) {
  const auto descriptor = NS::TransferPtr(MTL::ResidencySetDescriptor::alloc()->init());
  descriptor->setLabel(text("weights"));
  descriptor->setInitialCapacity(4);
  NS::Error* error = nullptr;
  const auto set = NS::TransferPtr(device_->newResidencySet(descriptor.get(), &error));
  ASSERT_TRUE(set);
  EXPECT_STREQ(set->label()->utf8String(), "weights");
  auto a = buffer(std::vector<int>(25)), b = buffer(std::vector<int>(50));
  const MTL::Allocation* both[] = {a.get(), b.get()};
  set->addAllocations(both, 2);
  set->addAllocation(a.get());
  EXPECT_EQ(set->allocationCount(), 2u);
  EXPECT_EQ(set->allocatedSize(), 0u);
  set->commit();
  set->requestResidency();
  EXPECT_EQ(set->allocatedSize(), 300u);
  {
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    EXPECT_EQ(set->allAllocations()->count(), 2u);
  }
  queue_->addResidencySet(set.get());
  set->removeAllocation(a.get());
  EXPECT_FALSE(set->containsAllocation(a.get()));
  EXPECT_TRUE(set->containsAllocation(b.get()));
  EXPECT_EQ(a->retainCount(), 1u);
  set->removeAllAllocations();
  set->commit();
  set->endResidency();
  EXPECT_EQ(set->allocatedSize(), 0u);
  queue_->removeResidencySet(set.get());
  EXPECT_EQ(set->retainCount(), 1u);
}

TEST_F(ApiDevice, CaptureIsRefused) {
  MTL::CaptureManager* manager = MTL::CaptureManager::sharedCaptureManager();
  EXPECT_FALSE(manager->supportsDestination(MTL::CaptureDestinationGPUTraceDocument));
  const auto descriptor = NS::TransferPtr(MTL::CaptureDescriptor::alloc()->init());
  descriptor->setCaptureObject(device_.get());
  descriptor->setDestination(MTL::CaptureDestinationGPUTraceDocument);
  descriptor->setOutputURL(NS::URL::fileURLWithPath(text("/tmp/x.gputrace")));
  NS::Error* error = nullptr;
  EXPECT_FALSE(manager->startCapture(descriptor.get(), &error));
  EXPECT_EQ(error->code(), MTL::CaptureErrorNotSupported);
  manager->startCapture(queue_.get());
  EXPECT_FALSE(manager->isCapturing());
  manager->stopCapture();
  const auto scope = NS::TransferPtr(manager->newCaptureScope(queue_.get()));
  scope->setLabel(text("step"));
  scope->beginScope();
  scope->endScope();
  EXPECT_EQ(scope->commandQueue(), queue_.get());
  manager->setDefaultCaptureScope(scope.get());
  EXPECT_EQ(manager->defaultCaptureScope(), scope.get());
  manager->setDefaultCaptureScope(nullptr);
}

}  // namespace
}  // namespace softmetal::testing
