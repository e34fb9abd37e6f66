// Cases of both scans; the oracle adds from the left, floats in double.
#pragma once

#include <cmath>
#include <limits>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {

/// Calls add(index, fresh) for all elements in an order that follows each line from its start;
/// `fresh` marks a start.
template <class F>
void walk_lines(const Shape& shape, int axis, F&& add) {
  const int64_t n = shape[axis];
  int64_t inner = 1;
  for (int i = shape.normalize_axis(axis) + 1; i < shape.rank(); ++i) {
    inner *= shape[i];
  }
  for (int64_t line = 0; line < (n == 0 ? 0 : shape.elements() / n); ++line) {
    for (int64_t k = 0; k < n; ++k) {
      add(((line / inner) * n + k) * inner + line % inner, k == 0);
    }
  }
}

template <class T, class Sum>
std::vector<Sum> scan_of(const HostArray& x, int axis, bool exclusive) {
  std::vector<Sum> y(static_cast<size_t>(x.elements()));
  Sum sum = 0;
  walk_lines(x.shape(), axis, [&](int64_t i, bool fresh) {
    const Sum before = fresh ? 0 : sum;
    sum = before + static_cast<Sum>(x.as<T>()[static_cast<size_t>(i)]);
    y[static_cast<size_t>(i)] = exclusive ? before : sum;
  });
  return y;
}

inline void check_scan_case(Check& check, const HostArray& x, int axis, bool exclusive) {
  Reference wanted = exact("y", x.shape(), {});
  if (x.dtype() == DType::kF32) {
    const double terms = static_cast<double>(x.shape()[axis]);
    // The tolerance of a sum of n terms grows as sqrt(log2 n).
    wanted = l2("y",
                x.shape(),
                scan_of<float, double>(x, axis, exclusive),
                std::sqrt(std::log2(std::max(2.0, terms))));
  } else {
    visit(x.dtype(), [&]<class T>() {
      for (const uint64_t sum : scan_of<T, uint64_t>(x, axis, exclusive)) {
        wanted.whole.push_back(static_cast<int64_t>(sum));
      }
    });
  }
  check.run({{"x", x}}, {{"axis", axis}}, {wanted});
}

/// Random bits: sums wrap.
inline HostArray random_integers(Check& check, DType dtype, const Shape& shape) {
  HostArray x(dtype, shape);
  for (size_t i = 0; i < x.bytes(); ++i) {
    x.data()[i] = static_cast<std::byte>(check.random()());
  }
  return x;
}

inline void check_scan(Check& check, bool exclusive) {
  const auto random = [&](DType dtype, const Shape& shape) {
    return dtype == DType::kF32 ? check.uniform(dtype, shape, -1, 3)
                                : random_integers(check, dtype, shape);
  };
  for (const DType dtype : check.input_dtypes("x")) {
    for (const int64_t n : check.sizes()) {
      check_scan_case(check, random(dtype, {n}), -1, exclusive);
    }
    // Short lines, lines around a tile and a segment of the GPU, few long lines, no lines.
    for (const Shape& shape : {Shape{1000, 1},
                               Shape{333, 3},
                               Shape{40, 33},
                               Shape{7, 4095},
                               Shape{3, 4097},
                               Shape{2, 3, 20011},
                               Shape{3, 0},
                               Shape{0, 3}}) {
      check_scan_case(check, random(dtype, shape), -1, exclusive);
    }
    check_scan_case(check, random(dtype, {7, 5, 3}), 1, exclusive);
    check_scan_case(check, random(dtype, {4100, 33}), 0, exclusive);
    check_scan_case(check, random(dtype, {3, 17, 700}), -2, exclusive);
    check_scan_case(check, random(dtype, {2, 129, 1, 2}), -3, exclusive);
  }
  // So many lines that a GPU cuts none of them, and each takes two steps of a threadgroup.
  check_scan_case(check, random(DType::kU32, {1100, 4100}), -1, exclusive);

  const double inf = std::numeric_limits<double>::infinity();
  for (const double special : {inf, -inf, std::numeric_limits<double>::quiet_NaN()}) {
    HostArray x = check.uniform(DType::kF32, {5000}, 0, 1);
    x.set_real(4242, special);
    check_scan_case(check, x, 0, exclusive);
  }
  check_scan_case(check, check.filled(DType::kF32, {2000}, {1, inf, 2, -inf, 3}), 0, exclusive);
  check_scan_case(check, check.filled(DType::kF32, {3000}, {-0.0, 0x1p-149, 1e-38}), 0, exclusive);
  check_scan_case(check, check.filled(DType::kF32, {9000}, {1e30, -1e30, 1}), 0, exclusive);
  check_scan_case(check, check.normal(DType::kF32, {100'000}, 1e6, 1), 0, exclusive);

  check.rejects({{"x", check.normal(DType::kF32, {2, 3})}}, {{"axis", 2}}, "axis");
  check.rejects({{"x", check.normal(DType::kF32, {2, 3})}}, {{"axis", -3}}, "axis");
  check.rejects({{"x", check.normal(DType::kF32, {})}}, {}, "axis");
  check.rejects({{"x", check.normal(DType::kF16, {4})}}, {}, "x");
}

}  // namespace ingot::conformance
