// Tensors of more than 2^32 elements. All are zeros but for a few marks, where an index of 32 bits
// would come out elsewhere; so what must be found is known without an oracle that is as large.
#include <algorithm>
#include <array>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "kernels/compaction/compact_mask.hpp"
#include "kernels/dot_products/dot_batched.hpp"
#include "kernels/elementwise_binary/map_compare.hpp"
#include "kernels/layout_transforms/transpose_2d.hpp"
#include "kernels/quantization/dequantize_i8_to_f16.hpp"
#include "kernels/quantization/quantize_f16_to_i8.hpp"
#include "kernels/reductions/reduce_argmax.hpp"
#include "kernels/reductions/reduce_sum.hpp"
#include "kernels/scans/scan_exclusive.hpp"
#include "kernels/scans/scan_inclusive.hpp"
#include "kernels/softmax/softmax_stable.hpp"
#include "kernels/statistics_sorting/topk_select.hpp"
#include "tests/conformance/backend_checks.hpp"
#include "tests/zeros.hpp"

namespace ingot::conformance {
namespace {

constexpr int64_t k2To32 = int64_t{1} << 32;

// Element i of a tensor, however large that is.
template <class T>
T element(const Tensor& tensor, int64_t i) {
  return tensor.reshape({tensor.elements()}).rows(i, i + 1).item<T>();
}

template <class T>
T element(const Tensor& tensor, int64_t row, int64_t column) {
  return element<T>(tensor, row * tensor.shape()[-1] + column);
}

// Gives back what earlier tests took; whether the device has memory for what a test reads and
// writes. Zeros that it reads in place take none.
bool make_room(const Backend& backend, double gigabytes_read, double gigabytes_written) {
  backend.trim_memory();
  const auto has = [](size_t bytes, double gigabytes) {
    return static_cast<double>(bytes) >= gigabytes * 1e9;
  };
  const DeviceInfo& info = backend.info();
  return has(info.memory_bytes, gigabytes_written + (info.unified_memory ? 1 : gigabytes_read)) &&
         has(info.max_buffer_bytes, std::max(gigabytes_read, gigabytes_written));
}

#define NEEDS_GIGABYTES(backend, read, written)                                         \
  if (!make_room(backend, read, written)) {                                             \
    GTEST_SKIP() << "the device has no room for " << read << " GB to read, " << written \
                 << " to write";                                                        \
  }

// A matrix whose rows and columns are no powers of two, with a mark in some of its rows.
constexpr int64_t kRows = 65539;
constexpr int64_t kColumns = 65544;
static_assert(kRows * kColumns > k2To32);
constexpr std::array<int64_t, 5> kMarkedRows = {0, 1, 32767, 65528, kRows - 1};

template <class T>
Zeros<T> marked_matrix(T mark) {
  Zeros<T> x({kRows, kColumns});
  for (const int64_t row : kMarkedRows) {
    x.at(row, row % 1000) = mark;
  }
  return x;
}

constexpr int64_t kRun = 5 * (k2To32 / 4) + 4099;
constexpr std::array<int64_t, 7> kMarks = {
    0, 77, k2To32 / 2 - 1, k2To32 / 2, k2To32, k2To32 + 77, kRun - 1};

void elementwise(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 5.4, 5.4);
  Zeros<uint8_t> x({kRun});
  for (const int64_t i : kMarks) {
    x[i] = 9;
  }
  const Tensor tensor = x.on(backend);
  const auto expect_marks = [](const Tensor& mask) {
    for (const int64_t i : kMarks) {
      EXPECT_EQ(element<uint8_t>(mask, i), 1) << i;
    }
    for (const int64_t i : {int64_t{1}, k2To32 / 2 + 1, k2To32 - 1, k2To32 + 1, kRun - 2}) {
      EXPECT_EQ(element<uint8_t>(mask, i), 0) << i;
    }
  };
  expect_marks(compare(tensor, Comparison::kGreater, 8));
  const Tensor eight = backend.to_device(std::vector<uint8_t>{8});
  expect_marks(compare(tensor, Comparison::kGreater, eight));
}

void broadcast(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 4.3, 4.3);
  const Tensor x = marked_matrix<uint8_t>(9).on(backend);
  std::vector<uint8_t> limits(kRows, 8);
  limits[kRows - 1] = 9;
  const Tensor mask = compare(x, Comparison::kGreater, backend.to_device(limits, {kRows, 1}));
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(element<uint8_t>(mask, row, row % 1000), row == kRows - 1 ? 0 : 1) << row;
    EXPECT_EQ(element<uint8_t>(mask, row, row % 1000 + 1), 0) << row;
  }
}

void reductions(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 10.8, 0.1);
  {
    Zeros<bfloat16> run({kRun});
    for (const int64_t i : kMarks) {
      run[i] = bfloat16(1);
    }
    EXPECT_EQ(static_cast<float>(reduce_sum(run.on(backend)).item<bfloat16>()), kMarks.size());
  }
  Zeros<bfloat16> zeros = marked_matrix<bfloat16>(bfloat16(2));
  zeros.at(kRows - 1, kColumns - 1) = bfloat16(4);
  const Tensor x = zeros.on(backend);
  EXPECT_EQ(static_cast<float>(reduce_sum(x).item<bfloat16>()), 14);
  const Tensor rows = reduce_sum(x, {.axis = 1});
  const Tensor columns = reduce_sum(x, {.axis = 0});
  const Tensor places = reduce_argmax(x, {.axis = 1});
  const Tensor down = reduce_argmax(x, {.axis = 0});
  for (const int64_t row : kMarkedRows) {
    const bool last = row == kRows - 1;
    EXPECT_EQ(static_cast<float>(element<bfloat16>(rows, row)), last ? 6 : 2) << row;
    EXPECT_EQ(static_cast<float>(element<bfloat16>(columns, row % 1000)), 2) << row;
    EXPECT_EQ(element<int64_t>(places, row), last ? kColumns - 1 : row % 1000);
    EXPECT_EQ(element<int64_t>(down, row % 1000), row);
  }
  EXPECT_EQ(static_cast<float>(element<bfloat16>(rows, 2)), 0);
  EXPECT_EQ(element<int64_t>(down, kColumns - 1), kRows - 1);
  if (backend.info().kind != BackendKind::kCpu) {
    try {
      reduce_argmax(x);
      ADD_FAILURE() << "a GPU counts positions with 32 bits";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kUnsupported);
      EXPECT_NE(std::string(error.what()).find("REDUCE_ARGMAX"), std::string::npos) << error.what();
    }
  }
}

void transpose(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 4.3, 4.3);
  const Tensor y = transpose_2d(marked_matrix<uint8_t>(9).on(backend));
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(element<uint8_t>(y, row % 1000, row), 9) << row;
    EXPECT_EQ(element<uint8_t>(y, kColumns - 1, row), 0) << row;
  }
}

void rows_of_softmax(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 8.6, 8.6);
  const Shape shape = {int64_t{1} << 20 | 5, 4096};
  Zeros<float16> x(shape);
  const std::array<int64_t, 3> marked = {0, (1 << 20) - 1, shape[0] - 1};
  for (const int64_t row : marked) {
    x.at(row, row % 1000) = float16(100.0f);
  }
  const Tensor y = softmax(x.on(backend));
  for (const int64_t row : marked) {
    EXPECT_EQ(static_cast<float>(element<float16>(y, row, row % 1000)), 1) << row;
    EXPECT_EQ(static_cast<float>(element<float16>(y, row, row % 1000 + 1)), 0) << row;
  }
  EXPECT_EQ(static_cast<float>(element<float16>(y, 1, 9)), 1.0f / 4096);
  EXPECT_EQ(static_cast<float>(element<float16>(y, shape[0] - 2, 9)), 1.0f / 4096);
}

void quantization(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 8.6, 4.3);
  const Shape shape = {int64_t{1} << 20 | 5, 4096};  // short rows
  Zeros<float16> x(shape);
  x.at(shape[0] - 1, 7) = float16(-2.0f);
  x.at(3, 7) = float16(127.0f);
  for (const Tensor& rows : {x.on(backend), marked_matrix<float16>(float16(-2.0f)).on(backend)}) {
    const QuantizedRows q = quantize_f16_to_i8(rows);
    const int64_t last = rows.shape()[0] - 1;
    const int64_t place = rows.shape() == shape ? 7 : last % 1000;
    EXPECT_EQ(element<int8_t>(q.values, last, place), -127);
    EXPECT_EQ(element<int8_t>(q.values, last, place + 1), 0);
    EXPECT_EQ(element<float>(q.scales, last), 2.0f / 127);
    EXPECT_EQ(element<float>(q.scales, last - 1), 0);
  }
}

void dequantization(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 4.3, 8.6);
  std::vector<float> scales(kRows, 0.5f);
  scales[kRows - 1] = 3;
  const Tensor x =
      dequantize_i8_to_f16(marked_matrix<int8_t>(-7).on(backend), backend.to_device(scales));
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(static_cast<float>(element<float16>(x, row, row % 1000)),
              row == kRows - 1 ? -21 : -3.5f);
    EXPECT_EQ(static_cast<float>(element<float16>(x, row, row % 1000 + 1)), 0);
  }
}

// Lines of one tile, of many, and side by side.
void scans(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 17.2, 17.2);
  for (const Shape& shape : {Shape{int64_t{1} << 20 | 5, 4096}, Shape{3, k2To32 / 3 + 4}}) {
    Zeros<uint32_t> x(shape);
    const int64_t last = shape[0] - 1;
    x.at(last, 5) = 7;
    const Tensor y = inclusive_scan(x.on(backend));
    EXPECT_EQ(element<uint32_t>(y, last, 4), 0u);
    EXPECT_EQ(element<uint32_t>(y, last, 5), 7u);
    EXPECT_EQ(element<uint32_t>(y, last, shape[1] - 1), 7u);
    EXPECT_EQ(element<uint32_t>(y, last - 1, shape[1] - 1), 0u);
  }
  Zeros<uint32_t> x({4099, int64_t{1} << 20});
  x.at(4097, 5) = 7;
  const Tensor y = exclusive_scan(x.on(backend), {.axis = 0});
  EXPECT_EQ(element<uint32_t>(y, 4097, 5), 0u);
  EXPECT_EQ(element<uint32_t>(y, 4098, 5), 7u);
  EXPECT_EQ(element<uint32_t>(y, 4098, 6), 0u);
}

void compaction(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 4.3, 4.3);
  const Tensor x = marked_matrix<uint8_t>(9).on(backend);
  std::vector<uint8_t> kept(kRows, 1);
  kept[2] = 0;
  const Tensor rows = compact(x, backend.to_device(kept)).fetch();
  ASSERT_EQ(rows.shape()[0], kRows - 1);
  EXPECT_EQ(element<uint8_t>(rows, kRows - 2, (kRows - 1) % 1000), 9);
  EXPECT_EQ(element<uint8_t>(rows, kRows - 3, (kRows - 1) % 1000), 0);
  EXPECT_EQ(element<uint8_t>(rows, 1, 1), 9);
  const CompactedColumns columns = compact_columns(x, 2);
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(element<uint32_t>(columns.columns, row, 0), row % 1000);
    EXPECT_EQ(element<uint32_t>(columns.columns, row, 1), ~0u);
    EXPECT_EQ(element<uint64_t>(columns.counts, row), 1u);
  }
}

void top_k(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 8.6, 0.1);
  const Topk best = topk(marked_matrix<bfloat16>(bfloat16(2)).on(backend), 2);
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(static_cast<float>(element<bfloat16>(best.values, row, 0)), 2) << row;
    EXPECT_EQ(element<int64_t>(best.indices, row, 0), row % 1000) << row;
    EXPECT_EQ(static_cast<float>(element<bfloat16>(best.values, row, 1)), 0) << row;
  }
}

// Which rows of b, where some are marked, the kernel for so many rows of a finds.
template <class T>
void expect_marked_rows(const Tensor& b, int64_t q) {
  const Backend backend = b.backend();
  const std::vector<T> two(static_cast<size_t>(q * kColumns), static_cast<T>(2.0f));
  const std::vector<float> limits(static_cast<size_t>(q), 6);
  const auto marked = static_cast<int64_t>(kMarkedRows.size());
  const DotColumns found = dot_columns_at_least(
      backend.to_device(two, {q, kColumns}), b, backend.to_device(limits), marked);
  for (const int64_t i : {int64_t{0}, q - 1}) {
    EXPECT_EQ(element<uint64_t>(found.counts, i), kMarkedRows.size()) << q;
    for (int64_t k = 0; k < marked; ++k) {
      EXPECT_EQ(element<uint32_t>(found.columns, i, k), kMarkedRows.begin()[k]) << q;
    }
  }
}

void dot_products(const Backend& backend) {
  NEEDS_GIGABYTES(backend, 8.6, 0.1);
  const Tensor b = marked_matrix<int8_t>(3).on(backend);
  const std::vector<int8_t> two(kColumns, 2);
  const Tensor a = backend.to_device(two, {1, kColumns});
  std::vector<uint32_t> listed(kMarkedRows.begin(), kMarkedRows.end());
  listed.push_back(kRows - 2);
  const auto count = static_cast<int64_t>(listed.size());
  const Tensor y = dot_at(a, b, backend.to_device(listed, {1, count}));
  for (int64_t k = 0; k < count; ++k) {
    EXPECT_EQ(element<int32_t>(y, k), k == count - 1 ? 0 : 6) << listed[static_cast<size_t>(k)];
  }
  if (backend.info().kind == BackendKind::kSoftMetal) {
    return;  // all pairs would take it hours
  }
  const Tensor all = dot_all(a, b);
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(element<int32_t>(all, row), 6) << row;
  }
  EXPECT_EQ(element<int32_t>(all, kRows - 2), 0);
  for (const int64_t q : {1, 20, 40}) {  // each another kernel
    expect_marked_rows<int8_t>(b, q);
  }
  const Tensor halves = marked_matrix<float16>(float16(3.0f)).on(backend);
  for (const int64_t q : {1, 20, 40}) {
    expect_marked_rows<float16>(halves, q);
  }
  const std::vector<float16> half_two(kColumns, float16(2.0f));
  const Tensor scores = dot_all(backend.to_device(half_two, {1, kColumns}), halves);
  for (const int64_t row : kMarkedRows) {
    EXPECT_EQ(element<float>(scores, row), 6) << row;
  }
}

constexpr BackendCheck kChecks[] = {
    {"Large", "Elementwise", elementwise},
    {"Large", "Broadcast", broadcast},
    {"Large", "Reductions", reductions},
    {"Large", "Transpose", transpose},
    {"Large", "Softmax", rows_of_softmax},
    {"Large", "Quantization", quantization},
    {"Large", "Dequantization", dequantization},
    {"Large", "Scans", scans},
    {"Large", "Compaction", compaction},
    {"Large", "Topk", top_k},
    {"Large", "DotProducts", dot_products},
};

}  // namespace

std::span<const BackendCheck> large_tensor_checks() {
  return kChecks;
}

}  // namespace ingot::conformance
