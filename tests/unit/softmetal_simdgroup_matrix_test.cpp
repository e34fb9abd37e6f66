// simdgroup_matrix: whole matrix products against double, and where each lane's elements lie.
#include <cmath>
#include <cstdint>
#include <random>
#include <span>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

class SimdgroupMatrix : public SoftMetal {
 protected:
  static std::vector<float> random(std::size_t count) {
    // Multiples of 1/8 below 2: exact in every type.
    static std::mt19937 generator(7);
    std::vector<float> result(count);
    for (float& value : result) {
      value = static_cast<float>(static_cast<int>(generator() % 31) - 15) / 8;
    }
    return result;
  }

  // C (m x n) = A (m x k) * B (k x n), each SIMD-group an 8 x 8 tile; A and B may be stored
  // transposed, rows lie `pad` elements apart from the next.
  void expect_product(const std::string& type, bool transposed_a, bool transposed_b) {
    constexpr unsigned m = 24, n = 16, k = 40, pad = 3;
    const unsigned lda = (transposed_a ? m : k) + pad, ldb = (transposed_b ? k : n) + pad;
    const unsigned ldc = n + pad;
    const auto both =
        library("#include <metal_stdlib>\nusing namespace metal;\ntypedef " + type + R"( T;
      kernel void convert(device const float* from, device T* to,
                          uint i [[thread_position_in_grid]]) { to[i] = T(from[i]); }
      kernel void product(device const T* a, device const T* b, device float* c,
                          constant uint4& s, constant bool2& transposed,
                          uint2 tile [[threadgroup_position_in_grid]]) {
        simdgroup_matrix<T, 8, 8> x, y;
        simdgroup_float8x8 sum = make_filled_simdgroup_matrix<float, 8, 8>(0.0f);
        for (uint i = 0; i < s.w; i += 8) {
          // Origins are in memory: x along a row, y down.
          const ulong2 at_a = transposed.x ? ulong2(8 * tile.y, i) : ulong2(i, 8 * tile.y);
          const ulong2 at_b = transposed.y ? ulong2(i, 8 * tile.x) : ulong2(8 * tile.x, i);
          simdgroup_load(x, a, s.x, at_a, transposed.x);
          simdgroup_load(y, b, s.y, at_b, transposed.y);
          simdgroup_multiply_accumulate(sum, x, y, sum);
        }
        simdgroup_store(sum, c, s.z, ulong2(8 * tile.x, 8 * tile.y));
      })");
    ASSERT_TRUE(both);
    const auto state = pipeline(both.get(), "product"), convert = pipeline(both.get(), "convert");
    ASSERT_TRUE(state && convert);
    const auto narrowed = [&](const std::vector<float>& from) {
      const auto source = buffer(from), target = buffer(std::vector<float>(from.size()));
      const unsigned count = static_cast<unsigned>(from.size());
      EXPECT_EQ(run(convert.get(), {source.get(), target.get()}, {count, 1, 1}, {64, 1, 1}), "");
      return target;
    };
    const auto a = random(std::size_t{lda} * (transposed_a ? k : m));
    const auto b = random(std::size_t{ldb} * (transposed_b ? n : k));
    const auto on_a = narrowed(a), on_b = narrowed(b);
    const auto c = buffer(std::vector<float>(std::size_t{ldc} * m, -77));
    const auto strides = buffer(std::vector<std::uint32_t>{lda, ldb, ldc, k});
    const auto transposed = buffer(std::vector<std::uint8_t>{transposed_a, transposed_b});
    ASSERT_EQ(run(state.get(),
                  {on_a.get(), on_b.get(), c.get(), strides.get(), transposed.get()},
                  {32 * n / 8, m / 8, 1},
                  {32, 1, 1}),
              "");
    const auto result = values<float>(c.get());
    for (unsigned row = 0; row < m; ++row) {
      for (unsigned column = 0; column < ldc; ++column) {
        double expected = -77;  // between the rows nothing is written
        if (column < n) {
          expected = 0;
          for (unsigned i = 0; i < k; ++i) {
            expected += double{a[transposed_a ? i * lda + row : row * lda + i]} *
                        b[transposed_b ? column * ldb + i : i * ldb + column];
          }
        }
        ASSERT_EQ(result[row * ldc + column], expected) << type << " at " << row << ", " << column;
      }
    }
  }
};

TEST_F(SimdgroupMatrix, Products) {
  expect_product("float", false, false);
  expect_product("float", true, true);
  expect_product("half", false, true);
  expect_product("bfloat", true, false);
}

// One SIMD-group, threadgroup memory, every other function, and the results of each in `out`.
TEST_F(SimdgroupMatrix, LanesHoldTwoNeighboursOfARow) {
  const auto state = pipeline(R"(
    kernel void f(device float* out, device half* narrow, uint lane [[thread_index_in_simdgroup]]) {
      threadgroup float tile[8 * 12];
      for (uint i = lane; i < 8 * 12; i += 32) {
        tile[i] = i;
      }
      threadgroup_barrier(mem_flags::mem_threadgroup);
      simdgroup_float8x8 m;
      simdgroup_load(m, tile, 12, ulong2(1, 0));
      // Where a lane's elements lie, as matrix products that index memory by lane write it.
      const uint quad = lane / 4;
      const uint row = (quad & 4) + lane / 2 % 4, column = (quad & 2) * 2 + lane % 2 * 2;
      thread float2& mine = m.thread_elements();
      out[2 * lane] = mine.x - (12 * row + column + 1);
      out[2 * lane + 1] = mine[1] - (12 * row + column + 2);
      mine *= 2;                                       // what memory held, doubled
      simdgroup_store(m, out + 64);
      simdgroup_float8x8 two(2.0f), filled = make_filled_simdgroup_matrix<float, 8>(0.5f), d;
      simdgroup_store(two, out + 128, 8, ulong2(0, 0), true);
      simdgroup_multiply(d, two, filled);              // 1 everywhere
      simdgroup_store(d * two, out + 192);             // 2 everywhere
      simdgroup_half8x8 h = make_filled_simdgroup_matrix<half, 8, 8>(half(3));
      simdgroup_bfloat8x8 b(bfloat(2));
      simdgroup_half8x8 r;
      simdgroup_multiply_accumulate(r, h, b, d);       // 3 * 2 + 1, of three types
      simdgroup_store(r, narrow, 10, ulong2(1, 0), true);
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>(256, -1));
  const auto narrow = buffer(std::vector<std::uint16_t>(81, 0x1234));
  ASSERT_EQ(run(state.get(), {out.get(), narrow.get()}, {32, 1, 1}, {32, 1, 1}), "");
  const auto result = values<float>(out.get());
  const auto halves = values<std::uint16_t>(narrow.get());
  for (unsigned i = 0; i < 64; ++i) {
    const unsigned row = i / 8, column = i % 8;
    EXPECT_EQ(result[i], 0) << i;
    EXPECT_EQ(result[64 + i], 2.0f * static_cast<float>(12 * row + column + 1)) << i;
    EXPECT_EQ(result[128 + i], row == column ? 2 : 0) << i;
    EXPECT_EQ(result[192 + i], 2) << i;
    EXPECT_EQ(halves[row * 10 + column + 1], 0x4700) << i;  // 7 as a half
  }
  EXPECT_EQ(halves[0], 0x1234);
  EXPECT_EQ(halves[9], 0x1234);
}

// As shaders that keep matrices in storage of their own go to the compiler's function.
TEST_F(SimdgroupMatrix, ByTheCompilersName) {
  const auto state = pipeline(R"(
    #pragma METAL internals : enable
    template <typename T> struct storage {
      typedef vec<T, 64> storage_type;
      storage_type t;
      METAL_FUNC thread vec<T, 2>* thread_elements() thread {
        return reinterpret_cast<thread vec<T, 2>*>(&t);
      }
    };
    #pragma METAL internals : disable
    kernel void f(device float* out, ushort lane [[thread_index_in_simdgroup]]) {
      storage<half> a, b;
      storage<float> c;
      *a.thread_elements() = half2(1, 2);
      *b.thread_elements() = half2(0.5h);
      *c.thread_elements() = vec<float, 2>(lane);
      c.t = __metal_simdgroup_matrix_8x8_multiply_accumulate(a.t, b.t, c.t, storage<float>::storage_type());
      out[2 * lane] = c.thread_elements()->x;
      out[2 * lane + 1] = c.thread_elements()->y;
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>(64));
  ASSERT_EQ(run(state.get(), {out.get()}, {32, 1, 1}, {32, 1, 1}), "");
  const auto result = values<float>(out.get());
  for (unsigned i = 0; i < 64; ++i) {
    EXPECT_EQ(result[i], 6 + static_cast<float>(i / 2)) << i;  // 4 * 1 * 0.5 + 4 * 2 * 0.5
  }
}

// Products are summed in float and rounded to half once.
TEST_F(SimdgroupMatrix, SumsAreRoundedOnce) {
  const auto state = pipeline(R"(
    kernel void f(device half* out) {
      simdgroup_half8x8 a = make_filled_simdgroup_matrix<half, 8, 8>(half(0.5f));
      simdgroup_half8x8 b = make_filled_simdgroup_matrix<half, 8, 8>(half(0.25f));
      simdgroup_half8x8 c = make_filled_simdgroup_matrix<half, 8, 8>(half(2048.0f));
      simdgroup_multiply_accumulate(c, a, b, c);
      simdgroup_store(c, out);
      c = make_filled_simdgroup_matrix<half, 8, 8>(half(2048.0f));
      b = make_filled_simdgroup_matrix<half, 8, 8>(half(0.5f));
      simdgroup_multiply_accumulate(c, a, b, c);
      simdgroup_store(c, out + 64);
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::uint16_t>(128));
  ASSERT_EQ(run(state.get(), {out.get()}, {32, 1, 1}, {32, 1, 1}), "");
  const auto result = values<std::uint16_t>(out.get());
  EXPECT_EQ(result[5], 0x6800);   // 2048 + 8 * 0.125 = 2049 is a tie and goes to even: 2048
  EXPECT_EQ(result[69], 0x6801);  // 2048 + 8 * 0.25 = 2050, though each sum alone would stay 2048
}

// Where the kernel breaks MSL's rule that all lanes take part, the missing elements are NaN.
TEST_F(SimdgroupMatrix, MissingLanesAreNotANumber) {
  const auto state = pipeline(R"(
    kernel void f(device float* out, uint lane [[thread_index_in_simdgroup]]) {
      simdgroup_float8x8 a = make_filled_simdgroup_matrix<float, 8, 8>(1.0f);
      if (lane != 31) {
        simdgroup_multiply(a, a, simdgroup_float8x8(1.0f));
      }
      simdgroup_store(a, out);
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>(64));
  ASSERT_EQ(run(state.get(), {out.get()}, {32, 1, 1}, {32, 1, 1}), "");
  const auto result = values<float>(out.get());
  // Lane 31 holds (7, 6) and (7, 7) of both operands.
  EXPECT_TRUE(std::isnan(result[7 * 8]));
  EXPECT_TRUE(std::isnan(result[6]));
  EXPECT_EQ(result[0], 1);
}

}  // namespace
}  // namespace softmetal::testing
