#include <cmath>
#include <string_view>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

double gelu_in_double(double x, bool exact) {
  if (std::isinf(x)) {
    return x > 0 ? x : -0.0;  // the formulas give inf * 0 here; the limit is meant
  }
  if (exact) {
    return 0.5 * x * std::erfc(-x / std::sqrt(2.0));
  }
  const double u = std::sqrt(2 / M_PI) * (x + 0.044715 * x * x * x);
  return 0.5 * x * (1 + std::tanh(u));
}

void check_case(Check& check, const HostArray& x) {
  for (const std::string_view approximate : {"tanh", "none"}) {
    std::vector<double> wanted;
    for (int64_t i = 0; i < x.elements(); ++i) {
      wanted.push_back(gelu_in_double(x.real(i), approximate == "none"));
    }
    check.run({{"x", x}}, {{"approximate", approximate}}, {elementwise("y", x.shape(), wanted)});
  }
}

void check_gelu(Check& check) {
  for (const DType dtype : check.input_dtypes("x")) {
    for (const int64_t n : check.sizes()) {
      check_case(check, check.normal(dtype, {n}, 0, 2));
    }
    check_case(check, check.uniform(dtype, {3, 5, 701}, -20, 20));
    check_case(check, check.uniform(dtype, {8191}, -0.01, 0.01));
    check_case(check, check.uniform(dtype, {1023}, -6e4, 6e4));
    check_case(check, Check::filled(dtype, {}, {0.5}));
    check_case(check, Check::filled(dtype, {101}, Check::special_values(dtype)));
  }
  check.rejects({{"x", check.normal(DType::kI32, {4})}}, {}, "x");
  check.rejects({{"x", check.normal(DType::kF32, {4})}}, {{"approximate", "erf"}}, "approximate");

  // Where the tolerance on elements is loose: the smooth left tail, as one vector, and the default
  // of the parameter.
  const HostArray tail = check.uniform(DType::kF32, {4096}, -9, 0);
  std::vector<double> wanted;
  for (int64_t i = 0; i < tail.elements(); ++i) {
    wanted.push_back(gelu_in_double(tail.real(i), true));
  }
  check.run({{"x", tail}}, {{"approximate", "none"}}, {l2("y", tail.shape(), wanted)});
  const HostArray one = Check::filled(DType::kF32, {1}, {1.0});
  check.run({{"x", one}}, {}, {elementwise("y", {1}, {gelu_in_double(1, false)})});
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(map_gelu, ingot::conformance::check_gelu);
