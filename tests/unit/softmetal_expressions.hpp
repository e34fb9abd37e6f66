// Tests that evaluate expressions of MSL in one kernel.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {

class Expressions : public SoftMetal {
 protected:
  /// Runs a kernel that writes `expressions` as ulong and gives what it wrote.
  std::vector<std::uint64_t> integers(const std::vector<std::string>& expressions) {
    std::string source = "kernel void f(device ulong* out) {\n";
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      source += "  out[" + std::to_string(i) + "] = ulong(" + expressions[i] + ");\n";
    }
    const auto state = pipeline(source + "}\n", "f");
    const auto out = buffer(std::vector<std::uint64_t>(expressions.size(), 123456789));
    if (state) {
      EXPECT_EQ(run(state.get(), {out.get()}, {1, 1, 1}, {1, 1, 1}), "");
    }
    return values<std::uint64_t>(out.get());
  }
  void expect_integers(const std::vector<std::pair<std::string, std::int64_t>>& cases) {
    std::vector<std::string> expressions;
    for (const auto& [expression, value] : cases) {
      expressions.push_back(expression);
    }
    const auto result = integers(expressions);
    ASSERT_FALSE(HasFailure());
    for (std::size_t i = 0; i < cases.size(); ++i) {
      EXPECT_EQ(static_cast<std::int64_t>(result[i]), cases[i].second) << cases[i].first;
    }
  }
  /// Each expression must be true.
  void expect_true(const std::vector<std::string>& expressions) {
    const auto result = integers(expressions);
    ASSERT_FALSE(HasFailure());
    for (std::size_t i = 0; i < expressions.size(); ++i) {
      EXPECT_EQ(result[i], 1u) << expressions[i];
    }
  }
};

}  // namespace softmetal::testing
