#include <cstdint>
#include <string_view>

#include "tests/conformance/broadcast.hpp"
#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

constexpr std::string_view kOps[] = {"lt", "le", "gt", "ge", "eq", "ne"};

// All accepted dtypes are exact in double, whose comparisons follow IEEE 754.
bool holds(double a, std::string_view op, double b) {
  return op == "lt"   ? a < b
         : op == "le" ? a <= b
         : op == "gt" ? a > b
         : op == "ge" ? a >= b
         : op == "eq" ? a == b
                      : a != b;
}

void check_tensors(Check& check, const HostArray& a, std::string_view op, const HostArray& b) {
  const auto [shape, sources] = broadcast_indices(a.shape(), b.shape());
  std::vector<int64_t> mask;
  for (const auto& [from_a, from_b] : sources) {
    mask.push_back(holds(a.real(from_a), op, b.real(from_b)));
  }
  check.run({{"a", a}, {"b", b}}, {{"op", op}}, {exact_integers("mask", shape, mask)});
}

// `rounded`: the value as the dtype holds it.
void check_scalar(
    Check& check, const HostArray& a, std::string_view op, double value, double rounded) {
  std::vector<int64_t> mask;
  for (int64_t i = 0; i < a.elements(); ++i) {
    mask.push_back(holds(a.real(i), op, rounded));
  }
  check.run({{"a", a}}, {{"op", op}, {"value", value}}, {exact_integers("mask", a.shape(), mask)});
}

// Few distinct values, so that many elements are equal.
HostArray coarse(Check& check, DType dtype, const Shape& shape) {
  const bool has_sign = is_floating_point(dtype) || dtype == DType::kI32;
  const HostArray whole = check.uniform(DType::kI32, shape, has_sign ? -3 : 0, 4);
  HostArray array(dtype, shape);
  for (int64_t i = 0; i < array.elements(); ++i) {
    array.set_real(i, whole.real(i));
  }
  return array;
}

void check_compare(Check& check) {
  for (const DType dtype : check.input_dtypes("a")) {
    for (const int64_t n : check.sizes()) {
      const HostArray a = coarse(check, dtype, {n});
      check_tensors(check, a, kOps[n % 6], coarse(check, dtype, {n}));
      check_scalar(check, a, kOps[(n + 3) % 6], 1, 1);
    }
    for (const std::string_view op : kOps) {
      check_tensors(check, coarse(check, dtype, {3, 41}), op, coarse(check, dtype, {3, 41}));
      check_scalar(check, coarse(check, dtype, {3, 41}), op, 2, 2);
    }
    for (const auto& [a, b] : broadcast_cases()) {
      check_tensors(check, coarse(check, dtype, a), "le", coarse(check, dtype, b));
      check_tensors(check, coarse(check, dtype, b), "gt", coarse(check, dtype, a));
    }
  }
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16}) {
    const std::vector<double> hard = Check::special_values(dtype);
    const auto n = static_cast<int64_t>(hard.size());
    const HostArray row = Check::filled(dtype, {n}, hard);
    for (const std::string_view op : kOps) {
      check_tensors(check, Check::filled(dtype, {n, 1}, hard), op, row);
      check_scalar(check, row, op, -0.0, -0.0);
      for (const double value : {INFINITY, -INFINITY, NAN}) {
        check_scalar(check, row, op, value, value);
      }
    }
  }
  // A value between two of the dtype's numbers is rounded to the nearer one.
  const HostArray tenths = Check::filled(DType::kF16, {5}, {0.1, 0x1.994p-4, 0x1.99cp-4, 0.2, 0.0});
  check_scalar(check, tenths, "eq", 0.1, 0x1.998p-4);
  check_scalar(check, tenths, "lt", 0.1, 0x1.998p-4);
  // The whole range of the integers.
  const HostArray ints = Check::filled(DType::kI32, {4}, {-2147483648.0, 2147483647, -1, 0});
  const HostArray uints = Check::filled(DType::kU32, {4}, {4294967295.0, 2147483648.0, 1, 0});
  const HostArray bytes = Check::filled(DType::kU8, {4}, {255, 128, 127, 0});
  for (const std::string_view op : kOps) {
    check_tensors(check, ints, op, HostArray::of<int32_t>({-1}));
    check_scalar(check, ints, op, -2147483648.0, -2147483648.0);
    check_tensors(check, uints, op, HostArray::of<uint32_t>({2147483648u}));
    check_scalar(check, uints, op, 4294967295.0, 4294967295.0);
    check_tensors(check, bytes, op, HostArray::of<uint8_t>({127}));
    check_scalar(check, bytes, op, 255, 255);
  }

  check.rejects({{"a", bytes}}, {{"op", "almost"}}, "op");
  check.rejects({{"a", bytes}}, {}, "op");
  check.rejects({{"a", bytes}}, {{"op", "lt"}, {"value", 256}}, "value");
  check.rejects({{"a", bytes}}, {{"op", "lt"}, {"value", -1}}, "value");
  check.rejects({{"a", ints}}, {{"op", "lt"}, {"value", 0.5}}, "value");
  check.rejects({{"a", ints}}, {{"op", "lt"}, {"value", 2147483648.0}}, "value");
  check.rejects({{"a", ints}}, {{"op", "lt"}, {"value", NAN}}, "value");
  check.rejects({{"a", tenths}}, {{"op", "lt"}, {"value", 1e5}}, "value");
  check.rejects({{"a", ints}, {"b", uints}}, {{"op", "lt"}}, "b");
  check.rejects({{"a", bytes}, {"b", HostArray(DType::kU8, {3})}}, {{"op", "lt"}}, "a and b");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(map_compare, ingot::conformance::check_compare);
