// Matrix products on the CPU against sums in double and 64-bit integers.
#include "backends/cpu/gemm.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <random>
#include <vector>

#include "gtest/gtest.h"

#include "backends/cpu/gemm_i8_simd.hpp"

namespace ingot::cpu {
namespace {

constexpr int64_t kExtents[] = {0, 1, 2, 17, 64, 129};

TEST(Gemm, MultipliesInAnyOrderAndWithinLargerMatrices) {
  std::mt19937 random(1);
  std::normal_distribution<float> normal;
  for (const int64_t m : kExtents) {
    for (const int64_t n : kExtents) {
      for (const int64_t k : kExtents) {
        for (const bool ta : {false, true}) {
          for (const bool tb : {false, true}) {
            const int64_t lda = (ta ? m : k) + 3;
            const int64_t ldb = (tb ? k : n) + 1;
            std::vector<float> a(static_cast<size_t>(lda * ((ta ? k : m) + 1)));
            std::vector<float> b(static_cast<size_t>(ldb * ((tb ? n : k) + 1)));
            std::generate(a.begin(), a.end(), [&] { return normal(random); });
            std::generate(b.begin(), b.end(), [&] { return normal(random); });
            std::vector<float> c(static_cast<size_t>((n + 2) * m + 1), -7.0f);
            gemm_f32(m, n, k, {a.data(), lda, ta}, {b.data(), ldb, tb}, {c.data(), n + 2});
            for (int64_t i = 0; i < m; i += 5) {
              for (int64_t j = 0; j < n + 2; ++j) {
                double sum = j < n ? 0 : -7;  // what is beside the result stays
                for (int64_t l = 0; j < n && l < k; ++l) {
                  sum += double{a[static_cast<size_t>(ta ? l * lda + i : i * lda + l)]} *
                         double{b[static_cast<size_t>(tb ? j * ldb + l : l * ldb + j)]};
                }
                ASSERT_NEAR(c[static_cast<size_t>(i * (n + 2) + j)], sum, 1e-4);
              }
            }
          }
        }
      }
    }
  }
}

using Int8Product = std::function<void(
    int64_t, int64_t, int64_t, Matrix<const int8_t>, Matrix<const int8_t>, Matrix<int32_t>)>;

void check_i8(const Int8Product& product) {
  std::mt19937 random(2);
  for (const int64_t m : kExtents) {
    for (const int64_t n : kExtents) {
      for (const int64_t k : {0, 1, 3, 4, 63, 64, 65, 300}) {
        std::vector<int8_t> a(static_cast<size_t>(m * k));
        std::vector<int8_t> b(static_cast<size_t>(n * k));
        // Mostly the extremes, where saturating arithmetic shows.
        const auto value = [&] {
          const auto r = random() % 4;
          return static_cast<int8_t>(r == 0 ? static_cast<int>(random() % 256) - 128
                                            : (r == 1 ? 127 : -128));
        };
        std::generate(a.begin(), a.end(), value);
        std::generate(b.begin(), b.end(), value);
        std::vector<int32_t> c(static_cast<size_t>(m * n), -7);
        product(m, n, k, {a.data(), k}, {b.data(), k}, {c.data(), n});
        for (int64_t i = 0; i < m; ++i) {
          for (int64_t j = 0; j < n; ++j) {
            int64_t sum = 0;
            for (int64_t l = 0; l < k; ++l) {
              sum += int64_t{a[static_cast<size_t>(i * k + l)]} *
                     int64_t{b[static_cast<size_t>(j * k + l)]};
            }
            ASSERT_EQ(c[static_cast<size_t>(i * n + j)], sum) << m << " " << n << " " << k;
          }
        }
      }
    }
  }
}

TEST(Gemm, MultipliesInt8Exactly) {
  check_i8(gemm_i8);
}

TEST(Gemm, MultipliesInt8ExactlyWithoutALibrary) {
  check_i8(gemm_i8_simd);
}

TEST(Gemm, TilesCoverTheResultOnce) {
  for (const auto& [m, n] :
       {std::pair<int64_t, int64_t>{0, 5}, {5, 0}, {1, 1}, {300, 5000}, {2000, 3}}) {
    std::vector<std::atomic<int>> seen(static_cast<size_t>(m * n));
    for_each_tile(m, n, kCachedTile, [&, columns = n](const Tile& tile) {
      for (int64_t i = tile.m0; i < tile.m1; ++i) {
        for (int64_t j = tile.n0; j < tile.n1; ++j) {
          ++seen[static_cast<size_t>(i * columns + j)];
        }
      }
    });
    EXPECT_TRUE(std::all_of(seen.begin(), seen.end(), [](const auto& s) { return s == 1; }));
  }
}

}  // namespace
}  // namespace ingot::cpu
