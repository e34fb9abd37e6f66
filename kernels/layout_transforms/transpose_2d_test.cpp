#include <cstdint>
#include <cstring>
#include <utility>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// Every element is its own index (modulo what the dtype holds), so a misplaced one is seen.
HostArray numbered(DType dtype, const Shape& shape) {
  HostArray array(dtype, shape);
  for (int64_t i = 0; i < array.elements(); ++i) {
    const bool narrow = size_of(dtype) == 1;
    array.set_real(i,
                   static_cast<double>(dtype == DType::kBool ? i * 7 % 3 % 2
                                       : narrow              ? i * 37 % 127
                                       : size_of(dtype) == 2 ? i * 37 % 251
                                                             : i));
  }
  return array;
}

void check_case(Check& check, const HostArray& x) {
  const int64_t rows = x.shape()[0];
  const int64_t cols = x.shape()[1];
  Reference wanted{"y", {cols, rows}, Reference::Match::kExact, {}, {}, 1};
  for (int64_t j = 0; j < cols; ++j) {
    for (int64_t i = 0; i < rows; ++i) {
      if (is_floating_point(x.dtype())) {
        wanted.real.push_back(x.real(i * cols + j));
      } else {
        visit(x.dtype(), [&]<class T>() {
          wanted.whole.push_back(
              static_cast<int64_t>(x.as<T>()[static_cast<size_t>(i * cols + j)]));
        });
      }
    }
  }
  check.run({{"x", x}}, {}, {wanted});
}

void check_transpose(Check& check) {
  for (const DType dtype : check.input_dtypes("x")) {
    for (const auto& [rows, cols] : {std::pair<int64_t, int64_t>{1, 1},
                                     {0, 5},
                                     {5, 0},
                                     {1, 1000},
                                     {1000, 1},
                                     {2, 3},
                                     {31, 33},
                                     {32, 32},
                                     {64, 64},
                                     {65, 127},
                                     {128, 192},
                                     {257, 131},
                                     {3, 4099},
                                     {4099, 3}}) {
      check_case(check, numbered(dtype, {rows, cols}));
    }
  }
  check_case(check, numbered(DType::kF32, {1009, 997}));
  check_case(check, numbered(DType::kU32, {1, 1'000'003}));
  // More than the caches hold, from where CPU twins write past them.
  check_case(check, numbered(DType::kU32, {2053, 2049}));
  check_case(check, numbered(DType::kU64, {1030, 2061}));
  // Bits are moved unchanged: NaN, infinities, subnormals and -0.0 among them.
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16}) {
    check_case(check, Check::filled(dtype, {37, 41}, Check::special_values(dtype)));
  }
  HostArray wide(DType::kU64, {70, 33});
  for (int64_t i = 0; i < wide.elements(); ++i) {
    wide.as<uint64_t>()[static_cast<size_t>(i)] = check.random()();
  }
  check_case(check, wide);

  check.rejects({{"x", check.normal(DType::kF32, {4})}}, {}, "x");
  check.rejects({{"x", check.normal(DType::kF32, {2, 3, 4})}}, {}, "x");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(transpose_2d, ingot::conformance::check_transpose);
