#include <cstdint>
#include <limits>

#include "tests/conformance/broadcast.hpp"
#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// Sums in double are exact for f16 and bf16, and for f32 so close that rounding them to f32 gives
// the nearest (53 >= 2 * 24 + 2); set_real rounds. Integers are added as unsigned 64-bit numbers.
Reference sum_of(const HostArray& a, const HostArray& b, Reference::Match match) {
  const auto [shape, sources] = broadcast_indices(a.shape(), b.shape());
  Reference sums{"y", shape, match, {}, {}, 1};
  if (is_floating_point(a.dtype())) {
    HostArray rounded(a.dtype(), shape);
    for (int64_t i = 0; i < shape.elements(); ++i) {
      const auto [from_a, from_b] = sources[static_cast<size_t>(i)];
      rounded.set_real(i, a.real(from_a) + b.real(from_b));
      sums.real.push_back(rounded.real(i));
    }
    return sums;
  }
  visit(a.dtype(), [&]<class T>() {
    for (const auto& [from_a, from_b] : sources) {
      const auto x = static_cast<uint64_t>(a.as<T>()[static_cast<size_t>(from_a)]);
      const auto y = static_cast<uint64_t>(b.as<T>()[static_cast<size_t>(from_b)]);
      sums.whole.push_back(static_cast<int64_t>(x + y));
    }
  });
  return sums;
}

void check_case(Check& check,
                const HostArray& a,
                const HostArray& b,
                Reference::Match match = Reference::Match::kExact) {
  check.run({{"a", a}, {"b", b}}, {}, {sum_of(a, b, match)});
}

// Values near both ends of an integer type, so that sums wrap around in both directions.
template <class T>
HostArray extremes(int64_t count) {
  using Limits = std::numeric_limits<T>;
  const std::vector<T> cycle = {Limits::max(), Limits::min(), 1, 0, static_cast<T>(-1), T{12345}};
  std::vector<T> values;
  for (int64_t i = 0; i < count; ++i) {
    values.push_back(cycle[static_cast<size_t>(i) % cycle.size()]);
  }
  return HostArray::of(values);
}

HostArray spread(Check& check, DType dtype, const Shape& shape) {
  return dtype == DType::kU32 ? check.uniform(dtype, shape, 0, 4e9)
                              : check.normal(dtype, shape, 0, 100);
}

void check_add(Check& check) {
  for (const DType dtype : check.input_dtypes("a")) {
    for (const int64_t n : check.sizes()) {
      check_case(check, spread(check, dtype, {n}), spread(check, dtype, {n}));
    }
    for (const auto& [a, b] : broadcast_cases()) {
      check_case(check, spread(check, dtype, a), spread(check, dtype, b));
      check_case(check, spread(check, dtype, b), spread(check, dtype, a));
    }
    if (is_floating_point(dtype)) {
      const std::vector<double> hard = Check::special_values(dtype);
      const auto n = static_cast<int64_t>(hard.size());
      // All pairs. Tolerant, because a GPU may take subnormals of f32 as zeros.
      check_case(check,
                 Check::filled(dtype, {n, 1}, hard),
                 Check::filled(dtype, {n}, hard),
                 Reference::Match::kElementwise);
      check_case(check,
                 Check::filled(dtype, {4}, {0.0, -0.0, -0.0, 1.0}),
                 Check::filled(dtype, {4}, {-0.0, -0.0, 0.0, -1.0}));
    }
  }
  // So large that CPU twins write past the caches; dense, and in short runs.
  const HostArray large = extremes<int64_t>(3 * 2'800'001);
  check_case(check, large, large);
  const HostArray rows(DType::kI64, {2'800'001, 3}, large.data(), large.owner());
  check_case(check, rows, extremes<int64_t>(3));
  check_case(check, extremes<int32_t>(30), extremes<int32_t>(30));
  check_case(check, extremes<uint32_t>(30), extremes<uint32_t>(30));
  check_case(check, extremes<int64_t>(30), extremes<int64_t>(30));
  check_case(check, extremes<int64_t>(30), HostArray::of<int64_t>({1}));

  check.rejects(
      {{"a", check.normal(DType::kF32, {4})}, {"b", check.normal(DType::kF16, {4})}}, {}, "b");
  check.rejects(
      {{"a", check.normal(DType::kI8, {4})}, {"b", check.normal(DType::kI8, {4})}}, {}, "a");
  check.rejects({{"a", check.normal(DType::kF32, {4})}, {"b", check.normal(DType::kF32, {3})}},
                {},
                "a and b");
  check.rejects(
      {{"a", check.normal(DType::kF32, {4, 0})}, {"b", check.normal(DType::kF32, {4, 2})}},
      {},
      "a and b");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(map_add, ingot::conformance::check_add);
