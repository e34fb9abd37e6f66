#pragma once

#include <metal_stdlib>

// lt, le, gt, ge, eq, ne: 0 to 5, fixed when the pipeline is made, so no element branches on it.
constant uint kComparison [[function_constant(1)]];

// IEEE 754 comparison: NaN is unequal to everything, -0.0 equals 0.0.
struct Compare {
  template <class T>
  uchar operator()(T a, T b) const {
    switch (kComparison) {
      case 0:
        return uchar(a < b);
      case 1:
        return uchar(a <= b);
      case 2:
        return uchar(a > b);
      case 3:
        return uchar(a >= b);
      case 4:
        return uchar(a == b);
      default:
        return uchar(a != b);
    }
  }
};
