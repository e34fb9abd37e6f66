// vector-search against a brute-force search in double, on the CPU and, where present, softmetal.
#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

#include "core/npy.hpp"
#include "pipelines/vector_search.hpp"

namespace ingot {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();

struct Scored {
  double score;
  int64_t index;
};

// All rows of the database, best first, ties by the smaller index.
std::vector<Scored> brute_force(const HostArray& database,
                                const HostArray& queries,
                                int64_t query,
                                Metric metric) {
  const int64_t d = database.shape()[1];
  std::vector<Scored> all;
  for (int64_t row = 0; row < database.shape()[0]; ++row) {
    double dot = 0;
    double left = 0;
    double right = 0;
    for (int64_t k = 0; k < d; ++k) {
      const double x = queries.real(query * d + k);
      const double y = database.real(row * d + k);
      dot += x * y;
      left += x * x;
      right += y * y;
    }
    const double length = std::sqrt(left) * std::sqrt(right);
    all.push_back({metric == Metric::kDot ? dot : (length == 0 ? 0 : dot / length), row});
  }
  std::sort(all.begin(), all.end(), [](const Scored& a, const Scored& b) {
    return a.score > b.score || (a.score == b.score && a.index < b.index);
  });
  return all;
}

// Every score is that of its row and the j-th best score of all, to f32 accuracy; no row is given
// twice; after the last neighbour comes -1 and -inf.
void expect_neighbours(const HostArray& database,
                       const HostArray& queries,
                       const VectorSearchOptions& options,
                       const VectorSearchResult& result,
                       int64_t query_step = 1) {
  ASSERT_EQ(result.indices.shape(), (Shape{queries.shape()[0], options.k}));
  ASSERT_EQ(result.scores.shape(), (Shape{queries.shape()[0], options.k}));
  for (int64_t i = 0; i < queries.shape()[0]; i += query_step) {
    const std::vector<Scored> wanted = brute_force(database, queries, i, options.metric);
    const double scale =
        std::max(std::abs(wanted.front().score), std::abs(wanted.back().score)) + 1e-30;
    std::set<int64_t> seen;
    for (int64_t j = 0; j < options.k; ++j) {
      const int64_t index = result.indices.as<int64_t>()[static_cast<size_t>(i * options.k + j)];
      const float score = result.scores.as<float>()[static_cast<size_t>(i * options.k + j)];
      const double best = wanted[static_cast<size_t>(j)].score;
      const double tolerance = 2e-6 * scale;
      if (options.threshold && best < *options.threshold - tolerance) {
        EXPECT_EQ(index, -1) << "query " << i << ", neighbour " << j;
        EXPECT_EQ(score, -kInf) << "query " << i << ", neighbour " << j;
        continue;
      }
      ASSERT_GE(index, 0) << "query " << i << ", neighbour " << j;
      EXPECT_TRUE(seen.insert(index).second) << "row " << index << " twice";
      const auto own = std::find_if(
          wanted.begin(), wanted.end(), [&](const Scored& s) { return s.index == index; });
      ASSERT_NE(own, wanted.end());
      EXPECT_NEAR(score, own->score, tolerance) << "query " << i << ", row " << index;
      EXPECT_NEAR(score, best, tolerance) << "query " << i << ", neighbour " << j;
    }
  }
}

class VectorSearch : public testing::TestWithParam<BackendPreference> {
 protected:
  void SetUp() override {
    try {
      backend_ = init_backend(GetParam());
    } catch (const Error& error) {
      GTEST_SKIP() << error.what();
    }
  }

  // Rows around `clusters` centres, or around 0.
  HostArray rows(DType dtype, int64_t n, int64_t d, int64_t clusters = 0, double spread = 1) {
    std::normal_distribution<double> normal;
    std::mt19937_64 of_centres(7);
    std::vector<double> centres;
    for (int64_t i = 0; i < clusters * d; ++i) {
      centres.push_back(normal(of_centres));
    }
    HostArray array(dtype, {n, d});
    for (int64_t i = 0; i < n; ++i) {
      const auto centre = clusters == 0 ? 0 : static_cast<int64_t>(random_() % clusters);
      for (int64_t k = 0; k < d; ++k) {
        const double middle = clusters == 0 ? 0 : centres[static_cast<size_t>(centre * d + k)];
        array.set_real(i * d + k, middle + spread * normal(random_));
      }
    }
    return array;
  }

  VectorSearchResult check(const HostArray& database,
                           const HostArray& queries,
                           const VectorSearchOptions& options,
                           int64_t query_step = 1) {
    const VectorSearchResult result = vector_search(*backend_, database, queries, options);
    expect_neighbours(database, queries, options, result, query_step);
    EXPECT_EQ(result.recall, 1);
    EXPECT_EQ(result.recall_queries, std::min(options.recall_queries, queries.shape()[0]));
    return result;
  }

  void rejects(const HostArray& database,
               const HostArray& queries,
               const VectorSearchOptions& options,
               const std::string& words,
               ErrorCode code = ErrorCode::kInvalidArgument) {
    try {
      vector_search(*backend_, database, queries, options);
      ADD_FAILURE() << "was accepted; expected: " << words;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), code) << error.what();
      EXPECT_NE(std::string(error.what()).find(words), std::string::npos) << error.what();
    }
  }

  std::optional<Backend> backend_;
  std::mt19937_64 random_{20260101};
};

TEST_P(VectorSearch, FindsWhatBruteForceFinds) {
  for (const DType dtype : {DType::kF16, DType::kF32}) {
    for (const int64_t d : {1, 3, 64, 65}) {
      check(rows(dtype, 700, d), rows(dtype, 9, d), {.k = 10});
      check(rows(dtype, 700, d), rows(dtype, 9, d), {.k = 5, .metric = Metric::kCosine});
    }
  }
  check(rows(DType::kF16, 1, 8), rows(DType::kF16, 3, 8), {.k = 1});
  check(rows(DType::kF16, 300, 16), rows(DType::kF32, 5, 16), {});
  check(rows(DType::kF32, 300, 16), rows(DType::kF16, 5, 16), {.metric = Metric::kCosine});
}

TEST_P(VectorSearch, FindsNeighboursWithinTightClusters) {
  const HostArray database = rows(DType::kF32, 3000, 24, 12, 0.01);
  const auto result = check(database, rows(DType::kF32, 20, 24, 12, 0.01), {.k = 10});
  // A bound that rules nothing out would pass every other test.
  EXPECT_LT(result.candidates, 20 * 3000 / 4);
  check(database, rows(DType::kF32, 20, 24, 12, 0.01), {.k = 10, .metric = Metric::kCosine});
}

TEST_P(VectorSearch, RescoresFromInt8WhenAsked) {
  for (const DType dtype : {DType::kF16, DType::kF32}) {
    const HostArray database = rows(dtype, 2000, 64);
    const HostArray queries = rows(dtype, 30, 64);
    const auto result =
        vector_search(*backend_, database, queries, {.k = 10, .rescore = Rescore::kQuantised});
    EXPECT_GE(result.recall, 0.95);
    for (int64_t i = 0; i < 30; ++i) {
      const double best = brute_force(database, queries, i, Metric::kDot)[0].score;
      // int8 steps of 1/127 of a row's largest element, rounded: far below 1 % of the best score.
      EXPECT_NEAR(result.scores.real(10 * i), best, 0.01 * best);
    }
  }
}

TEST_P(VectorSearch, ReturnsAllRowsWhenAsked) {
  check(rows(DType::kF16, 150, 12), rows(DType::kF16, 4, 12), {.k = 150});
}

TEST_P(VectorSearch, HasNothingToDoWithoutQueries) {
  const auto result =
      vector_search(*backend_, rows(DType::kF16, 20, 8), HostArray(DType::kF16, {0, 8}), {.k = 3});
  EXPECT_EQ(result.indices.shape(), (Shape{0, 3}));
  EXPECT_EQ(result.recall, 1);
}

TEST_P(VectorSearch, OrdersEqualScoresByIndex) {
  HostArray database(DType::kF16, {2500, 4});
  for (int64_t i = 0; i < 2500; ++i) {
    database.set_real(4 * i, static_cast<double>(i / 10 % 20));  // every row ten times and more
    database.set_real(4 * i + 3, 1);
  }
  HostArray queries(DType::kF16, {2, 4});
  queries.set_real(0, 3);
  queries.set_real(7, 2);  // scores 2 with every row
  const VectorSearchOptions options{.k = 25};
  const auto result = check(database, queries, options);
  for (int64_t i = 0; i < 2; ++i) {
    const std::vector<Scored> wanted = brute_force(database, queries, i, Metric::kDot);
    for (int64_t j = 0; j < options.k; ++j) {
      EXPECT_EQ(result.indices.real(i * options.k + j), wanted[static_cast<size_t>(j)].index);
    }
  }
}

TEST_P(VectorSearch, LeavesOutScoresBelowTheThreshold) {
  const HostArray database = rows(DType::kF32, 400, 16);
  const HostArray queries = rows(DType::kF32, 12, 16);
  const double middle = brute_force(database, queries, 0, Metric::kDot)[4].score;
  check(database, queries, {.k = 10, .threshold = middle - 1e-3});
  const auto none = check(database, queries, {.k = 3, .threshold = 1e9});
  EXPECT_EQ(none.indices.real(0), -1);
  check(database, queries, {.k = 3, .threshold = -1e9});
}

// The sampled limit is loose where one stretch of rows holds most of the good ones.
TEST_P(VectorSearch, MakesRoomForManyCandidates) {
  HostArray database = rows(DType::kF16, 6000, 8);
  for (int64_t i = 2000; i < 2900; ++i) {
    for (int64_t k = 0; k < 8; ++k) {
      database.set_real(i * 8 + k, 4 + 1e-2 * static_cast<double>((i * 7 + k) % 5));
    }
  }
  HostArray queries(DType::kF16, {3, 8});
  for (int64_t k = 0; k < 24; ++k) {
    queries.set_real(k, 1 + 0.1 * static_cast<double>(k % 3));
  }
  const auto result = check(database, queries, {.k = 7});
  // int8 lets the whole stretch pass; f16 the rows that share the best scores.
  EXPECT_GT(result.candidates, GetParam() == BackendPreference::kCpu ? 3 * 800 : 3 * 150);
}

// Every row ties with the limit, so nearly all of them are candidates, of some queries and not of
// others.
TEST_P(VectorSearch, FindsTheFirstOfRowsThatAllScoreTheSame) {
  constexpr int64_t kRows = 5000;
  HostArray database(DType::kF16, {kRows, 8});
  for (int64_t i = 0; i < database.elements(); ++i) {
    database.set_real(i, i % 8 == 7 ? static_cast<double>(i / 8 % 1000) : 0.5);
  }
  HostArray queries(DType::kF16, {5, 8});
  for (int64_t i = 0; i < 5; ++i) {
    queries.set_real(8 * i, static_cast<double>(i));
    queries.set_real(8 * i + 7, i % 2 == 0 ? 0 : 1);
  }
  const auto result = check(database, queries, {.k = 3, .repeats = 2});
  EXPECT_GE(result.candidates, 3 * kRows);
  EXPECT_EQ(result.search_seconds.size(), 2u);
  for (const int64_t i : {0, 2, 4}) {
    for (int64_t j = 0; j < 3; ++j) {
      EXPECT_EQ(result.indices.real(3 * i + j), static_cast<double>(j));
    }
  }
}

TEST_P(VectorSearch, TakesRowsOfVeryDifferentLengths) {
  HostArray database = rows(DType::kF32, 500, 16);
  HostArray queries = rows(DType::kF32, 6, 16);
  for (int64_t i = 0; i < 500; ++i) {
    const double factor = std::ldexp(1.0, static_cast<int>(i % 40) - 30);
    for (int64_t k = 0; k < 16; ++k) {
      database.set_real(i * 16 + k, i % 41 == 40 ? 0 : factor * database.real(i * 16 + k));
    }
  }
  for (int64_t k = 0; k < 16; ++k) {
    queries.set_real(k, 0);                                 // a zero query
    queries.set_real(16 + k, 1e-7 * queries.real(16 + k));  // subnormal in f16
  }
  check(database, queries, {.k = 10});
  check(database, queries, {.k = 10, .metric = Metric::kCosine});
  HostArray huge = rows(DType::kF32, 100, 16);
  huge.set_real(5, 1e30);
  check(huge, queries, {.k = 4, .metric = Metric::kCosine});
}

TEST_P(VectorSearch, RefusesWhatItCannotSearch) {
  const HostArray database = rows(DType::kF16, 20, 8);
  const HostArray queries = rows(DType::kF16, 4, 8);
  rejects(database, queries, {.k = 21}, "21 neighbours of 20 rows");
  rejects(database, queries, {.k = 0}, "k");
  rejects(HostArray(DType::kF16, {0, 8}), queries, {.k = 1}, "1 neighbours of 0 rows");
  rejects(HostArray(DType::kF16, {5, 0}), HostArray(DType::kF16, {5, 0}), {.k = 1}, "no elements");
  rejects(database, rows(DType::kF16, 4, 9), {}, "rows of 9 elements");
  rejects(HostArray(DType::kF16, {20}), queries, {}, "database");
  rejects(database, HostArray(DType::kF16, {4, 8, 1}), {}, "queries");
  rejects(HostArray(DType::kI8, {20, 8}), queries, {}, "i8");
  rejects(database, queries, {.threshold = std::nan("")}, "threshold");
  rejects(database, queries, {.repeats = 0}, "repeats");
  for (const double bad : {std::nan(""), HUGE_VAL}) {
    for (const Metric metric : {Metric::kDot, Metric::kCosine}) {
      HostArray spoilt = rows(DType::kF32, 20, 8);
      spoilt.set_real(17 * 8 + 3, bad);
      rejects(spoilt, rows(DType::kF32, 4, 8), {.metric = metric}, "database: row 17");
      rejects(rows(DType::kF32, 20, 8), spoilt, {.metric = metric}, "queries: row 17");
    }
  }
  HostArray beyond = rows(DType::kF32, 20, 8);
  beyond.set_real(3 * 8, 1e5);
  rejects(beyond, rows(DType::kF32, 4, 8), {}, "database: row 3");
  EXPECT_THROW(parse_metric("euclid"), Error);
}

TEST_P(VectorSearch, ReportsProgressAndStops) {
  const HostArray database = rows(DType::kF16, 300, 8);
  const HostArray queries = rows(DType::kF16, 4, 8);
  std::vector<double> fractions;
  VectorSearchOptions options;
  options.progress = [&](double fraction, std::string_view text) {
    EXPECT_FALSE(text.empty());
    EXPECT_GE(fraction, 0);
    EXPECT_LE(fraction, 1);
    fractions.push_back(fraction);
    return true;
  };
  check(database, queries, options);
  const size_t calls = fractions.size();
  EXPECT_GE(calls, 3u);
  for (size_t stop = 0; stop < calls; ++stop) {
    size_t call = 0;
    options.progress = [&](double, std::string_view) { return call++ < stop; };
    rejects(database, queries, options, "was stopped", ErrorCode::kCancelled);
  }
}

TEST_P(VectorSearch, AgreesWithExactSearchOnTheDigits) {
  const std::string data = INGOT_TEST_DATA "/../../../data/";
  const HostArray database = read_npy(data + "digits.npy");
  const HostArray queries = read_npy(data + "digits-queries.npy");
  for (const Metric metric : {Metric::kDot, Metric::kCosine}) {
    check(database, queries, {.k = 10, .metric = metric}, 7);
  }
}

TEST_P(VectorSearch, IsFoundAndRunByName) {
  const PipelineRecord& record = find_pipeline("vector-search");
  const HostArray database = rows(DType::kF16, 50, 8);
  const HostArray queries = rows(DType::kF16, 3, 8);
  const PipelineResult result =
      record.run(*backend_,
                 {{"queries", queries}, {"database", database}},
                 {{"k", 4}, {"metric", "cosine"}, {"threshold", -2.0}, {"recall_queries", 2}},
                 {});
  ASSERT_EQ(result.outputs.size(), record.outputs.size());
  EXPECT_EQ(result.outputs[0].name, "indices");
  EXPECT_EQ(result.outputs[0].array.shape(), (Shape{3, 4}));
  EXPECT_EQ(result.steps.size(), record.steps.size());
  EXPECT_EQ(result.figures[0].value, 1);

  const auto fails = [&](const std::vector<NamedArray>& inputs,
                         const std::vector<NamedValue>& params,
                         const std::string& word) {
    try {
      record.run(*backend_, inputs, params, {});
      ADD_FAILURE() << "was accepted";
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(word), std::string::npos) << error.what();
    }
  };
  const std::vector<NamedArray> both = {{"database", database}, {"queries", queries}};
  fails({{"database", database}}, {}, "queries");
  fails({{"database", database}, {"querys", queries}}, {}, "querys");
  fails(both, {{"k", 0}}, "k");
  fails(both, {{"k", 0.5}}, "k");
  fails(both, {{"metric", "euclid"}}, "metric");
  fails(both, {{"depth", 1}}, "depth");
  EXPECT_THROW(find_pipeline("vektor-search"), Error);
}

INSTANTIATE_TEST_SUITE_P(Devices,
                         VectorSearch,
                         testing::Values(BackendPreference::kCpu, BackendPreference::kSoftMetal),
                         [](const auto& instance) {
                           return instance.param == BackendPreference::kCpu ? "cpu" : "softmetal";
                         });

// More rows than a block and more queries than a batch: too long for softmetal.
TEST(VectorSearchInParts, GivesTheSameNeighbours) {
  std::mt19937_64 random(3);
  const auto integers = [&](int64_t n) {
    HostArray array(DType::kF16, {n, 6});
    for (int64_t i = 0; i < array.elements(); ++i) {
      array.set_real(i, static_cast<double>(random() % 64) - 32);
    }
    return array;
  };
  const HostArray database = integers(40'000);
  const HostArray queries = integers(1300);
  const VectorSearchOptions options{.k = 8};
  const auto result =
      vector_search(init_backend(BackendPreference::kCpu), database, queries, options);
  for (const int64_t i : {0, 1023, 1024, 1299}) {
    const std::vector<Scored> wanted = brute_force(database, queries, i, Metric::kDot);
    for (int64_t j = 0; j < options.k; ++j) {
      EXPECT_EQ(result.indices.real(i * options.k + j), wanted[static_cast<size_t>(j)].index);
      EXPECT_EQ(result.scores.real(i * options.k + j), wanted[static_cast<size_t>(j)].score);
    }
  }
}

}  // namespace
}  // namespace ingot
