// Every shader of the catalogue passes strict mode.
#include <algorithm>
#include <cctype>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "core/embedded.hpp"
#include "runtime/shaders.hpp"
#include "softmetal/strict.hpp"

namespace ingot::embedded {
extern const std::span<const EmbeddedFile> shaders;
}

namespace ingot {
namespace {

std::vector<std::string> shader_paths() {
  std::vector<std::string> paths;
  for (const EmbeddedFile& file : embedded::shaders) {
    if (file.path.ends_with(".metal")) {
      paths.emplace_back(file.path);
    }
  }
  return paths;
}

class StrictKernels : public ::testing::TestWithParam<std::string> {};

TEST_P(StrictKernels, HaveNoProblems) {
  for (const softmetal::Diagnostic& problem :
       softmetal::find_problems(load_shader(GetParam()).text, {})) {
    ADD_FAILURE() << to_string(problem);
  }
}

INSTANTIATE_TEST_SUITE_P(
    Shaders, StrictKernels, ::testing::ValuesIn(shader_paths()), [](const auto& test) {
      std::string name = test.param;
      std::replace_if(
          name.begin(), name.end(), [](unsigned char c) { return std::isalnum(c) == 0; }, '_');
      return name;
    });

TEST(StrictKernels, AreAllThere) {
  EXPECT_GE(shader_paths().size(), 16u);
}

}  // namespace
}  // namespace ingot
