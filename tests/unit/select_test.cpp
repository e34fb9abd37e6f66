// The routing table and what is chosen from it.
#include "select/select.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "catalogue/catalogue.hpp"
#include "core/text.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot {
namespace {

Work with(std::vector<std::pair<std::string, std::string>> params) {
  return {.shapes = {}, .dtype = {}, .params = std::move(params)};
}

std::string chosen(std::string_view operation, const Work& work) {
  std::string text;
  for (const Selection::Choice& choice : select(operation, Facts(work)).choices) {
    text += (text.empty() ? "" : " ") + std::string(choice.step.kernel);
  }
  return text;
}

// Values of a fact around every limit that a condition of the operation compares it with, and far
// from them.
std::vector<std::string> values_around(const FactSpec& fact,
                                       const std::vector<const Rule*>& rules) {
  if (fact.kind == FactSpec::Kind::kFlag) {
    return {"true", "false"};
  }
  std::vector<std::string> values;
  for (const Rule* rule : rules) {
    for (const std::string_view word : split_words(rule->condition.text())) {
      const bool is_number = std::isdigit(static_cast<unsigned char>(word[0])) != 0;
      if (is_number && fact.kind == FactSpec::Kind::kNumber) {
        const double limit = std::stod(std::string(word));
        for (const double value : {limit * 0.9, limit, limit * 1.1, limit + 1}) {
          values.push_back(std::to_string(value));
        }
      } else if (!is_number && fact.kind == FactSpec::Kind::kWord) {
        values.emplace_back(word);
      }
    }
  }
  if (fact.kind == FactSpec::Kind::kNumber) {
    for (const char* value : {"1", "2", "3", "16", "100", "4096", "1000000000", "1073741824"}) {
      values.emplace_back(value);
    }
  }
  return values;
}

// Calls `act` for every combination of the values of the facts that the rules ask for.
template <class F>
void for_each_case(const std::vector<const Rule*>& rules, F&& act) {
  std::set<std::string_view> names;
  for (const Rule* rule : rules) {
    for (const std::string_view fact : rule->condition.facts()) {
      names.insert(fact);
    }
  }
  std::vector<Work> cases = {with({})};
  for (const std::string_view name : names) {
    std::vector<Work> more;
    for (const std::string& value : values_around(find_fact(name), rules)) {
      for (Work work : cases) {
        work.params.emplace_back(name, value);
        more.push_back(std::move(work));
      }
    }
    cases = std::move(more);
  }
  for (const Work& work : cases) {
    act(Facts(work));
  }
}

std::set<std::string_view> operations() {
  std::set<std::string_view> names;
  for (const Rule& rule : routing()) {
    names.insert(rule.operations.begin(), rule.operations.end());
  }
  return names;
}

TEST(Routing, HasTheRowsOfTheSpecification) {
  EXPECT_EQ(routing().size(), 98U);
}

TEST(Routing, TheLastRowIsForTheRestAndTheOnlyOneForAll) {
  for (const std::string_view operation : operations()) {
    const auto rules = rules_of(operation);
    for (size_t i = 0; i < rules.size(); ++i) {
      const std::string_view text = rules[i]->condition.text();
      if (text == "any") {
        EXPECT_EQ(rules.size(), 1U) << operation;
      } else if (text == "otherwise") {
        EXPECT_GT(i, 0U) << operation;
        EXPECT_EQ(i + 1, rules.size()) << operation;
      }
    }
  }
}

// No hole: some row holds in each case. No row in vain: each is the first that holds in some case.
// stencil has a hole on purpose: only two and three dimensions can be served.
TEST(Routing, EveryCaseHasARowAndEveryRowACase) {
  for (const std::string_view operation : operations()) {
    const auto rules = rules_of(operation);
    std::set<const Rule*> reached;
    for_each_case(rules, [&](const Facts& facts) {
      const auto first = std::ranges::find_if(
          rules, [&](const Rule* rule) { return !rule->adds && rule->condition.holds(facts); });
      if (first != rules.end()) {
        reached.insert(*first);
      } else if (operation != "stencil" && operation != "gradient_clip") {
        ADD_FAILURE() << operation << " has no row for a case";
      }
      for (const Rule* rule : rules) {
        if (rule->adds && rule->condition.holds(facts)) {
          reached.insert(rule);
        }
      }
    });
    for (const Rule* rule : rules) {
      EXPECT_TRUE(reached.contains(rule)) << operation << ": " << rule->condition.text();
    }
  }
}

// Rows that hold in the same case are in the order in which the first is meant to win; there are
// few, and they are known.
TEST(Routing, OverlapsAreKnown) {
  std::set<std::string_view> overlapping;
  for (const std::string_view operation : operations()) {
    const auto rules = rules_of(operation);
    for_each_case(rules, [&](const Facts& facts) {
      const auto holding = std::ranges::count_if(rules, [&](const Rule* rule) {
        return !rule->adds && rule->condition.text() != "otherwise" && rule->condition.holds(facts);
      });
      if (holding > 1) {
        overlapping.insert(operation);
      }
    });
  }
  EXPECT_EQ(overlapping, (std::set<std::string_view>{"fft", "frequency_analysis"}));
}

TEST(Routing, EveryOperationIsChosenForAtBothEnds) {
  for (const int64_t size : {int64_t{16}, int64_t{1} << 30}) {
    const Work work = {.shapes = {{2, 3, size, 8}, {size}},
                       .dtype = DType::kF32,
                       .params = {{"k", "4"}, {"density", "0.01"}, {"dimensions", "2"}}};
    for (const std::string_view operation : operations()) {
      EXPECT_FALSE(select(operation, Facts(work)).choices.empty()) << operation;
    }
  }
}

TEST(Select, GivesTheKernelsOfTheFirstRowThatHolds) {
  const auto size = [](int64_t n) { return Work{.shapes = {{n}}, .dtype = {}, .params = {}}; };
  EXPECT_EQ(chosen("sort", size(32768)), "SORT_BITONIC");
  EXPECT_EQ(chosen("sort", size(32769)), "SORT_RADIX");
  EXPECT_EQ(chosen("sort", size(65536)), "SORT_RADIX");
  EXPECT_EQ(chosen("vector_norm", size(100000)), "MAP_REDUCE_SQUARE_SUM");
  EXPECT_EQ(chosen("vector_norm", size(100001)), "REDUCE_L2");
  EXPECT_EQ(chosen("filter_threshold", {}), "MAP_COMPARE COMPACT_MASK");
  EXPECT_EQ(chosen("swish", {}), "MAP_SILU");
  EXPECT_EQ(chosen("top_k", with({{"n", "1000"}, {"k", "99"}})), "TOPK_SELECT");
  EXPECT_EQ(chosen("top_k", with({{"n", "1000"}, {"k", "100"}})), "SORT_RADIX");
  EXPECT_EQ(chosen("spmv", with({{"density", "0.05"}})), "MATVEC");
  EXPECT_EQ(chosen("sgd_step", {}), "OPT_SGD");
  EXPECT_EQ(chosen("sgd_step", with({{"momentum", "0.9"}})), "OPT_SGD_MOMENTUM");
}

TEST(Select, ReadsShapesAndDtypes) {
  const auto attention = [](int64_t length) {
    return Work{.shapes = {{1, 32, length, 128}}, .dtype = {}, .params = {}};
  };
  EXPECT_EQ(chosen("attention", attention(2047)), "ATTENTION_SDPA");
  EXPECT_EQ(chosen("attention", attention(2048)), "ATTENTION_FLASH");
  const auto transform = [](int64_t length) {
    return Work{.shapes = {{10, length}}, .dtype = {}, .params = {{"real_input", "false"}}};
  };
  EXPECT_EQ(chosen("fft", transform(64)), "FFT_RADIX2");
  EXPECT_EQ(chosen("fft", transform(256)), "FFT_RADIX4");
  EXPECT_EQ(chosen("fft", transform(512)), "FFT_RADIX2");
  EXPECT_EQ(chosen("fft", transform(1000)), "FFT_RADIX2");
  EXPECT_EQ(chosen("conv1d", {.shapes = {{1, 1, 9000}, {1, 1, 65}}, .dtype = {}, .params = {}}),
            "FFT_CONV1D");
  const auto weights = [](DType dtype) { return Work{.shapes = {}, .dtype = dtype, .params = {}}; };
  EXPECT_EQ(chosen("quantize_weights", weights(DType::kF16)), "QUANTIZE_F16_TO_I8");
  EXPECT_EQ(chosen("quantize_weights", weights(DType::kF32)), "QUANTIZE_F32_TO_F16");
  EXPECT_EQ(chosen("stencil", {.shapes = {{8, 8, 8}}, .dtype = {}, .params = {}}),
            "SIM_STENCIL_3D");
}

TEST(Select, AddsTheKernelsOfRowsThatAdd) {
  const Work work = {
      .shapes = {{1, 8, 4096, 64}}, .dtype = {}, .params = {{"position_encoding", "rope"}}};
  EXPECT_EQ(chosen("attention", work), "ATTENTION_FLASH ROPE_PRECOMPUTE ROPE_APPLY");
}

TEST(Select, SaysWhyAndWhatThisVersionLacks) {
  const Selection known = select("softmax", Facts(with({{"row", "100"}})));
  EXPECT_TRUE(known.is_served());
  EXPECT_EQ(known.choices[0].record, &find_kernel("SOFTMAX_STABLE"));
  EXPECT_EQ(known.reason, "row <= 8192 holds (row = 100)");
  for (const Rule& rule : routing()) {
    for (const Step& step : rule.steps) {
      const auto records = catalogue();
      const bool present =
          std::ranges::find(records, step.kernel, &KernelRecord::id) != records.end();
      EXPECT_EQ(kernel_or_null(step.kernel) != nullptr, present) << step.kernel;
    }
  }
}

TEST(Select, ErrorsNameWhatIsMissing) {
  EXPECT_NE(refusal([] { chosen("sofmax", {}); }).find("did you mean softmax"), std::string::npos);
  EXPECT_NE(refusal([] { chosen("top_k", with({{"n", "10"}})); }).find("--param k="),
            std::string::npos);
  EXPECT_NE(refusal([] { chosen("sort", with({{"sise", "10"}})); }).find("sise"),
            std::string::npos);
  for (const char* value : {"-1", "nan", "inf", "1e999", "ten", "", "10x"}) {
    EXPECT_NE(refusal([&] { chosen("sort", with({{"n", value}})); }).find("is not a number"),
              std::string::npos)
        << value;
  }
  EXPECT_NE(refusal([] { chosen("fft", with({{"real_input", "yes"}})); }).find("true nor false"),
            std::string::npos);
  EXPECT_NE(refusal([] { chosen("stencil", with({{"dimensions", "4"}})); }).find("no row fits"),
            std::string::npos);
}

TEST(Routing, RefusesWhatItDoesNotUnderstand) {
  for (const char* row : {"sort | n << 5 | A",
                          "sort | n < | A",
                          "sort | n < five | A",
                          "sort | n < 5 or n > 9 | A",
                          "sort | size < 5 | A",
                          "sort | dtype < f16 | A",
                          "sort | n is prime | A",
                          "sort | not | A",
                          "sort | any |",
                          "sort | any | A B",
                          "sort | any | A >",
                          "sort | any",
                          "sort | any | A | note | more",
                          "| any | A"}) {
    EXPECT_NE(refusal([&] { parse_routing(row); }).find("routing table, line 1"), std::string::npos)
        << row;
  }
}

}  // namespace
}  // namespace ingot
