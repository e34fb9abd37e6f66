#include <cmath>
#include <utility>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// The product of an i8 and an f32 is exact in double; set_real rounds it to f32, then to f16.
void check_case(Check& check, const HostArray& q, const HostArray& scale) {
  HostArray single(DType::kF32, {1});
  HostArray half(DType::kF16, {1});
  const int64_t cols = q.shape()[1];
  std::vector<double> wanted;
  for (int64_t i = 0; i < q.elements(); ++i) {
    single.set_real(0, q.real(i) * scale.real(i / cols));
    half.set_real(0, single.real(0));
    wanted.push_back(half.real(0));
  }
  check.run({{"q", q}, {"scale", scale}}, {}, {exact("x", q.shape(), wanted)});
}

void check_dequantize(Check& check) {
  for (const int64_t n : check.sizes()) {
    check_case(check, check.uniform(DType::kI8, {1, n}, -128, 128), check.normal(DType::kF32, {1}));
  }
  const std::pair<int64_t, int64_t> shapes[] = {
      {0, 0}, {3, 0}, {0, 5}, {1797, 64}, {1001, 128}, {257, 1}, {300, 7}, {65, 33}, {9, 4097}};
  for (const auto& [rows, cols] : shapes) {
    check_case(check,
               check.uniform(DType::kI8, {rows, cols}, -128, 128),
               check.normal(DType::kF32, {rows}));
  }
  // Products that are subnormal, tie, overflow or are not numbers.
  const std::vector<double> hard = {0.0,
                                    -0.0,
                                    INFINITY,
                                    NAN,
                                    0x1p-24,
                                    0x1p-25,
                                    3 * 0x1p-25,
                                    515.9,
                                    65504,
                                    1e30,
                                    0x1.002p0,
                                    1e-12};
  check_case(check,
             check.uniform(DType::kI8, {24, 100}, -128, 128),
             Check::filled(DType::kF32, {24}, hard));

  const HostArray q = check.uniform(DType::kI8, {4, 4}, -128, 128);
  check.rejects({{"q", q}, {"scale", check.normal(DType::kF32, {3})}}, {}, "scale");
  check.rejects({{"q", q}, {"scale", check.normal(DType::kF16, {4})}}, {}, "scale");
  check.rejects(
      {{"q", check.normal(DType::kF16, {4, 4})}, {"scale", check.normal(DType::kF32, {4})}},
      {},
      "q");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(dequantize_i8_to_f16, ingot::conformance::check_dequantize);
