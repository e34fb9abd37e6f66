#include <cmath>
#include <limits>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// Rounds in double by the definition: the spacing of f16 at |x| is 2^(exponent - 10), at least
// 2^-24; nearbyint rounds ties to even.
double round_to_half(double x) {
  if (std::isnan(x) || std::isinf(x) || x == 0) {
    return x;
  }
  const double spacing = std::ldexp(1.0, std::max(std::ilogb(x), -14) - 10);
  const double rounded = std::nearbyint(x / spacing) * spacing;
  return std::abs(rounded) > 65504 ? std::copysign(std::numeric_limits<double>::infinity(), x)
                                   : std::copysign(rounded, x);
}

void check_case(Check& check, const HostArray& x) {
  std::vector<double> wanted;
  for (int64_t i = 0; i < x.elements(); ++i) {
    wanted.push_back(round_to_half(x.real(i)));
  }
  check.run({{"x", x}}, {}, {exact("y", x.shape(), wanted)});
}

void check_quantize(Check& check) {
  for (const int64_t n : check.sizes()) {
    check_case(check, check.normal(DType::kF32, {n}, 0, 100));
  }
  check_case(check, check.uniform(DType::kF32, {3, 5, 7}, -70000, 70000));
  check_case(check, check.uniform(DType::kF32, {4099}, -1e-6, 1e-6));  // subnormals of f16
  check_case(check, Check::filled(DType::kF32, {101}, Check::special_values(DType::kF32)));
  // Halfway cases, and their neighbours, around 1, the largest f16 and the smallest subnormal.
  const double u = 0x1p-11;
  check_case(check,
             Check::filled(DType::kF32,
                           {33},
                           {1 + u,
                            1 + 3 * u,
                            1 + u + 0x1p-23,
                            65504,
                            65519.99,
                            65520,
                            65535,
                            -65520,
                            0x1p-25,
                            0x1.000002p-25,
                            0x1.8p-24,
                            -0x1p-25,
                            -0.0}));
  check.rejects({{"x", check.normal(DType::kF16, {4})}}, {}, "x");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(quantize_f32_to_f16, ingot::conformance::check_quantize);
