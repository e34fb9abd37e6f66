#include <atomic>
#include <cstdlib>
#include <thread>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "core/buffer.hpp"

namespace ingot {
namespace {

// A device with a fixed amount of memory, which counts what is taken and given back.
struct FakeDevice {
  size_t capacity = SIZE_MAX;
  std::atomic<size_t> used{0};
  std::atomic<int> allocations{0};
  std::atomic<int> releases{0};

  BufferPool pool() {
    return {[this](size_t bytes) -> Allocation {
              if (used + bytes > capacity) {
                return {};
              }
              used += bytes;
              ++allocations;
              return {static_cast<std::byte*>(std::malloc(bytes)), nullptr, bytes};
            },
            [this](const Allocation& block) {
              used -= block.bytes;
              ++releases;
              std::free(block.host);
            }};
  }
};

TEST(BufferPool, SizeClassesWasteAtMostAFifth) {
  EXPECT_EQ(BufferPool::size_class(0), 256u);
  EXPECT_EQ(BufferPool::size_class(256), 256u);
  EXPECT_EQ(BufferPool::size_class(257), 512u);
  EXPECT_EQ(BufferPool::size_class(4096), 4096u);
  EXPECT_EQ(BufferPool::size_class(4097), 5120u);
  for (size_t bytes = 4096; bytes < (size_t{1} << 40); bytes += bytes / 3 + 1) {
    const size_t size = BufferPool::size_class(bytes);
    EXPECT_GE(size, bytes);
    EXPECT_LE(static_cast<double>(size - bytes), 0.2 * static_cast<double>(size) + 1) << bytes;
    EXPECT_EQ(BufferPool::size_class(size), size);
  }
  EXPECT_THROW(BufferPool::size_class(SIZE_MAX), Error);
}

TEST(BufferPool, ReusesAFreedBlock) {
  FakeDevice device;
  BufferPool pool = device.pool();
  std::byte* first = pool.allocate(10000).host();
  EXPECT_EQ(pool.allocate(10001).host(), first);
  EXPECT_EQ(device.allocations, 1);
  const MemoryStatistics statistics = pool.statistics();
  EXPECT_EQ(statistics.hits, 1u);
  EXPECT_EQ(statistics.misses, 1u);
  EXPECT_EQ(statistics.in_use, 0u);
  EXPECT_EQ(statistics.cached, BufferPool::size_class(10000));
  EXPECT_EQ(statistics.high_water, BufferPool::size_class(10000));
}

TEST(BufferPool, TrimGivesCachedBlocksBack) {
  FakeDevice device;
  BufferPool pool = device.pool();
  const Buffer kept = pool.allocate(300);
  pool.allocate(5000);
  pool.trim();
  EXPECT_EQ(device.releases, 1);
  EXPECT_EQ(pool.statistics().cached, 0u);
  EXPECT_EQ(pool.statistics().in_use, 512u);
}

TEST(BufferPool, TrimsBeforeItGivesUp) {
  FakeDevice device;
  device.capacity = 10 * 1024;
  BufferPool pool = device.pool();
  pool.allocate(8192);  // cached, and in the way of the next
  const Buffer other = pool.allocate(5120);
  EXPECT_TRUE(other);
  try {
    pool.allocate(8192);
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kOutOfMemory);
    EXPECT_NE(std::string(error.what()).find("8192"), std::string::npos);
  }
}

TEST(BufferPool, BuffersOutliveThePool) {
  FakeDevice device;
  Buffer survivor;
  {
    BufferPool pool = device.pool();
    survivor = pool.allocate(100);
  }
  survivor.host()[99] = std::byte{1};
  EXPECT_EQ(device.releases, 0);
  survivor = {};
  EXPECT_EQ(device.releases, 1);
}

TEST(BufferPool, PoisonFillsFreshAndReusedBlocks) {
  FakeDevice device;
  BufferPool pool = device.pool();
  pool.set_poison(true);
  for (int round = 0; round < 2; ++round) {
    const Buffer buffer = pool.allocate(1000);
    EXPECT_EQ(buffer.host()[999], std::byte{0xA5});
    buffer.host()[999] = std::byte{0};
  }
}

TEST(BufferPool, ManyThreads) {
  FakeDevice device;
  BufferPool pool = device.pool();
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&pool, t] {
      for (size_t i = 0; i < 1000; ++i) {
        const Buffer buffer = pool.allocate(256 * (i % 7 + 1));
        buffer.host()[0] = static_cast<std::byte>(t);
        EXPECT_EQ(buffer.host()[0], static_cast<std::byte>(t));
      }
    });
  }
  for (std::thread& thread : threads) {
    thread.join();
  }
  EXPECT_EQ(pool.statistics().in_use, 0u);
  EXPECT_EQ(pool.statistics().hits + pool.statistics().misses, 4000u);
}

}  // namespace
}  // namespace ingot
