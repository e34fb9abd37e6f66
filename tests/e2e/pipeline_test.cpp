// The pipelines, on real data and on bad input.
#include <algorithm>
#include <cmath>
#include <limits>

#include "core/npy.hpp"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

class VectorSearch : public ProgramTest {
 protected:
  VectorSearch() {
    for (const std::string& name : {"digits.npy", "digits-queries.npy"}) {
      std::filesystem::copy(std::string(INGOT_DATA) + "/" + name, path(name));
    }
  }

  Outcome search(const std::string& options,
                 const std::string& database = "digits.npy",
                 const std::string& queries = "digits-queries.npy") const {
    return shell("ingot pipeline vector-search --device cpu --database " + database +
                 " --queries " + queries + " " + options);
  }
};

// Scores of one query with all rows, in double.
std::vector<double> scores_of(const HostArray& database, const HostArray& queries, int64_t query) {
  const int64_t width = database.shape()[1];
  std::vector<double> scores;
  for (int64_t row = 0; row < database.shape()[0]; ++row) {
    double dot = 0;
    for (int64_t i = 0; i < width; ++i) {
      dot += database.real(row * width + i) * queries.real(query * width + i);
    }
    scores.push_back(dot);
  }
  return scores;
}

TEST_F(VectorSearch, FindsTheNeighboursThatExactSearchFinds) {
  constexpr int64_t kNeighbours = 10;
  const Outcome outcome = search("--k 10 -o neighbours.npy --scores scores.npy");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("recall"), std::string::npos) << outcome.out;
  const HostArray neighbours = read_npy(path("neighbours.npy"));
  const HostArray scores = read_npy(path("scores.npy"));
  ASSERT_EQ(neighbours.dtype(), DType::kI64);
  ASSERT_EQ(neighbours.shape(), Shape({100, kNeighbours}));
  ASSERT_EQ(scores.shape(), neighbours.shape());

  const HostArray database = read_npy(path("digits.npy"));
  const HostArray queries = read_npy(path("digits-queries.npy"));
  int64_t found = 0;
  for (int64_t query = 0; query < 100; ++query) {
    const std::vector<double> exact = scores_of(database, queries, query);
    std::vector<double> best = exact;
    std::nth_element(best.begin(), best.begin() + kNeighbours - 1, best.end(), std::greater<>());
    for (int64_t i = 0; i < kNeighbours; ++i) {
      const auto row = static_cast<size_t>(neighbours.real(query * kNeighbours + i));
      ASSERT_LT(row, exact.size());
      EXPECT_NEAR(scores.real(query * kNeighbours + i), exact[row], 1e-5 * exact[row]);
      found += exact[row] >= best[kNeighbours - 1] ? 1 : 0;
    }
  }
  EXPECT_GE(found, 950);
}

TEST_F(VectorSearch, ByCosineEveryImageIsItsOwnNearest) {
  const Outcome outcome = search("--metric cosine --k 3 -o neighbours.npy --json");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.out;
  const auto document = outcome.json();
  EXPECT_FALSE(document["steps"].empty());
  EXPECT_FALSE(document["figures"].empty());
  const HostArray neighbours = read_npy(path("neighbours.npy"));
  for (int64_t query = 0; query < 100; ++query) {
    EXPECT_EQ(neighbours.real(query * 3), static_cast<double>(query));
  }
}

TEST_F(VectorSearch, BadInputIsNamedAndLeavesNoOutput) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  write_npy(path("nan.npy"), HostArray::of<float>({1, 2, kNan, 4}, {2, 2}));
  write_npy(path("good.npy"), HostArray::of<float>({1, 2, 3, 4}, {2, 2}));
  write_npy(path("flat.npy"), HostArray::of<float>({1, 2, 3, 4}));
  write_npy(path("ints.npy"), HostArray::of<int32_t>({1, 2, 3, 4}, {2, 2}));
  write("cut.npy", text("digits.npy").substr(0, 1000));
  const std::set<std::string> before = files();
  const struct {
    std::string options, database, queries;
    int exit_code;
  } kCases[] = {{"--k 3", "good.npy", "good.npy", 1},
                {"--k 1", "nan.npy", "good.npy", 1},
                {"--k 1", "good.npy", "nan.npy", 1},
                {"--k 1", "flat.npy", "good.npy", 1},
                {"--k 1", "ints.npy", "good.npy", 1},
                {"--k 1", "digits.npy", "good.npy", 1},
                {"--k 1", "cut.npy", "digits-queries.npy", 1},
                {"--k 1", "missing.npy", "digits-queries.npy", 1},
                {"--k ten", "good.npy", "good.npy", 2},
                {"--metric l7", "good.npy", "good.npy", 2},
                {"--k 1 --device gpu", "good.npy", "good.npy", 2}};
  for (const auto& bad : kCases) {
    const Outcome outcome = search(bad.options + " -o out.npy", bad.database, bad.queries);
    EXPECT_EQ(outcome.exit_code, bad.exit_code) << bad.options << bad.database << outcome.err;
    EXPECT_TRUE(outcome.err.starts_with("ingot: ")) << outcome.err;
    EXPECT_EQ(files(), before);
  }
}

TEST_F(VectorSearch, IsListed) {
  const auto document = ingot({"pipeline", "list", "--json"}).json();
  EXPECT_NE(document.dump().find("vector-search"), std::string::npos);
  EXPECT_EQ(ingot({"pipeline"}).exit_code, 2);
  EXPECT_EQ(ingot({"pipeline", "nonsense"}).exit_code, 2);
  EXPECT_NE(ingot({"pipeline", "vector-search", "--help"}).out.find("Example"), std::string::npos);
}

}  // namespace
}  // namespace ingot
