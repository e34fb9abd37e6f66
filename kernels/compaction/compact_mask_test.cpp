#include <cstring>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

HostArray random_bytes(Check& check, DType dtype, const Shape& shape) {
  HostArray x(dtype, shape);
  for (size_t i = 0; i < x.bytes(); ++i) {
    x.data()[i] = static_cast<std::byte>(check.random()());
  }
  return x;
}

// Any non-zero byte keeps; `density` is the chance of it.
HostArray random_mask(Check& check, int64_t n, double density) {
  HostArray mask(DType::kU8, {n});
  std::bernoulli_distribution keep(density);
  for (uint8_t& element : mask.as<uint8_t>()) {
    element = keep(check.random()) ? static_cast<uint8_t>(1 + check.random()() % 255) : 0;
  }
  return mask;
}

void check_case(Check& check, const HostArray& x, const HostArray& mask) {
  const int64_t row = x.shape().without(0).elements();
  std::vector<double> real;
  std::vector<int64_t> whole;
  int64_t kept = 0;
  for (int64_t i = 0; i < x.shape()[0]; ++i) {
    if (mask.real(i) == 0) {
      continue;
    }
    ++kept;
    for (int64_t k = i * row; k < (i + 1) * row; ++k) {
      if (is_floating_point(x.dtype())) {
        real.push_back(x.real(k));
      } else {
        visit(x.dtype(), [&]<class T>() {
          whole.push_back(static_cast<int64_t>(x.as<T>()[static_cast<size_t>(k)]));
        });
      }
    }
  }
  check.run({{"x", x}, {"mask", mask}},
            {},
            {{"y", x.shape().with(0, kept), Reference::Match::kExact, real, whole, 1},
             exact_integers("count", {}, {kept})});
}

void check_columns(Check& check, int64_t rows, int64_t n, int64_t room, double density) {
  const HostArray mask = [&] {
    HostArray flat = random_mask(check, rows * n, density);
    return HostArray(DType::kU8, {rows, n}, flat.data(), flat.owner());
  }();
  std::vector<int64_t> columns;
  std::vector<int64_t> counts;
  for (int64_t row = 0; row < rows; ++row) {
    int64_t kept = 0;
    for (int64_t column = 0; column < n; ++column) {
      if (mask.real(row * n + column) != 0 && kept++ < room) {
        columns.push_back(column);
      }
    }
    counts.push_back(kept);
    columns.resize(static_cast<size_t>((row + 1) * room), 0xffffffff);
  }
  check.run({{"mask", mask}},
            {{"room", room}},
            {exact_integers("y", {rows, room}, columns), exact_integers("count", {rows}, counts)});
}

void check_compact(Check& check) {
  for (const int64_t n : {0, 1, 63, 64, 65, 1000, 20'011}) {
    for (const double density : {0.0, 0.01, 0.6, 1.0}) {
      check_columns(check, 3, n, 40, density);
    }
    check_columns(check, 2, n, n, 0.5);
    check_columns(check, 1, n, 0, 0.5);
  }
  check_columns(check, 0, 10, 4, 0.5);
  check_columns(check, 500, 70, 8, 0.1);
  check.run({{"mask", Check::filled(DType::kU8, {5}, {0, 1, 1, 0, 2})}},
            {},
            {exact_integers("y", {3}, {1, 2, 4}), exact_integers("count", {}, {3})});
  check.rejects({{"mask", HostArray(DType::kU8, {2, 4})}}, {{"room", -1}}, "room");
  check.rejects({{"x", check.normal(DType::kF32, {4})}, {"mask", HostArray(DType::kU8, {4})}},
                {{"room", 2}},
                "room");
  check.rejects(
      {{"x", check.normal(DType::kF32, {4})}, {"mask", HostArray(DType::kU8, {1, 4})}}, {}, "mask");
  for (const DType dtype : check.input_dtypes("x")) {
    const auto random = [&](const Shape& shape) {
      return dtype == DType::kBool ? Check::filled(dtype, shape, {0, 1, 1})
                                   : random_bytes(check, dtype, shape);
    };
    for (const int64_t n : {0, 1, 2, 31, 32, 33, 255, 257, 1023, 1025, 4096, 4097, 70'001}) {
      check_case(check, random({n}), random_mask(check, n, 0.5));
    }
    for (const double density : {0.0, 0.001, 0.999, 1.0}) {
      check_case(check, random({20'011}), random_mask(check, 20'011, density));
    }
    for (const Shape& shape : {Shape{700, 3},
                               Shape{5000, 2},
                               Shape{129, 4, 16},
                               Shape{300, 0},
                               Shape{0, 5},
                               Shape{1, 1000},
                               Shape{4100, 1, 7}}) {
      check_case(check, random(shape), random_mask(check, shape[0], 0.4));
    }
  }
  check_case(check, check.normal(DType::kF32, {1'000'003}), random_mask(check, 1'000'003, 0.3));
  // So long that a threadgroup of a GPU takes two steps.
  check_case(
      check, random_bytes(check, DType::kI8, {4'300'003}), random_mask(check, 4'300'003, 0.3));
  check_case(check,
             Check::filled(DType::kF32, {4000}, Check::special_values(DType::kF32)),
             random_mask(check, 4000, 0.7));
  check_case(
      check, check.normal(DType::kF32, {333}), Check::filled(DType::kBool, {333}, {1, 0, 0, 1, 1}));

  const HostArray mask = random_mask(check, 6, 0.5);
  check.rejects({{"x", check.normal(DType::kF32, {5})}, {"mask", mask}}, {}, "mask");
  check.rejects({{"x", check.normal(DType::kF32, {5, 6})}, {"mask", mask}}, {}, "mask");
  check.rejects({{"x", check.normal(DType::kF32, {})}, {"mask", mask}}, {}, "mask");
  check.rejects({{"x", check.normal(DType::kF32, {6})}}, {}, "mask");
  check.rejects({{"x", check.normal(DType::kF32, {6})}, {"mask", check.normal(DType::kF32, {6})}},
                {},
                "mask");
  check.rejects({{"x", check.normal(DType::kF32, {2, 3})}, {"mask", HostArray(DType::kU8, {2, 3})}},
                {},
                "mask");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(compact_mask, ingot::conformance::check_compact);
