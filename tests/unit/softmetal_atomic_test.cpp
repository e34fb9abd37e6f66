// Atomics under contention, in device and threadgroup memory, and their results one by one.
#include <bit>
#include <cstdint>
#include <limits>
#include <set>

#include "tests/unit/softmetal_expressions.hpp"

namespace softmetal::testing {
namespace {

class Atomics : public Expressions {};

// 64 groups of 256 threads on all cores: nothing is lost.
TEST_F(Atomics, NothingIsLost) {
  const auto state = pipeline(R"(
    kernel void f(device atomic_int* ints, device atomic_uint* uints, device atomic_float* floats,
                  device atomic_ulong* longs, device uint* tickets, device atomic_bool* flag,
                  uint i [[thread_position_in_grid]],
                  uint t [[thread_index_in_threadgroup]]) {
      const memory_order relaxed = memory_order_relaxed;
      tickets[i] = uint(atomic_fetch_add_explicit(&ints[0], 1, relaxed));
      atomic_fetch_sub_explicit(&ints[1], int(i), relaxed);
      atomic_fetch_min_explicit(&ints[2], int(i) - 5000, relaxed);
      atomic_fetch_max_explicit(&ints[3], int(i) - 5000, relaxed);
      atomic_fetch_or_explicit(&uints[0], 1u << i % 31, relaxed);
      atomic_fetch_and_explicit(&uints[1], ~(1u << i % 31), relaxed);
      atomic_fetch_xor_explicit(&uints[2], i, relaxed);
      atomic_fetch_max_explicit(&uints[3], i * 2654435761u, relaxed);
      atomic_fetch_min_explicit(&uints[4], i * 2654435761u, relaxed);
      atomic_fetch_add_explicit(&floats[0], 0.25f, relaxed);
      atomic_fetch_sub_explicit(&floats[1], 0.5f, relaxed);
      atomic_max_explicit(&longs[0], ulong(i) << 40, relaxed);
      atomic_min_explicit(&longs[1], ulong(i + 7) << 40, relaxed);
      // A product by compare and exchange.
      uint seen = atomic_load_explicit(&uints[5], relaxed);
      while (!atomic_compare_exchange_weak_explicit(&uints[5], &seen, seen * 3, relaxed, relaxed)) {
      }
      // Whoever takes the flag counts; it is given back.
      if (atomic_exchange_explicit(flag, true, relaxed) == false) {
        atomic_fetch_add_explicit(&ints[4], 1, relaxed);
        atomic_store_explicit(flag, false, relaxed);
      }
      threadgroup atomic_uint local;
      if (t == 0) {
        atomic_store_explicit(&local, 0u, relaxed);
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      atomic_fetch_add_explicit(&local, t, relaxed);
      threadgroup_barrier(mem_flags::mem_threadgroup);
      if (t == 0) {
        atomic_fetch_add_explicit(&uints[6], atomic_load_explicit(&local, relaxed), relaxed);
      }
    })",
                              "f");
  ASSERT_TRUE(state);
  constexpr std::uint32_t n = 64 * 256;
  const auto ints = buffer(std::vector<std::int32_t>{0, 0, 0, 0, 0});
  const auto uints = buffer(std::vector<std::uint32_t>{0, ~0u, 0, 0, ~0u, 1, 0});
  const auto floats = buffer(std::vector<float>{0, 0});
  const auto longs = buffer(std::vector<std::uint64_t>{0, ~std::uint64_t{0}});
  const auto tickets = buffer(std::vector<std::uint32_t>(n, ~0u));
  const auto flag = buffer(std::vector<std::uint8_t>{0});
  ASSERT_EQ(run(state.get(),
                {ints.get(), uints.get(), floats.get(), longs.get(), tickets.get(), flag.get()},
                {n, 1, 1},
                {256, 1, 1}),
            "");
  const auto i = values<std::int32_t>(ints.get());
  EXPECT_EQ(i[0], std::int32_t{n});
  EXPECT_EQ(i[1], -static_cast<std::int32_t>(n * (n - 1) / 2));
  EXPECT_EQ(i[2], -5000);
  EXPECT_EQ(i[3], static_cast<std::int32_t>(n) - 1 - 5000);
  EXPECT_GE(i[4], 1);
  EXPECT_LE(i[4], std::int32_t{n});
  std::uint32_t all = 0, most = 0, least = ~0u, product = 1;
  for (std::uint32_t k = 0; k < n; ++k) {
    all ^= k;
    most = std::max(most, k * 2654435761u);
    least = std::min(least, k * 2654435761u);
    product *= 3;
  }
  EXPECT_EQ(values<std::uint32_t>(uints.get()),
            (std::vector<std::uint32_t>{
                0x7fffffff, 0x80000000, all, most, least, product, 64 * (256 * 255 / 2)}));
  EXPECT_EQ(values<float>(floats.get()), (std::vector<float>{n * 0.25f, n * -0.5f}));
  EXPECT_EQ(values<std::uint64_t>(longs.get()),
            (std::vector<std::uint64_t>{std::uint64_t{n - 1} << 40, std::uint64_t{7} << 40}));
  const auto taken = values<std::uint32_t>(tickets.get());
  EXPECT_EQ(std::set<std::uint32_t>(taken.begin(), taken.end()).size(), n);
}

TEST_F(Atomics, ResultsAndComparisons) {
  expect_true({
      "sizeof(atomic_int) == 4 && sizeof(atomic_ulong) == 8 && sizeof(atomic_bool) == 1 && "
      "is_same_v<atomic<float>, atomic_float>",
      "[] { atomic_int a; atomic_store_explicit(&a, 5, memory_order_relaxed); return "
      "atomic_fetch_add_explicit(&a, 3, memory_order_relaxed) == 5 && atomic_load_explicit(&a, "
      "memory_order_relaxed) == 8; }()",
      // Arithmetic wraps around.
      "[] { atomic_int a; atomic_store_explicit(&a, INT_MAX, memory_order_relaxed); "
      "atomic_fetch_add_explicit(&a, 1, memory_order_relaxed); return atomic_load_explicit(&a, "
      "memory_order_relaxed) == INT_MIN; }()",
      "[] { atomic_uint a; atomic_store_explicit(&a, 7u, memory_order_relaxed); uint e = 6; bool b "
      "= "
      "atomic_compare_exchange_weak_explicit(&a, &e, 9u, memory_order_relaxed, "
      "memory_order_relaxed); return !b && e == 7 && "
      "atomic_compare_exchange_weak_explicit(&a, &e, 9u, memory_order_relaxed, "
      "memory_order_relaxed) && atomic_load_explicit(&a, memory_order_relaxed) == 9; }()",
      // Floats are compared by their bits.
      "[] { atomic_float a; atomic_store_explicit(&a, -0.0f, memory_order_relaxed); float e = 0; "
      "return !atomic_compare_exchange_weak_explicit(&a, &e, 1.0f, memory_order_relaxed, "
      "memory_order_relaxed) && as_type<uint>(e) == 0x80000000; }()",
      "[] { atomic_float a; atomic_store_explicit(&a, NAN, memory_order_relaxed); float e = NAN; "
      "return atomic_compare_exchange_weak_explicit(&a, &e, 1.0f, memory_order_relaxed, "
      "memory_order_relaxed); }()",
      "[] { volatile atomic_uint a; atomic_store(&a, 3u); atomic_fetch_or(&a, 4u); return "
      "atomic_exchange(&a, 1u) == 7 && atomic_load(&a) == 1; }()",
      "[] { atomic_thread_fence(mem_flags::mem_device, memory_order_seq_cst, thread_scope_device); "
      "atomic_thread_fence(mem_flags::mem_device | mem_flags::mem_threadgroup, "
      "memory_order_relaxed); return true; }()",
  });
}

}  // namespace
}  // namespace softmetal::testing
