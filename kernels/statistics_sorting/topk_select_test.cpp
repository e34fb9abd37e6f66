#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kInf = std::numeric_limits<double>::infinity();

bool greater(double a, double b) {
  return std::isnan(a) ? !std::isnan(b) : a > b;
}

void check_case(Check& check, const HostArray& x, int64_t k, bool largest = true) {
  const int64_t n = x.shape()[-1];
  Reference values = exact("values", x.shape().with(-1, k), {});
  Reference indices = exact_integers("indices", x.shape().with(-1, k), {});
  std::vector<int64_t> order(static_cast<size_t>(n));
  for (int64_t row = 0; row < (n == 0 ? 0 : x.elements() / n); ++row) {
    const int64_t start = row * n;
    std::vector<double> value;
    for (int64_t i = 0; i < n; ++i) {
      value.push_back(x.real(start + i));
    }
    std::iota(order.begin(), order.end(), 0);
    std::sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      const double va = value[static_cast<size_t>(largest ? a : b)];
      const double vb = value[static_cast<size_t>(largest ? b : a)];
      return greater(va, vb) || (!greater(vb, va) && a < b);
    });
    for (int64_t j = 0; j < k; ++j) {
      indices.whole.push_back(order[static_cast<size_t>(j)]);
      values.real.push_back(value[static_cast<size_t>(indices.whole.back())]);
    }
  }
  check.run({{"x", x}}, {{"k", k}, {"largest", largest}}, {values, indices});
}

void check_both(Check& check, const HostArray& x, int64_t k) {
  check_case(check, x, k, true);
  check_case(check, x, k, false);
}

void check_labels(Check& check, int64_t k) {
  const HostArray x = Check::filled(DType::kF32, {3, 5}, {1, 9, 9, 3, 7, 2, -1, 0});
  std::vector<uint32_t> labels;
  for (uint32_t i = 0; i < 15; ++i) {
    labels.push_back(0xffffffffu - 7 * i);
  }
  // Rows: 1 9 9 3 7, 2 -1 0 1 9, 9 3 7 2 -1.
  const std::vector<std::vector<int64_t>> order = {
      {1, 2, 4, 3, 0}, {4, 0, 3, 2, 1}, {0, 2, 1, 3, 4}};
  Reference values = exact("values", {3, k}, {});
  Reference indices = exact_integers("indices", {3, k}, {});
  for (int64_t i = 0; i < 3 * k; ++i) {
    const int64_t from = i / k * 5 + order[static_cast<size_t>(i / k)][static_cast<size_t>(i % k)];
    values.real.push_back(x.real(from));
    indices.whole.push_back(labels[static_cast<size_t>(from)]);
  }
  check.run({{"x", x}, {"labels", HostArray::of(labels, {3, 5})}}, {{"k", k}}, {values, indices});
}

void check_topk(Check& check) {
  check_labels(check, 1);
  check_labels(check, 5);
  check.rejects({{"x", check.normal(DType::kF32, {4})}, {"labels", HostArray(DType::kU32, {5})}},
                {{"k", 1}},
                "labels");
  for (const DType dtype : check.input_dtypes("x")) {
    for (const int64_t n : {1, 2, 31, 32, 33, 255, 256, 257, 1023, 1024, 1025, 4095, 4097}) {
      const HostArray x = check.normal(dtype, {n});
      for (const int64_t k : {int64_t{1}, (n + 1) / 2, n}) {
        check_both(check, x, k);
      }
    }
    check_both(check, check.normal(dtype, {17, 1000}), 10);
    check_both(check, check.normal(dtype, {2, 3, 5000}), 64);
    check_both(check, check.normal(dtype, {1300, 20}), 3);
    check_both(check, check.normal(dtype, {3, 9001}), 1024);
    check_both(check, check.normal(dtype, {3, 9001}), 1025);
    check_both(check, check.uniform(dtype, {2, 70'001}, 0, 1), 100);
    // Few different values: the order is made by ties.
    check_both(check, Check::filled(dtype, {5, 3001}, {0.0, -0.0, 1, 1, -1, -0.0, 0.0}), 2000);
    check_both(check, Check::filled(dtype, {9999}, {7}), 500);
    check_both(check, Check::filled(dtype, {6001}, Check::special_values(dtype)), 1000);
    check_both(check, Check::filled(dtype, {6001}, Check::special_values(dtype)), 4000);
    check_both(check, Check::filled(dtype, {2, 3000}, {kNan}), 40);
    check_both(check, Check::filled(dtype, {3000}, {kNan, kNan, kInf, -kInf, kNan}), 1300);

    HostArray ramp(dtype, {2, 6000});
    for (int64_t i = 0; i < 6000; ++i) {
      ramp.set_real(i, static_cast<double>(i));
      ramp.set_real(6000 + i, static_cast<double>(-i));
    }
    check_both(check, ramp, 33);
    check_both(check, ramp, 900);
    HostArray rare = Check::filled(dtype, {5000}, {kNan});
    rare.set_real(4321, -1);
    rare.set_real(17, 2);
    check_both(check, rare, 5);

    check_case(check, check.normal(dtype, {4, 10}), 0);
    check_case(check, check.normal(dtype, {4, 0}), 0);
    check_case(check, check.normal(dtype, {0, 10}), 3);
  }
  HostArray negative_nan = check.normal(DType::kF32, {1000});
  for (const size_t i : {3, 500, 998}) {
    negative_nan.as<uint32_t>()[i] = 0xffc00001u;
  }
  check_both(check, negative_nan, 5);
  check_both(check, check.normal(DType::kF32, {1'000'003}), 100);
  check_case(check, check.normal(DType::kF32, {100'003}), 20'000);

  const HostArray x = check.normal(DType::kF32, {2, 3});
  check.rejects({{"x", x}}, {{"k", 4}}, "k = 4");
  check.rejects({{"x", x}}, {{"k", 4}}, "n = 3");
  check.rejects({{"x", x}}, {{"k", -1}}, "k");
  check.rejects({{"x", x}}, {}, "k");
  check.rejects({{"x", check.normal(DType::kF32, {})}}, {{"k", 0}}, "x");
  check.rejects({{"x", HostArray(DType::kI32, {4})}}, {{"k", 1}}, "x");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(topk_select, ingot::conformance::check_topk);
