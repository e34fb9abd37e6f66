// Which words a kernel can reach.
#include "gtest/gtest.h"

#include "msl/analysis.hpp"
#include "msl/reader.hpp"

namespace ingot::msl {
namespace {

TEST(MslAnalysis, FollowsNamesFromAKernel) {
  const Module module = read_module(R"(
float leaf(float x) { return simd_sum(x); }
struct Sum { float total(float x) { return leaf(x); } };
struct Copy { float value; };
struct Wrapped { float v; Wrapped operator+(Wrapped o) { quad_sum(v); return *this; } };
template <class Op> kernel void apply(device float* x) { Op op; x[0] = 1; }
template [[host_name("apply_sum")]] kernel decltype(apply<Sum>) apply<Sum>;
template [[host_name("apply_copy")]] kernel decltype(apply<Copy>) apply<Copy>;
kernel void plain(device float* x, uint i [[thread_position_in_grid]]) { x[i] += 1; }
)",
                                    "f.metal");
  const auto reaches = [&](const char* kernel, const char* word) {
    return words_reached(module, *module.find(kernel)).contains(word);
  };
  EXPECT_TRUE(reaches("apply_sum", "simd_sum"));  // through its template argument
  EXPECT_FALSE(reaches("apply_copy", "simd_sum"));
  EXPECT_FALSE(reaches("plain", "simd_sum"));
  EXPECT_TRUE(reaches("plain", "i"));
  EXPECT_TRUE(reaches("plain", "quad_sum"));  // an operator is called without its name
}

}  // namespace
}  // namespace ingot::msl
