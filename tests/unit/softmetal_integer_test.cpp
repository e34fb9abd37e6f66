// Integer functions of every type against 128-bit arithmetic; conversions; shifts of vectors.
#include <bit>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <type_traits>

#include "tests/unit/softmetal_expressions.hpp"

namespace softmetal::testing {
namespace {

using Wide = __int128;

template <class T>
Wide saturated(Wide exact) {
  return std::min<Wide>(std::max<Wide>(exact, std::numeric_limits<T>::min()),
                        std::numeric_limits<T>::max());
}

template <class T>
Wide floor_half(T x, T y, int carry) {
  const Wide sum = Wide(x) + y + carry;
  return (sum - (sum & 1)) / 2;
}

// What each expression of x, y and z must be, modulo the type's size.
template <class T>
struct Function {
  std::string expression;
  std::function<Wide(T, T, T)> expected;
};
template <class T>
std::vector<Function<T>> functions() {
  using U = std::make_unsigned_t<T>;
  constexpr int kBits = sizeof(T) * 8;
  const auto mulhi = [](T x, T y) -> Wide {
    if constexpr (std::is_signed_v<T>) {
      return (Wide(x) * y) >> kBits;
    } else {
      return static_cast<Wide>((static_cast<unsigned __int128>(x) * y) >> kBits);
    }
  };
  std::vector<Function<T>> all = {
      {"abs(x)", [](T x, T, T) { return x < 0 ? -Wide(x) : Wide(x); }},
      {"absdiff(x, y)", [](T x, T y, T) { return x > y ? Wide(x) - y : Wide(y) - x; }},
      {"addsat(x, y)", [](T x, T y, T) { return saturated<T>(Wide(x) + y); }},
      {"subsat(x, y)", [](T x, T y, T) { return saturated<T>(Wide(x) - y); }},
      {"clz(x)", [](T x, T, T) { return Wide(std::countl_zero(U(x))); }},
      {"ctz(x)", [](T x, T, T) { return Wide(std::countr_zero(U(x))); }},
      {"popcount(x)", [](T x, T, T) { return Wide(std::popcount(U(x))); }},
      {"reverse_bits(x)",
       [](T x, T, T) {
         Wide reversed = 0;
         for (int i = 0; i < kBits; ++i) {
           reversed |= Wide(U(x) >> i & 1) << (kBits - 1 - i);
         }
         return reversed;
       }},
      {"hadd(x, y)", [](T x, T y, T) { return floor_half(x, y, 0); }},
      {"rhadd(x, y)", [](T x, T y, T) { return floor_half(x, y, 1); }},
      {"max(x, y)", [](T x, T y, T) { return Wide(std::max(x, y)); }},
      {"min(x, y)", [](T x, T y, T) { return Wide(std::min(x, y)); }},
      {"mulhi(x, y)", [=](T x, T y, T) { return mulhi(x, y); }},
      {"madhi(x, y, z)", [=](T x, T y, T z) { return mulhi(x, y) + z; }},
      {"rotate(x, y)", [](T x, T y, T) { return Wide(std::rotl(U(x), U(y) % kBits)); }},
      {"max3(x, y, z)", [](T x, T y, T z) { return Wide(std::max({x, y, z})); }},
      {"min3(x, y, z)", [](T x, T y, T z) { return Wide(std::min({x, y, z})); }},
      {"median3(x, y, z)",
       [](T x, T y, T z) { return Wide(std::max(std::min(x, y), std::min(std::max(x, y), z))); }},
      {"clamp(x, min(y, z), max(y, z))",
       [](T x, T y, T z) { return Wide(std::clamp(x, std::min(y, z), std::max(y, z))); }},
      {"extract_bits(x, 3, 4)",
       [](T x, T, T) {
         const int field = static_cast<int>(U(x) >> 3 & 15);
         return Wide(std::is_signed_v<T> && field > 7 ? field - 16 : field);
       }},
      {"extract_bits(x, 2, 0)", [](T, T, T) { return Wide(0); }},
      {"insert_bits(x, y, 3, 4)",
       [](T x, T y, T) { return (Wide(U(x)) & ~Wide(0x78)) | (Wide(U(y)) << 3 & 0x78); }},
      {"insert_bits(x, y, 0, " + std::to_string(kBits) + ")", [](T, T y, T) { return Wide(y); }},
      {"madsat(x, y, z)",
       [](T x, T y, T z) -> Wide {
         if constexpr (std::is_signed_v<T>) {
           return saturated<T>(Wide(x) * y + z);
         } else {
           const auto exact = static_cast<unsigned __int128>(x) * y + z;
           return exact > std::numeric_limits<T>::max() ? std::numeric_limits<T>::max()
                                                        : static_cast<Wide>(exact);
         }
       }},
  };
  if (sizeof(T) == 4) {
    // Of 24 bits; what lies above is the implementation's choice.
    all.push_back({"mul24(x >> 8, y >> 8)", [](T x, T y, T) { return Wide(x >> 8) * (y >> 8); }});
    all.push_back(
        {"mad24(x >> 8, y >> 8, z)", [](T x, T y, T z) { return Wide(x >> 8) * (y >> 8) + z; }});
  }
  return all;
}

class Integers : public Expressions {
 protected:
  template <class T>
  void expect(const std::string& type) {
    std::vector<T> inputs;
    const T special[] = {0,
                         1,
                         2,
                         static_cast<T>(-1),
                         std::numeric_limits<T>::min(),
                         std::numeric_limits<T>::max(),
                         static_cast<T>(std::numeric_limits<T>::max() - 1),
                         static_cast<T>(std::numeric_limits<T>::min() + 1),
                         static_cast<T>(0x55)};
    for (const T x : special) {
      for (const T y : special) {
        for (const T z : special) {
          inputs.insert(inputs.end(), {x, y, z});
        }
      }
    }
    std::mt19937_64 generator(1);
    while (inputs.size() < 3 * 2048) {
      inputs.push_back(static_cast<T>(generator() >> generator() % 64));
    }
    const auto all = functions<T>();
    std::string scalars, vectors;
    for (std::size_t f = 0; f < all.size(); ++f) {
      const std::string at = std::to_string(f) + " * n + i] = ";
      scalars += "  out[" + at + all[f].expression + ";\n";
      vectors += "  out[" + at + "vec<T, 2>(" + all[f].expression + ");\n";
    }
    const auto state = pipeline("typedef " + type + R"( T;
      void of_scalars(T x, T y, T z, device T* out, uint n, uint i) {
)" + scalars + R"(}
      void of_vectors(vec<T, 2> x, vec<T, 2> y, vec<T, 2> z, device vec<T, 2>* out, uint n, uint i) {
)" + vectors + R"(}
      kernel void f(device const T* in, device T* out, device vec<T, 2>* pairs,
                    constant uint& n, uint i [[thread_position_in_grid]]) {
        const T x = in[3 * i], y = in[3 * i + 1], z = in[3 * i + 2];
        of_scalars(x, y, z, out, n, i);
        of_vectors(vec<T, 2>(x), vec<T, 2>(y), vec<T, 2>(z), pairs, n, i);
      })",
                                "f");
    ASSERT_TRUE(state);
    const unsigned n = static_cast<unsigned>(inputs.size() / 3);
    const auto in = buffer(inputs), count = buffer(std::vector<std::uint32_t>{n});
    const auto out = buffer(std::vector<T>(n * all.size()));
    const auto pairs = buffer(std::vector<T>(2 * n * all.size()));
    ASSERT_EQ(
        run(state.get(), {in.get(), out.get(), pairs.get(), count.get()}, {n, 1, 1}, {64, 1, 1}),
        "");
    const auto result = values<T>(out.get()), vector_result = values<T>(pairs.get());
    for (std::size_t f = 0; f < all.size(); ++f) {
      for (unsigned i = 0; i < n; ++i) {
        const T x = inputs[3 * i], y = inputs[3 * i + 1], z = inputs[3 * i + 2];
        const T expected = static_cast<T>(all[f].expected(x, y, z));
        ASSERT_EQ(result[f * n + i], expected)
            << type << " " << all[f].expression << " of " << +x << ", " << +y << ", " << +z;
        ASSERT_EQ(vector_result[2 * (f * n + i) + 1], expected)
            << type << "2 " << all[f].expression << " of " << +x << ", " << +y << ", " << +z;
      }
    }
  }
};

TEST_F(Integers, OfEightBits) {
  expect<std::int8_t>("char");
  expect<std::uint8_t>("uchar");
}
TEST_F(Integers, OfSixteenBits) {
  expect<std::int16_t>("short");
  expect<std::uint16_t>("ushort");
}
TEST_F(Integers, OfThirtyTwoBits) {
  expect<std::int32_t>("int");
  expect<std::uint32_t>("uint");
}
TEST_F(Integers, OfSixtyFourBits) {
  expect<std::int64_t>("long");
  expect<std::uint64_t>("ulong");
}

TEST_F(Integers, ConversionsAndVectors) {
  expect_true({
      // NaN is 0, as MSL says; the rest is the nearest that the type has.
      "int(NAN) == 0 && uint(NAN) == 0 && long(NAN) == 0 && int(half(NAN)) == 0",
      "[](float x) { return int(x) == INT_MAX && int(-x) == INT_MIN; }(1e20f)",
      "[](float x) { return uchar(x) == 255 && uint(-x) == 0 && short(x) == SHRT_MAX; }(INFINITY)",
      "all(uchar2(float2(NAN, -5)) == uchar2(0)) && all(int2(half2(-2.7h, 2.7h)) == int2(-2, 2))",
      "char(300) == 44 && ushort(-1) == 65535 && uint(-1L) == UINT_MAX",
      // The distance of a vector's shift counts modulo the width.
      "all((uint2(1) << uint2(33, 31)) == uint2(2, 0x80000000))",
      "all((char2(-128) >> char2(7, 8)) == char2(-1, -128))",
      "all((ushort2(0x8001) << 17) == ushort2(2))",
      "all((long2(1) << 65) == 2) && all((ulong2(4) >> ulong2(66)) == 1)",
      "is_same_v<decltype(absdiff(1, 2)), uint> && is_same_v<decltype(absdiff(short4(1), "
      "short4(2))), "
      "ushort4>",
      "all(max(int3(1, 5, 9), 4) == int3(4, 5, 9)) && all(clamp(uint2(1, 9), 2, uint2(5)) == "
      "uint2(2, 5))",
      "all(min(packed_int3(1, 5, 9), int3(4)) == int3(1, 4, 4)) && all(abs(packed_short2(-3)) == "
      "3)",
      "absdiff(INT_MIN, INT_MAX) == UINT_MAX && absdiff(char(-128), char(127)) == 255",
  });
}

}  // namespace
}  // namespace softmetal::testing
