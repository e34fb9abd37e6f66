// SIMD-group and quad-group functions of every type that MSL allows.
#include <algorithm>
#include <cstdint>
#include <functional>
#include <numeric>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

// The functions of one value a lane, and what lane l must get of the values v of its group of
// `width` lanes. The values are small enough to be exact in every type.
struct Function {
  std::string expression;  // of v, and of w = v + 1
  std::function<int(const std::vector<int>& v, int lane, int width)> expected;
};

int fold(const std::vector<int>& v, std::size_t count, int start, int (*combine)(int, int)) {
  return std::accumulate(v.begin(), v.begin() + static_cast<std::ptrdiff_t>(count), start, combine);
}
int plus(int a, int b) {
  return a + b;
}
int times(int a, int b) {
  return a * b;
}

const std::vector<Function>& functions() {
  using V = const std::vector<int>&;
  static const std::vector<Function> all = {
      {"sum(v)", [](V v, int, int) { return fold(v, v.size(), 0, plus); }},
      {"product(v)", [](V v, int, int) { return fold(v, v.size(), 1, times); }},
      {"min(v)", [](V v, int, int) { return *std::min_element(v.begin(), v.end()); }},
      {"max(v)", [](V v, int, int) { return *std::max_element(v.begin(), v.end()); }},
      {"prefix_inclusive_sum(v)", [](V v, int l, int) { return fold(v, l + 1, 0, plus); }},
      {"prefix_exclusive_sum(v)", [](V v, int l, int) { return fold(v, l, 0, plus); }},
      {"prefix_inclusive_product(v)", [](V v, int l, int) { return fold(v, l + 1, 1, times); }},
      {"prefix_exclusive_product(v)", [](V v, int l, int) { return fold(v, l, 1, times); }},
      {"broadcast(v, 2)", [](V v, int, int) { return v[2]; }},
      {"broadcast_first(v)", [](V v, int, int) { return v[0]; }},
      {"shuffle(v, 3 - lane % 4)", [](V v, int l, int) { return v[3 - l % 4]; }},
      {"shuffle_up(v, 2)", [](V v, int l, int) { return v[l < 2 ? l : l - 2]; }},
      {"shuffle_down(v, 2)", [](V v, int l, int w) { return v[l + 2 < w ? l + 2 : l]; }},
      {"shuffle_xor(v, 3)", [](V v, int l, int) { return v[l ^ 3]; }},
      {"shuffle_rotate_up(v, 1)", [](V v, int l, int w) { return v[(l + w - 1) % w]; }},
      {"shuffle_rotate_down(v, 1)", [](V v, int l, int w) { return v[(l + 1) % w]; }},
      {"shuffle_and_fill_up(v, w, 1)",
       [](V v, int l, int w) { return l == 0 ? v[w - 1] + 1 : v[l - 1]; }},
      {"shuffle_and_fill_down(v, w, 1)",
       [](V v, int l, int w) { return l == w - 1 ? v[0] + 1 : v[l + 1]; }},
      {"shuffle_and_fill_up(v, w, 1, 2)",
       [](V v, int l, int) { return l % 2 == 0 ? v[l + 1] + 1 : v[l - 1]; }},
      {"shuffle_and_fill_down(v, w, 1, 2)",
       [](V v, int l, int) { return l % 2 == 1 ? v[l - 1] + 1 : v[l + 1]; }},
  };
  return all;
}
const std::vector<Function>& functions_of_bits() {
  using V = const std::vector<int>&;
  static const std::vector<Function> all = {
      {"and(v)",
       [](V v, int, int) { return fold(v, v.size(), -1, [](int a, int b) { return a & b; }); }},
      {"or(v)",
       [](V v, int, int) { return fold(v, v.size(), 0, [](int a, int b) { return a | b; }); }},
      {"xor(v)",
       [](V v, int, int) { return fold(v, v.size(), 0, [](int a, int b) { return a ^ b; }); }},
  };
  return all;
}

// Lane values: mostly 1, so that products stay small.
int value_of(int lane) {
  return lane % 8 == 3 ? 2 : lane == 13 ? 3 : 1;
}

class SimdTypes : public SoftMetal {
 protected:
  void expect(const std::vector<std::string>& types, std::vector<Function> chosen) {
    std::string source, calls;
    for (const char* prefix : {"simd_", "quad_"}) {
      for (const Function& function : chosen) {
        source += std::string("  put(out, ") + prefix + function.expression + ");\n";
      }
    }
    for (const std::string& type : types) {
      calls += "  all<" + type + ">(out, lane);\n";
    }
    const auto state = pipeline(R"(
      template <class T> void put(thread device int*& out, T v) { *out++ = int(v); }
      template <class T> void put(thread device int*& out, vec<T, 2> v) {
        *out++ = int(v.x) == int(v.y) + 1 ? int(v.x) : -1;
      }
      template <class T> void all(thread device int*& out, ushort lane) {
        const int number = lane % 8 == 3 ? 2 : lane == 13 ? 3 : 1;
        const T v = T(number), w = T(number + 1);
)" + source + R"(}
      kernel void f(device int* results, constant uint& per_lane,
                    ushort lane [[thread_index_in_simdgroup]]) {
        device int* out = results + per_lane * lane;
)" + calls + "}",
                                "f");
    ASSERT_TRUE(state);
    const std::size_t per_lane = 2 * chosen.size() * types.size();
    const auto out = buffer(std::vector<std::int32_t>(32 * per_lane, -99));
    const auto stride = buffer(std::vector<std::uint32_t>{static_cast<std::uint32_t>(per_lane)});
    ASSERT_EQ(run(state.get(), {out.get(), stride.get()}, {32, 1, 1}, {32, 1, 1}), "");
    const auto result = values<std::int32_t>(out.get());
    for (int lane = 0; lane < 32; ++lane) {
      std::size_t at = per_lane * static_cast<std::size_t>(lane);
      for (const std::string& type : types) {
        for (const int width : {32, 4}) {
          std::vector<int> group;
          for (int l = lane / width * width; l < lane / width * width + width; ++l) {
            group.push_back(value_of(l));
          }
          for (const Function& function : chosen) {
            ASSERT_EQ(result[at++], function.expected(group, lane % width, width))
                << type << " " << function.expression << " of " << width << ", lane " << lane;
          }
        }
      }
    }
  }
};

// All functions of one type, and one function of each kind of the others: each takes its time to
// compile.
std::vector<Function> some(const std::vector<std::string>& expressions) {
  std::vector<Function> chosen;
  for (const auto* list : {&functions(), &functions_of_bits()}) {
    for (const Function& function : *list) {
      if (std::find(expressions.begin(), expressions.end(), function.expression) !=
          expressions.end()) {
        chosen.push_back(function);
      }
    }
  }
  return chosen;
}

TEST_F(SimdTypes, Integers) {
  std::vector<Function> all = functions();
  all.insert(all.end(), functions_of_bits().begin(), functions_of_bits().end());
  expect({"short"}, all);
  expect({"char", "uchar", "ushort", "uint", "long", "ulong"},
         some({"sum(v)", "max(v)", "shuffle_down(v, 2)", "xor(v)"}));
}
TEST_F(SimdTypes, FloatingPoint) {
  expect({"half"}, functions());
  expect({"float", "bfloat"}, some({"product(v)", "min(v)", "prefix_inclusive_sum(v)"}));
}

// Vectors go component by component.
TEST_F(SimdTypes, Vectors) {
  const auto state = pipeline(R"(
    template <class V> int all(ushort lane) {
      using T = make_scalar_t<V>;
      const V v = V(T(lane % 4), T(1), T(lane == 5 ? 2 : 1), T(lane));
      int bad = 0;
      bad += !metal::all(simd_sum(V(T(1))) == V(T(32)));
      bad += !metal::all(simd_product(v.yzyy) == V(1, 2, 1, 1));
      bad += !metal::all(simd_max(v) == V(3, 1, 2, 31)) + !metal::all(simd_min(v) == V(0, 1, 1, 0));
      bad += !metal::all(quad_sum(v.xyyy) == V(6, 4, 4, 4));
      bad += !metal::all(simd_shuffle_xor(v, 1) == V(T(lane % 4 ^ 1), 1, lane == 4 ? 2 : 1, lane ^ 1));
      bad += !metal::all(simd_prefix_exclusive_sum(V(T(1))) == V(T(lane)));
      bad += !metal::all(simd_broadcast(v, 5) == V(1, 1, 2, 5));
      return bad;
    }
    kernel void f(device int* out, ushort lane [[thread_index_in_simdgroup]]) {
      out[lane] = all<char4>(lane) + all<bfloat4>(lane) +
                  !metal::all(simd_or(uint2(lane, 1 << lane % 8)) == uint2(31, 255));
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::int32_t>(32, -1));
  ASSERT_EQ(run(state.get(), {out.get()}, {32, 1, 1}, {32, 1, 1}), "");
  EXPECT_EQ(values<std::int32_t>(out.get()), std::vector<std::int32_t>(32, 0));
}

TEST_F(SimdTypes, VotesKnowWhoIsActive) {
  const auto state = pipeline(R"(
    kernel void f(device uint* out, ushort lane [[thread_index_in_simdgroup]]) {
      uint r = 0;
      r |= simd_ballot(true).all() ? 1 : 0;
      r |= simd_ballot(lane == 3).any() ? 2 : 0;
      r |= simd_ballot(false).any() ? 4 : 0;
      if (lane < 20) {
        r |= simd_ballot(true).all() ? 8 : 0;          // not all threads are here
        r |= simd_all(lane < 20) ? 16 : 0;
        r |= uint(simd_vote::vote_t(simd_active_threads_mask())) == 0xfffff ? 32 : 0;
        r |= quad_vote::vote_t(quad_ballot(lane % 2 == 0)) == 5 ? 64 : 0;
        r |= quad_any(lane == 9) ? 128 : 0;
      }
      r |= quad_all(lane < 20) ? 256 : 0;
      r |= quad_is_first() ? 512 : 0;
      r |= simd_vote(0xffffffff).all() ? 1024 : 0;
      out[lane] = r;
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<std::uint32_t>(32));
  ASSERT_EQ(run(state.get(), {out.get()}, {32, 1, 1}, {32, 1, 1}), "");
  const auto result = values<std::uint32_t>(out.get());
  for (unsigned lane = 0; lane < 32; ++lane) {
    const unsigned expected = 3 + 1024 + (lane % 4 == 0 ? 512 : 0) +
                              (lane < 20 ? 16 + 32 + 64 + 256 + (lane / 4 == 2 ? 128 : 0) : 0);
    EXPECT_EQ(result[lane], expected) << lane;
  }
}

}  // namespace
}  // namespace softmetal::testing
