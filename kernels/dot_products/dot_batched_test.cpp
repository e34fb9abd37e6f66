#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <optional>

#include "tests/conformance/conformance.hpp"

namespace ingot::conformance {
namespace {

// A sum, and the 2-norm of its terms, which its error is held against.
struct Score {
  double value;
  double magnitude;
};

// The definition in double: exact for i8.
Score dot(const HostArray& a, int64_t i, const HostArray& b, int64_t j) {
  const int64_t d = a.shape()[1];
  double sum = 0;
  double squares = 0;
  for (int64_t k = 0; k < d; ++k) {
    const double term = a.real(i * d + k) * b.real(j * d + k);
    sum += term;
    squares += term * term;
  }
  return {sum, std::sqrt(squares)};
}

struct Scaling {
  std::optional<HostArray> a_scale, b_scale, a_bias;

  Score operator()(const Score& dot, int64_t i, int64_t j) const {
    const double left = a_scale ? a_scale->real(i) : 1;
    const double bias = a_bias ? a_bias->real(i) : 0;
    const double right = b_scale ? b_scale->real(j) : 1;
    return {right * (left * dot.value + bias),
            std::abs(right) * std::hypot(left * dot.magnitude, bias)};
  }
  explicit operator bool() const { return a_scale || b_scale || a_bias; }
  void add_to(HostInputs& inputs) const {
    const auto add = [&](std::string_view name, const std::optional<HostArray>& array) {
      if (array) {
        inputs.emplace_back(name, *array);
      }
    };
    add("a_scale", a_scale);
    add("b_scale", b_scale);
    add("a_bias", a_bias);
  }
};

HostArray random_rows(Check& check, DType dtype, const Shape& shape) {
  return dtype == DType::kI8 ? check.uniform(dtype, shape, -128, 127.99)
                             : check.normal(dtype, shape);
}

Reference reference(DType dtype,
                    bool scaled,
                    const Shape& shape,
                    const std::vector<Score>& scores,
                    double over_f32 = 1) {
  std::vector<double> values;
  std::vector<double> magnitudes;
  for (const Score& score : scores) {
    values.push_back(score.value);
    magnitudes.push_back(score.magnitude);
  }
  if (dtype == DType::kI8 && !scaled) {
    return exact_integers("y", shape, {values.begin(), values.end()});
  }
  Reference sums = l2("y", shape, std::move(values), over_f32);
  sums.magnitudes = std::move(magnitudes);
  return sums;
}

// A case whose scores are not counted.
void run(Check& check,
         const HostInputs& inputs,
         const std::vector<NamedValue>& params,
         const Reference& scores) {
  check.run(inputs, params, {scores, exact_integers("count", {0}, {})});
}

void check_rows(Check& check, DType dtype, int64_t n, int64_t d, const Scaling& scaling = {}) {
  const HostArray a = random_rows(check, dtype, {n, d});
  const HostArray b = random_rows(check, dtype, {n, d});
  std::vector<Score> sums;
  for (int64_t i = 0; i < n; ++i) {
    sums.push_back(scaling(dot(a, i, b, i), i, i));
  }
  HostInputs inputs = {{"a", a}, {"b", b}};
  scaling.add_to(inputs);
  run(check, inputs, {}, reference(dtype, static_cast<bool>(scaling), {n}, sums));
}

std::vector<Score> score_matrix(const HostArray& a, const HostArray& b, const Scaling& scaling) {
  std::vector<Score> scores;
  for (int64_t i = 0; i < a.shape()[0]; ++i) {
    for (int64_t j = 0; j < b.shape()[0]; ++j) {
      scores.push_back(scaling(dot(a, i, b, j), i, j));
    }
  }
  return scores;
}

void check_all(
    Check& check, DType dtype, int64_t q, int64_t n, int64_t d, const Scaling& scaling = {}) {
  const HostArray a = random_rows(check, dtype, {q, d});
  const HostArray b = random_rows(check, dtype, {n, d});
  HostInputs inputs = {{"a", a}, {"b", b}};
  scaling.add_to(inputs);
  run(check,
      inputs,
      {{"pairs", "all"}},
      reference(dtype, static_cast<bool>(scaling), {q, n}, score_matrix(a, b, scaling)));
}

// TF32 rounds each factor by 2^-11 at most.
void check_tf32(Check& check) {
  constexpr double kOverF32 = 400;
  for (const auto& [q, n, d] : {std::array{3, 37, 5}, {130, 129, 64}, {257, 65, 1000}}) {
    const HostArray a = check.normal(DType::kF32, {q, d});
    const HostArray b = check.normal(DType::kF32, {n, d});
    run(check,
        {{"a", a}, {"b", b}},
        {{"pairs", "all"}, {"allow_tf32", true}},
        reference(DType::kF32, false, {q, n}, score_matrix(a, b, {}), kOverF32));
  }
  const HostArray half = check.normal(DType::kF16, {3, 8});
  check.rejects({{"a", half}, {"b", half}}, {{"allow_tf32", true}}, "allow_tf32");
}

Scaling random_scaling(Check& check, int64_t q, int64_t n) {
  return {check.uniform(DType::kF32, {q}, 0.5, 2),
          check.uniform(DType::kF32, {n}, 0.1, 3),
          check.normal(DType::kF32, {q})};
}

void check_columns(Check& check, DType dtype, int64_t q, int64_t n, int64_t d, int64_t m) {
  const HostArray a = random_rows(check, dtype, {q, d});
  const HostArray b = random_rows(check, dtype, {n, d});
  const Scaling scaling = random_scaling(check, q, n);
  for (const bool scaled : {false, true}) {
    const Scaling used = scaled ? scaling : Scaling{};
    const bool exact = dtype == DType::kI8 && !scaled;
    const double absent = exact ? -0x1p31 : -std::numeric_limits<double>::infinity();
    const std::vector<Score> scores = score_matrix(a, b, used);
    std::vector<uint32_t> columns;
    std::vector<Score> wanted;
    for (int64_t p = 0; p < q * m; ++p) {
      // In no order, some twice, some just outside and far outside of b.
      const int64_t j = check.random()() % 5 == 0 ? (p % 2 == 0 ? n : 0xffffffff) : p * 7 % n;
      columns.push_back(static_cast<uint32_t>(j));
      wanted.push_back(j < n ? scores[static_cast<size_t>(p / m * n + j)] : Score{absent, 0});
    }
    HostInputs inputs = {{"a", a}, {"b", b}, {"columns", HostArray::of(columns, {q, m})}};
    used.add_to(inputs);
    run(check, inputs, {{"pairs", "all"}}, reference(dtype, scaled, {q, m}, wanted));
  }
}

// The mask as lists with this room.
void check_listed(Check& check,
                  const HostInputs& inputs,
                  int64_t q,
                  int64_t n,
                  const std::vector<int64_t>& mask,
                  int64_t room) {
  std::vector<int64_t> columns;
  std::vector<int64_t> counts;
  for (int64_t i = 0; i < q; ++i) {
    int64_t count = 0;
    for (int64_t j = 0; j < n; ++j) {
      if (mask[static_cast<size_t>(i * n + j)] != 0 && count++ < room) {
        columns.push_back(j);
      }
    }
    columns.resize(static_cast<size_t>((i + 1) * room), 0xffffffff);
    counts.push_back(count);
  }
  check.run(inputs,
            {{"pairs", "all"}, {"room", room}},
            {exact_integers("y", {q, room}, columns), exact_integers("count", {q}, counts)});
}

void check_mask(Check& check, DType dtype, int64_t q, int64_t n, int64_t d) {
  // Small integers: every score, scaled by powers of two, is exact in every dtype, and so is the
  // comparison; limits are hit exactly.
  const HostArray a = check.uniform(dtype, {q, d}, -3.99, 3.99);
  const HostArray b = check.uniform(dtype, {n, d}, -3.99, 3.99);
  for (HostArray array : {a, b}) {  // copies share the data
    for (int64_t i = 0; i < array.elements(); ++i) {
      array.set_real(i, std::trunc(array.real(i)));
    }
  }
  const double inf = std::numeric_limits<double>::infinity();
  const HostArray limits = Check::filled(
      DType::kF32, {q}, {0, 3, -4, inf, -inf, std::numeric_limits<double>::quiet_NaN()});
  Scaling scaling{Check::filled(DType::kF32, {q}, {0.5, 1, 2}),
                  Check::filled(DType::kF32, {n}, {1, 4, 0.25}),
                  Check::filled(DType::kF32, {q}, {0, 2, -1})};
  for (const bool scaled : {false, true}) {
    const Scaling used = scaled ? scaling : Scaling{};
    const std::vector<Score> scores = score_matrix(a, b, used);
    std::vector<int64_t> mask;
    for (size_t p = 0; p < scores.size(); ++p) {
      mask.push_back(scores[p].value >= limits.real(static_cast<int64_t>(p) / n));
    }
    HostInputs inputs = {{"a", a}, {"b", b}, {"at_least", limits}};
    used.add_to(inputs);
    run(check, inputs, {{"pairs", "all"}}, exact_integers("y", {q, n}, mask));
    for (const int64_t room : {int64_t{0}, int64_t{5}, n}) {
      check_listed(check, inputs, q, n, mask, room);
    }
  }
}

// The largest magnitudes: 128^2 k, where saturating int16 arithmetic goes wrong.
void check_extremes(Check& check) {
  for (const int64_t d :
       {int64_t{1}, int64_t{64}, std::min<int64_t>(131071, check.sizes().back())}) {
    const HostArray low = Check::filled(DType::kI8, {5, d}, {-128});
    const HostArray high = Check::filled(DType::kI8, {5, d}, {127});
    for (const HostArray& b : {low, high}) {
      run(check,
          {{"a", low}, {"b", b}},
          {{"pairs", "all"}},
          exact_integers(
              "y", {5, 5}, std::vector<int64_t>(25, -128 * d * (b.real(0) < 0 ? -128 : 127))));
    }
  }
}

// NaN and infinity stay in their results, and a NaN reaches no limit; subnormal numbers are
// numbers.
void check_special(Check& check, DType dtype) {
  const double tiny = dtype == DType::kF16 ? 0x1p-24 : 0x1p-130;
  const HostArray special =
      Check::filled(dtype, {3, 3}, {1, INFINITY, 2, NAN, 0, 1, 3 * tiny, tiny, 0});
  const HostArray ones = Check::filled(dtype, {3, 3}, {1, 1, 1, 2, -1, 0, 0, 0, 0});
  const HostInputs inputs = {{"a", special}, {"b", ones}};
  if (dtype == DType::kF16) {  // its subnormals are normal in f32
    run(check,
        inputs,
        {{"pairs", "all"}},
        exact("y", {3, 3}, {INFINITY, -INFINITY, NAN, NAN, NAN, NAN, 4 * tiny, 5 * tiny, 0}));
  } else {
    run(check,
        {{"a", Check::filled(dtype, {2, 3}, {1, INFINITY, 2, NAN, 0, 1})}, {"b", ones}},
        {{"pairs", "all"}},
        elementwise("y", {2, 3}, {INFINITY, -INFINITY, NAN, NAN, NAN, NAN}));
  }
  check.run({{"a", special},
             {"b", ones},
             {"at_least", Check::filled(DType::kF32, {3}, {-INFINITY, -INFINITY, INFINITY})}},
            {{"pairs", "all"}, {"room", 2}},
            {exact_integers("y", {3, 2}, {0, 1, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff}),
             exact_integers("count", {3}, {2, 0, 0})});
}

void check_dot(Check& check) {
  for (const DType dtype : check.input_dtypes("a")) {
    for (const int64_t n : {0, 1, 2, 31, 33, 257, 1025}) {
      check_rows(check, dtype, n, 65);
    }
    for (const int64_t d : {0, 1, 3, 15, 16, 32, 127, 1000}) {
      check_rows(check, dtype, 37, d);
      for (const int64_t q : {1, 3, 9, 40}) {  // each takes another kernel in some dtype
        check_all(check, dtype, q, 37, d);
      }
    }
    check_rows(check, dtype, 300, 20, random_scaling(check, 300, 300));
    for (const auto& [q, n] : {std::pair{0, 5}, {5, 0}, {1, 1}, {64, 64}, {63, 65}, {130, 129}}) {
      check_all(check, dtype, q, n, 33);
      check_all(check, dtype, q, n, 33, random_scaling(check, q, n));
    }
    check_all(check, dtype, 20, 30, 7, {{}, check.uniform(DType::kF32, {30}, 1, 2), {}});
    check_columns(check, dtype, 7, 45, 64, 33);
    check_columns(check, dtype, 40, 3, 5, 4);
    check_columns(check, dtype, 2, 3, 5, 0);
    check_mask(check, dtype, 3, 70, 16);
    check_mask(check, dtype, 20, 131, 16);
    check_mask(check, dtype, 66, 131, 16);
    check_mask(check, dtype, 7, 300, 520);  // SIMD-groups share rows
    check_mask(check, dtype, 4, 0, 3);
    check_mask(check, dtype, 5, 600, 9);  // more tiles than one in a row
  }
  check_extremes(check);
  check_tf32(check);
  for (const DType dtype : {DType::kF32, DType::kF16, DType::kBF16}) {
    check_special(check, dtype);
  }
  const HostArray a = check.normal(DType::kF32, {4, 8});
  const HostArray b = check.normal(DType::kF32, {5, 8});
  const HostArray four = check.normal(DType::kF32, {4});
  const HostArray list = HostArray::of<uint32_t>({1, 2, 3, 4}, {4, 1});
  const std::vector<NamedValue> all = {{"pairs", "all"}};
  check.rejects({{"a", a}, {"b", b}}, {}, "b");  // rows need as many of each
  check.rejects({{"a", a}, {"b", check.normal(DType::kF32, {4, 9})}}, {}, "b");
  check.rejects({{"a", a}, {"b", check.normal(DType::kF16, {4, 8})}}, {}, "b");
  check.rejects({{"a", check.normal(DType::kF32, {8})}, {"b", b}}, all, "a");
  check.rejects({{"a", a}, {"b", b}, {"b_scale", four}}, all, "b_scale");
  check.rejects({{"a", a}, {"b", a}, {"at_least", four}}, {}, "at_least");
  check.rejects({{"a", a}, {"b", b}}, {{"pairs", "all"}, {"room", 3}}, "room");
  check.rejects({{"a", a}, {"b", b}, {"at_least", four}}, {{"pairs", "all"}, {"room", -1}}, "room");
  check.rejects({{"a", a}, {"b", a}, {"columns", list}}, {}, "columns");
  check.rejects({{"a", a}, {"b", b}, {"at_least", four}, {"columns", list}}, all, "columns");
  check.rejects({{"a", b}, {"b", b}, {"columns", list}}, all, "columns");
  check.rejects({{"a", a}, {"b", a}}, {{"pairs", "some"}}, "pairs");
  const HostArray wide(DType::kI8, {1, 131072});
  check.rejects({{"a", wide}, {"b", wide}}, {}, "a");
}

}  // namespace
}  // namespace ingot::conformance

INGOT_CONFORMANCE(dot_batched, ingot::conformance::check_dot);
