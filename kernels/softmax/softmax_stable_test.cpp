#include <algorithm>
#include <cmath>
#include <limits>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// The definition in double, row by row; differences of infinities make NaN by themselves.
std::vector<double> softmax_in_double(const HostArray& x) {
  const int64_t n = x.shape()[-1];
  std::vector<double> y(static_cast<size_t>(x.elements()));
  for (int64_t row = 0; row < (n == 0 ? 0 : x.elements() / n); ++row) {
    double greatest = -kInf;
    for (int64_t i = 0; i < n; ++i) {
      greatest = std::max(greatest, x.real(row * n + i));
    }
    double sum = 0;
    for (int64_t i = 0; i < n; ++i) {
      sum += std::exp(x.real(row * n + i) - greatest);
    }
    for (int64_t i = 0; i < n; ++i) {
      y[static_cast<size_t>(row * n + i)] = std::exp(x.real(row * n + i) - greatest) / sum;
    }
  }
  return y;
}

void check_case(Check& check, const HostArray& x) {
  check.run({{"x", x}}, {}, {l2("y", x.shape(), softmax_in_double(x))});
}

void check_softmax(Check& check) {
  for (const DType dtype : check.input_dtypes("x")) {
    for (const int64_t n : check.sizes()) {
      if (n <= 2000 || dtype == DType::kF32) {
        check_case(check, check.normal(dtype, {n <= 300 ? 37 : 3, n}, 0, 3));
      }
    }
    // Around what a SIMD-group and a threadgroup hold, with rows that start at any element.
    for (const int64_t n : {4, 5, 127, 128, 129, 511, 512, 513, 4000, 16383, 16384, 16385}) {
      check_case(check, check.normal(dtype, {2, n}, -5, 4));
    }
    check_case(check, check.normal(dtype, {2, 70'003}));
    check_case(check, check.normal(dtype, {70'000}));
    check_case(check, Check::filled(dtype, {3, 1000}, {7}));
    check_case(check, check.uniform(dtype, {5, 300}, -1e4, 1e4));
  }
  check_case(check, HostArray(DType::kF32, {0, 5}));
  check_case(check, HostArray(DType::kF32, {5, 0}));
  check_case(check, check.normal(DType::kF32, {2, 3, 4, 5}));
  check_case(check, check.normal(DType::kF32, {40, 33}, 1e4, 1));  // exp overflows without max
  check_case(check, check.normal(DType::kF32, {40, 33}, -1e30, 1e29));
  check_case(check, Check::filled(DType::kF32, {3, 64}, {3e38, -3e38}));
  for (const int64_t n : {3, 40, 700, 5000, 70'000}) {
    HostArray x = check.normal(DType::kF32, {5, n});
    for (int64_t i = 0; i < n; ++i) {
      x.set_real(i, -kInf);  // nothing but -inf: NaN
      if (i % 3 != 1) {
        x.set_real(n + i, -kInf);  // zeros among ordinary values
      }
    }
    x.set_real(2 * n + n / 2, kInf);
    x.set_real(3 * n + n - 1, std::nan(""));
    check_case(check, x);
  }
  // The values of equal elements, exactly.
  check.run({{"x", Check::filled(DType::kF32, {1, 4}, {-2})}},
            {},
            {exact("y", {1, 4}, {0.25, 0.25, 0.25, 0.25})});
  check.rejects({{"x", check.normal(DType::kF32, {})}}, {}, "x");
  check.rejects({{"x", HostArray(DType::kI32, {4})}}, {}, "x");
  check.rejects({{"x", check.normal(DType::kF32, {4})}}, {{"axis", 0}}, "axis");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(softmax_stable, ingot::conformance::check_softmax);
