#include <cmath>
#include <limits>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

struct Extents {
  int64_t outer, length, inner;
};

// A double adds exactly enough of what f32 inputs hold; integers wrap to the bits of the dtype.
std::vector<double> sums(const HostArray& x, Extents e) {
  std::vector<double> y(static_cast<size_t>(e.outer * e.inner));
  for (int64_t o = 0; o < e.outer; ++o) {
    for (int64_t i = 0; i < e.length; ++i) {
      for (int64_t j = 0; j < e.inner; ++j) {
        y[static_cast<size_t>(o * e.inner + j)] += x.real((o * e.length + i) * e.inner + j);
      }
    }
  }
  return y;
}

template <class T>
std::vector<int64_t> wrapped_sums(const HostArray& x, Extents e) {
  std::vector<uint64_t> y(static_cast<size_t>(e.outer * e.inner));
  for (int64_t at = 0; at < x.elements(); ++at) {
    y[static_cast<size_t>(at / (e.length * e.inner) * e.inner + at % e.inner)] +=
        static_cast<uint64_t>(x.as<T>()[static_cast<size_t>(at)]);
  }
  std::vector<int64_t> wrapped;
  for (const uint64_t sum : y) {
    wrapped.push_back(static_cast<int64_t>(static_cast<T>(sum)));
  }
  return wrapped;
}

Reference reference(const HostArray& x, const Shape& shape, Extents e) {
  switch (x.dtype()) {
    case DType::kI32:
      return exact_integers("y", shape, wrapped_sums<int32_t>(x, e));
    case DType::kU32:
      return exact_integers("y", shape, wrapped_sums<uint32_t>(x, e));
    case DType::kI64:
      return exact_integers("y", shape, wrapped_sums<int64_t>(x, e));
    default:
      return l2("y", shape, sums(x, e));
  }
}

void check_all(Check& check, const HostArray& x) {
  check.run({{"x", x}}, {}, {reference(x, {}, {1, x.elements(), 1})});
}

void check_axis(Check& check, const HostArray& x, int axis) {
  const int positive = x.shape().normalize_axis(axis);
  Extents e{1, x.shape()[positive], 1};
  for (int i = 0; i < x.shape().rank(); ++i) {
    (i < positive ? e.outer : e.inner) *= i == positive ? 1 : x.shape()[i];
  }
  check.run({{"x", x}}, {{"axis", axis}}, {reference(x, x.shape().without(positive), e)});
}

HostArray values(Check& check, DType dtype, const Shape& shape) {
  // Integers overflow their dtype; floating-point sums stay away from 0, where no bound holds.
  if (is_floating_point(dtype)) {
    return check.normal(dtype, shape, 1, 1);
  }
  HostArray x(dtype, shape);
  visit(dtype, [&]<class T>() {
    for (T& value : x.as<T>()) {
      value = static_cast<T>(check.random()());
    }
  });
  return x;
}

void check_sum(Check& check) {
  for (const DType dtype : check.input_dtypes("x")) {
    for (const int64_t n : check.sizes()) {
      if (n < 2000 || dtype == DType::kF32 || dtype == DType::kI64) {
        check_all(check, values(check, dtype, {n}));
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
        check_axis(check, values(check, dtype, shape), axis);
      }
    }
  }
  check_axis(check, values(check, DType::kF32, {3, 200'003}), 1);
  check_axis(check, values(check, DType::kF32, {200'003, 3}), 0);
  check_axis(check, values(check, DType::kF32, {2, 3001, 70}), 1);
  // Sums of nothing, and of no rows.
  check_axis(check, HostArray(DType::kF32, {3, 0}), 1);
  check_axis(check, HostArray(DType::kF32, {0, 3}), 0);
  check_axis(check, HostArray(DType::kF32, {0, 3}), 1);
  check_axis(check, HostArray(DType::kF32, {2, 0, 5}), 1);
  check_all(check, HostArray(DType::kI64, {0, 4}));
  check_all(check, check.normal(DType::kF32, {}));
  // 0.1 a million times: a serial f32 sum is off by 1e-3.
  check_all(check, Check::filled(DType::kF32, {1'000'003}, {0.1}));
  check_all(check, check.normal(DType::kF32, {100'000}, 1e30, 1e20));
  check_all(check, check.uniform(DType::kF32, {5000}, 0, 1e-38));  // subnormals
  // 60000 + 60000 - 60000: f32 holds what f16 could not.
  check_all(check, Check::filled(DType::kF16, {3}, {60000, 60000, -60000}));
  const double inf = std::numeric_limits<double>::infinity();
  check.run({{"x", Check::filled(DType::kF16, {40}, {60000})}}, {}, {l2("y", {}, {inf})});
  for (const double special : {inf, -inf, std::nan("")}) {
    for (const int64_t at : {int64_t{0}, int64_t{4097}, int64_t{8190}}) {
      HostArray x = check.normal(DType::kF32, {8191});
      x.set_real(at, special);
      check_all(check, x);
    }
  }
  check_all(check, Check::filled(DType::kF32, {64}, {inf, -inf, 1}));
  check.rejects({{"x", check.normal(DType::kF32, {4, 4})}}, {{"axis", 2}}, "axis");
  check.rejects({{"x", check.normal(DType::kF32, {4, 4})}}, {{"axis", -3}}, "axis");
  check.rejects({{"x", check.normal(DType::kF32, {})}}, {{"axis", 0}}, "axis");
  check.rejects({{"x", check.normal(DType::kF32, {4})}}, {{"axis", 0.5}}, "axis");
  check.rejects({{"x", HostArray(DType::kU8, {4})}}, {}, "x");
  check.rejects({}, {}, "input");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(reduce_sum, ingot::conformance::check_sum);
