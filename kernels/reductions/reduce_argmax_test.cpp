#include <cmath>
#include <limits>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// The index by NumPy's rule: a later element wins only if it is greater, or the first NaN.
std::vector<int64_t> first_maxima(const HostArray& x,
                                  int64_t outer,
                                  int64_t length,
                                  int64_t inner) {
  std::vector<int64_t> indices;
  for (int64_t o = 0; o < outer; ++o) {
    for (int64_t j = 0; j < inner; ++j) {
      int64_t best = 0;
      const auto at = [&](int64_t i) { return x.real((o * length + i) * inner + j); };
      for (int64_t i = 1; i < length; ++i) {
        if (at(i) > at(best) || (std::isnan(at(i)) && !std::isnan(at(best)))) {
          best = i;
        }
      }
      indices.push_back(best);
    }
  }
  return indices;
}

void check_all(Check& check, const HostArray& x) {
  check.run({{"x", x}}, {}, {exact_integers("index", {}, first_maxima(x, 1, x.elements(), 1))});
}

void check_axis(Check& check, const HostArray& x, int axis) {
  const int positive = x.shape().normalize_axis(axis);
  int64_t outer = 1;
  int64_t inner = 1;
  for (int i = 0; i < x.shape().rank(); ++i) {
    (i < positive ? outer : inner) *= i == positive ? 1 : x.shape()[i];
  }
  check.run({{"x", x}},
            {{"axis", axis}},
            {exact_integers("index",
                            x.shape().without(positive),
                            first_maxima(x, outer, x.shape()[positive], inner))});
}

HostArray small_integers(Check& check, DType dtype, const Shape& shape) {
  HostArray x = check.uniform(DType::kF32, shape, 0, 9);  // many ties
  HostArray rounded(dtype, shape);
  for (int64_t i = 0; i < x.elements(); ++i) {
    rounded.set_real(i, std::floor(x.real(i)) - (dtype == DType::kU32 ? 0 : 4));
  }
  return rounded;
}

void check_argmax(Check& check) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const DType dtype : check.input_dtypes("x")) {
    for (const int64_t n : check.sizes()) {
      if (n > 0 && (n < 2000 || dtype == DType::kF32)) {
        check_all(
            check,
            dtype == DType::kF32 ? check.normal(dtype, {n}) : small_integers(check, dtype, {n}));
        check_all(check, Check::filled(dtype, {n}, {3}));
      }
    }
    for (const Shape& shape : {Shape{7, 5},
                               Shape{300, 33},
                               Shape{3, 4097},
                               Shape{2, 20000},
                               Shape{2, 3, 4, 5},
                               Shape{5000, 3},
                               Shape{70, 1000},
                               Shape{1, 9, 1}}) {
      for (int axis = -shape.rank(); axis < shape.rank(); ++axis) {
        check_axis(check, small_integers(check, dtype, shape), axis);
      }
    }
    if (!is_floating_point(dtype)) {
      continue;
    }
    check_all(check, Check::filled(dtype, {1000}, {-inf}));
    check_all(check, Check::filled(dtype, {10'000}, Check::special_values(dtype)));
    check_all(check, Check::filled(dtype, {5}, {-0.0, 0.0, -1, 0.0, -0.0}));
    check_all(check, Check::filled(dtype, {4}, {-1, -0.0, 0.0, -2}));
    check_all(check, Check::filled(dtype, {3}, {-0x1p-20, -0x1p-24, -0x1p-23}));  // f16 subnormals
    for (const int64_t at : {0, 1, 4095, 4096, 9000}) {
      HostArray x = check.normal(dtype, {9001});
      x.set_real(at, nan);
      x.set_real(9000, nan);
      x.set_real(20, inf);
      check_all(check, x);
      check_axis(check, x, 0);
    }
  }
  // Extremes of the integers, which no f32 tells apart.
  HostArray i32(DType::kI32, {6});
  const int32_t low = std::numeric_limits<int32_t>::min();
  const int32_t high = std::numeric_limits<int32_t>::max();
  for (int i = 0; const int32_t v : {low, high - 2, low + 1, high - 1, high, high}) {
    i32.as<int32_t>()[static_cast<size_t>(i++)] = v;
  }
  check_all(check, i32);
  check_all(check, Check::filled(DType::kI32, {33}, {static_cast<double>(low)}));
  check_all(check, Check::filled(DType::kU32, {33}, {0}));
  HostArray u32(DType::kU32, {3});
  for (int i = 0; const uint32_t v : {0x80000000u, 0xfffffffeu, 0xffffffffu}) {
    u32.as<uint32_t>()[static_cast<size_t>(i++)] = v;
  }
  check_all(check, u32);
  // NaN in columns; a long row whose maximum is last.
  check_axis(check, Check::filled(DType::kF32, {1001, 37}, Check::special_values(DType::kF32)), 0);
  check_axis(check, Check::filled(DType::kF32, {3001, 4}, Check::special_values(DType::kF32)), 0);
  HostArray sorted(DType::kF32, {300'007});
  for (int64_t i = 0; i < sorted.elements(); ++i) {
    sorted.set_real(i, static_cast<double>(i));
  }
  check_all(check, sorted);
  check_all(check, check.normal(DType::kF32, {}));
  // No rows are fine; no elements to choose from are not.
  check_axis(check, HostArray(DType::kF32, {0, 3}), 1);
  check.rejects({{"x", HostArray(DType::kF32, {3, 0})}}, {{"axis", 1}}, "x");
  check.rejects({{"x", HostArray(DType::kF32, {0})}}, {}, "no elements");
  check.rejects({{"x", check.normal(DType::kF32, {4, 4})}}, {{"axis", 2}}, "axis");
  check.rejects({{"x", HostArray(DType::kU8, {4})}}, {}, "x");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(reduce_argmax, ingot::conformance::check_argmax);
