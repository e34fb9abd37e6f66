#include "backends/cuda/staging.hpp"

#include <algorithm>
#include <cstring>

#include "core/parallel.hpp"

namespace ingot::cuda {
namespace {

constexpr size_t kBlockBytes = size_t{16} << 20;

// One core copies slower than the bus.
void copy_on_host(std::byte* to, const std::byte* from, size_t bytes) {
  constexpr std::int64_t kGrain = 1 << 20;
  parallel_for(static_cast<std::int64_t>(bytes), kGrain, [&](std::int64_t begin, std::int64_t end) {
    std::memcpy(to + begin, from + begin, static_cast<size_t>(end - begin));
  });
}

}  // namespace

Staging::~Staging() {
  const Context::Scope scope(*context_);
  for (const Block& block : blocks_) {
    if (block.copied != nullptr) {
      context_->driver().event_destroy(block.copied);
    }
    if (block.memory != nullptr) {
      context_->driver().host_free(block.memory);
    }
  }
}

void Staging::prepare() {
  context_->require_alive();
  for (Block& block : blocks_) {
    if (block.memory == nullptr) {
      void* memory = nullptr;
      context_->check(context_->driver().host_allocate(&memory, kBlockBytes),
                      "allocating pinned memory");
      block.memory = static_cast<std::byte*>(memory);
    }
    if (block.copied == nullptr) {
      context_->check(context_->driver().event_create(&block.copied, CU_EVENT_DISABLE_TIMING),
                      "making an event");
    }
  }
}

void Staging::wait(const Block& block) const {
  context_->check(context_->driver().event_synchronize(block.copied), "copying");
}

void Staging::upload(CUdeviceptr to, const std::byte* from, size_t bytes) {
  const std::lock_guard lock(mutex_);
  const Context::Scope scope(*context_);
  prepare();
  const Driver& driver = context_->driver();
  for (size_t done = 0, turn = 0; done < bytes; ++turn) {
    Block& block = blocks_[turn % blocks_.size()];
    wait(block);
    const size_t piece = std::min(kBlockBytes, bytes - done);
    copy_on_host(block.memory, from + done, piece);
    context_->check(driver.copy_to_device(to + done, block.memory, piece, context_->stream()),
                    "copying to the device");
    context_->check(driver.event_record(block.copied, context_->stream()), "copying");
    done += piece;
  }
}

void Staging::download(std::byte* to, CUdeviceptr from, size_t bytes) {
  const std::lock_guard lock(mutex_);
  const Context::Scope scope(*context_);
  prepare();
  const Driver& driver = context_->driver();
  const size_t pieces = (bytes + kBlockBytes - 1) / kBlockBytes;
  const auto piece_bytes = [&](size_t i) { return std::min(kBlockBytes, bytes - i * kBlockBytes); };
  // Piece i is on its way while piece i - 1 is taken out of the other block.
  for (size_t i = 0; i <= pieces; ++i) {
    if (i < pieces) {
      Block& block = blocks_[i % blocks_.size()];
      context_->check(driver.copy_to_host(
                          block.memory, from + i * kBlockBytes, piece_bytes(i), context_->stream()),
                      "copying from the device");
      context_->check(driver.event_record(block.copied, context_->stream()), "copying");
    }
    if (i > 0) {
      const Block& block = blocks_[(i - 1) % blocks_.size()];
      wait(block);
      copy_on_host(to + (i - 1) * kBlockBytes, block.memory, piece_bytes(i - 1));
    }
  }
}

}  // namespace ingot::cuda
