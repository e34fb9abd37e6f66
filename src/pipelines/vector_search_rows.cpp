#include "pipelines/vector_search_rows.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <random>
#include <span>

#include "core/parallel.hpp"
#include "pipelines/widen.hpp"

namespace ingot::vector_search_detail {
namespace {

// Calls body(row index, the row in f32) for all rows, on all cores.
template <class Body>
void for_each_row(const HostArray& rows, Body&& body) {
  const auto d = static_cast<size_t>(rows.shape()[1]);
  const int64_t grain = 1 + kElementwiseGrain / static_cast<int64_t>(d + 1);
  parallel_for(rows.shape()[0], grain, [&](int64_t begin, int64_t end) {
    std::vector<float> wide(rows.dtype() == DType::kF16 ? d : 0);
    for (auto i = static_cast<size_t>(begin); i < static_cast<size_t>(end); ++i) {
      if (rows.dtype() == DType::kF16) {
        widen(rows.as<float16>().data() + i * d, wide.data(), d);
        body(i, std::span<const float>(wide));
      } else {
        body(i, std::span<const float>(rows.as<float>().subspan(i * d, d)));
      }
    }
  });
}

}  // namespace

HostArray widened(const HostArray& rows) {
  if (rows.dtype() == DType::kF32) {
    return rows;
  }
  HostArray result(DType::kF32, rows.shape());
  parallel_for(rows.elements(), kElementwiseGrain, [&](int64_t begin, int64_t end) {
    widen(rows.as<float16>().data() + begin,
          result.as<float>().data() + begin,
          static_cast<size_t>(end - begin));
  });
  return result;
}

HostArray normalized(const HostArray& rows) {
  HostArray result(DType::kF32, rows.shape());
  for_each_row(rows, [&](size_t i, std::span<const float> row) {
    double squares = 0;
    for (const double x : row) {
      squares += x * x;
    }
    const double factor = squares == 0 ? 0 : 1 / std::sqrt(squares);
    float* to = result.as<float>().data() + i * row.size();
    for (size_t k = 0; k < row.size(); ++k) {
      to[k] = static_cast<float>(row[k] * factor);
    }
  });
  return result;
}

std::vector<int64_t> sampled_rows(int64_t n, int64_t count) {
  std::vector<int64_t> rows;
  std::mt19937_64 random(1);
  for (int64_t s = 0; s < count; ++s) {
    const int64_t begin = s * n / count;
    const int64_t end = (s + 1) * n / count;
    rows.push_back(begin + static_cast<int64_t>(random() % static_cast<uint64_t>(end - begin)));
  }
  return rows;
}

HostArray sampled(const HostArray& rows, int64_t count) {
  const size_t row_bytes = static_cast<size_t>(rows.shape()[1]) * size_of(rows.dtype());
  HostArray sample(rows.dtype(), {count, rows.shape()[1]});
  std::byte* to = sample.data();
  for (const int64_t row : sampled_rows(rows.shape()[0], count)) {
    std::memcpy(to, rows.data() + static_cast<size_t>(row) * row_bytes, row_bytes);
    to += row_bytes;
  }
  return sample;
}

ScoreBounds score_bounds(const HostArray& queries, bool narrowed) {
  const int64_t q = queries.shape()[0];
  const auto d = static_cast<double>(queries.shape()[1]);
  // f32 to f16 is off by 2^-11 of a value, or by 2^-25 where the value is tiny.
  const double narrowing = narrowed ? 0x1p-11 : 0;
  const double flush = narrowed ? 0x1p-25 : 0;
  // Rounding in f32, as shares of |q|_1 max|x|: of d products and their sum, twice (the limit's and
  // the score's own), and of the few operations that make the bound.
  const double rounding = 2 * (d + 8) * 0x1p-24;
  const double element_error = 0.5 + 127 * (narrowing + rounding);
  const double largest = 127 * (1 + 2 * narrowing + rounding);
  ScoreBounds bounds{HostArray(DType::kF32, {q}), HostArray(DType::kF32, {q, 1})};
  for_each_row(queries, [&](size_t i, std::span<const float> row) {
    const auto narrow = [&](double x) {
      return narrowed ? static_cast<double>(static_cast<float16>(x)) : x;
    };
    double most = 0;
    for (const double x : row) {
      most = std::max(most, std::abs(narrow(x)));
    }
    double integers = 0;
    double residual = 0;
    double sum = 0;
    for (const double x : row) {
      const double integer = most == 0 ? 0 : std::nearbyint(127 * narrow(x) / most);
      integers += std::abs(integer);
      residual += std::abs(x - integer * most / 127);
      sum += std::abs(x);
    }
    // Rounded up, and a thousandth more for a tie that the device rounds the other way.
    const double bias = most / 127 * integers * element_error + residual * largest;
    bounds.bias.as<float>()[i] = static_cast<float>(bias * 1.001);
    bounds.slack.as<float>()[i] = static_cast<float>(-1.001 * sum * flush);
  });
  return bounds;
}

}  // namespace ingot::vector_search_detail
