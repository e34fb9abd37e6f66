#include "backends/metal/metal_encoder.hpp"

#include <mutex>
#include <string>
#include <vector>

#include "ingot/error.hpp"

#include "backends/metal/metal_library.hpp"

namespace ingot::metal {
namespace {

MTL::Size size_of_grid(Grid grid) {
  return MTL::Size::Make(grid.x, grid.y, grid.z);
}

// Memory that a command buffer uses. It goes back to its pool when the GPU is done with it, and no
// earlier: by the completion handler, or by whoever waits, for Metal does not say which of the two
// comes first.
class RetainedMemory {
 public:
  explicit RetainedMemory(std::vector<Buffer> buffers) : buffers_(std::move(buffers)) {}

  void release() {
    const std::lock_guard lock(mutex_);
    buffers_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<Buffer> buffers_;
};

class CommittedWork final : public Event::Work {
 public:
  CommittedWork(NS::SharedPtr<MTL::CommandBuffer> buffer, std::shared_ptr<RetainedMemory> memory)
      : buffer_(std::move(buffer)), memory_(std::move(memory)) {}

  bool done() const override {
    const MTL::CommandBufferStatus status = buffer_->status();
    return status == MTL::CommandBufferStatusCompleted || status == MTL::CommandBufferStatusError;
  }

  void wait() override {
    buffer_->waitUntilCompleted();
    memory_->release();
    if (buffer_->status() == MTL::CommandBufferStatusError) {
      const NS::Error* error = buffer_->error();
      throw Error(ErrorCode::kDevice,
                  "gpu",
                  error == nullptr ? "the command buffer failed"
                                   : error->localizedDescription()->utf8String());
    }
  }

  double seconds() const override { return buffer_->GPUEndTime() - buffer_->GPUStartTime(); }

 private:
  NS::SharedPtr<MTL::CommandBuffer> buffer_;
  std::shared_ptr<RetainedMemory> memory_;
};

class MetalEncoder final : public CommandEncoder {
 public:
  explicit MetalEncoder(MTL::CommandQueue* queue) {
    const auto arena = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    buffer_ = NS::RetainPtr(queue->commandBuffer());
    // A serial encoder: each dispatch sees what the dispatches before it wrote.
    encoder_ = NS::RetainPtr(buffer_->computeCommandEncoder());
  }

  ~MetalEncoder() override {
    if (encoder_.get() != nullptr) {
      encoder_->endEncoding();  // Metal requires it even of an encoder that is given up
    }
  }

  void set_pipeline(const Pipeline& pipeline) override {
    encoder_->setComputePipelineState(static_cast<const MetalPipeline&>(pipeline).state());
  }

  void set_buffer(uint32_t index, const Buffer& buffer, size_t offset) override {
    encoder_->setBuffer(static_cast<const MTL::Buffer*>(buffer.native()), offset, index);
    memory_.push_back(buffer);
  }

  void set_bytes(uint32_t index, const void* data, size_t bytes) override {
    encoder_->setBytes(data, bytes, index);
  }

  void set_threadgroup_memory(uint32_t index, size_t bytes) override {
    encoder_->setThreadgroupMemoryLength(bytes, index);
  }

  void dispatch_threads(Grid threads, Grid threads_per_threadgroup) override {
    encoder_->dispatchThreads(size_of_grid(threads), size_of_grid(threads_per_threadgroup));
  }

  void dispatch_threadgroups(Grid threadgroups, Grid threads_per_threadgroup) override {
    encoder_->dispatchThreadgroups(size_of_grid(threadgroups),
                                   size_of_grid(threads_per_threadgroup));
  }

  Event commit() override {
    encoder_->endEncoding();
    encoder_.reset();
    const auto memory = std::make_shared<RetainedMemory>(std::move(memory_));
    const MTL::HandlerFunction release = [memory](MTL::CommandBuffer*) { memory->release(); };
    buffer_->addCompletedHandler(release);
    buffer_->commit();
    return Event(std::make_shared<CommittedWork>(std::move(buffer_), memory));
  }

 private:
  NS::SharedPtr<MTL::CommandBuffer> buffer_;
  NS::SharedPtr<MTL::ComputeCommandEncoder> encoder_;
  std::vector<Buffer> memory_;
};

}  // namespace

std::unique_ptr<CommandEncoder> make_encoder(MTL::CommandQueue* queue) {
  return std::make_unique<MetalEncoder>(queue);
}

}  // namespace ingot::metal
