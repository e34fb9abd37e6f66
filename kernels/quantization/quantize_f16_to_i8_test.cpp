#include <cmath>
#include <limits>
#include <utility>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// The definition, straight. 127 x is exact in double; a tie is exact too, and no other quotient of
// two f16 is near enough to one for double rounding to matter.
void check_case(Check& check, const HostArray& x) {
  const int64_t rows = x.shape()[0];
  const int64_t cols = x.shape()[1];
  std::vector<int64_t> q;
  std::vector<double> scales;
  for (int64_t row = 0; row < rows; ++row) {
    double largest = 0;
    bool finite = true;
    for (int64_t i = row * cols; i < (row + 1) * cols; ++i) {
      finite = finite && std::isfinite(x.real(i));
      largest = std::max(largest, std::abs(x.real(i)));
    }
    scales.push_back(finite ? static_cast<float>(largest / 127)
                            : std::numeric_limits<double>::quiet_NaN());
    for (int64_t i = row * cols; i < (row + 1) * cols; ++i) {
      const bool zero = !finite || largest == 0;
      q.push_back(zero ? 0 : static_cast<int64_t>(std::nearbyint(127 * x.real(i) / largest)));
    }
  }
  check.run({{"x", x}}, {}, {exact_integers("q", x.shape(), q), exact("scale", {rows}, scales)});
}

void check_quantize(Check& check) {
  for (const int64_t n : check.sizes()) {
    check_case(check, check.normal(DType::kF16, {1, n}));
  }
  const std::pair<int64_t, int64_t> shapes[] = {{0, 0},
                                                {3, 0},
                                                {0, 5},
                                                {1797, 64},
                                                {1001, 128},
                                                {257, 1},
                                                {513, 2},
                                                {300, 7},
                                                {65, 31},
                                                {65, 33},
                                                {40, 1000},
                                                {9, 4095},
                                                {9, 4096},
                                                {9, 4097},
                                                {5, 12290},
                                                {3, 200'003}};
  for (const auto& [rows, cols] : shapes) {
    check_case(check, check.normal(DType::kF16, {rows, cols}));
  }
  check_case(check, check.uniform(DType::kF16, {33, 100}, -65504, 65504));
  check_case(check, check.uniform(DType::kF16, {33, 100}, -1e-6, 1e-6));  // subnormals
  check_case(check, check.uniform(DType::kF16, {1, 300'000}, -1, 1));

  // Ties, next to their neighbours: max 127 gives the elements themselves, max 254 their halves.
  std::vector<double> ties = {
      127, -127, 0.5, 1.5, 2.5, -0.5, -1.5, -2.5, 126.5, 126.4375, 0.0, -0.0};
  check_case(check, Check::filled(DType::kF16, {3, 12}, ties));
  for (double& tie : ties) {
    tie *= 3 * 0x1p-16;  // a maximum that is no power of two times 127
  }
  check_case(check, Check::filled(DType::kF16, {3, 12}, ties));
  // All multiples of 1/254 of several maxima, so that every other quotient is a tie.
  for (const double step : {1.0, 3.0, 5.0, 7.0, 0x1p-24, 3 * 0x1p-24}) {
    std::vector<double> values;
    for (int i = -254; i <= 254; ++i) {
      values.push_back(i * step);
    }
    check_case(check, Check::filled(DType::kF16, {1, 509}, values));
  }

  check_case(check, HostArray(DType::kF16, {5, 70}));  // zeros
  // Rows that cannot be quantised, between rows that can; short and long.
  for (const int64_t cols : {9, 5000}) {
    HostArray damaged = check.normal(DType::kF16, {5, cols});
    damaged.set_real(cols + 3, NAN);
    damaged.set_real(2 * cols - 1, INFINITY);
    damaged.set_real(3 * cols, -INFINITY);
    damaged.set_real(5 * cols - 1, -NAN);
    check_case(check, damaged);
  }
  check.rejects({{"x", check.normal(DType::kF32, {4, 4})}}, {}, "x");
  check.rejects({{"x", check.normal(DType::kF16, {4})}}, {}, "x");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(quantize_f16_to_i8, ingot::conformance::check_quantize);
