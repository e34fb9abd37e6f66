// Metal's floating-point and integer functions against the host's, one shader for each kind.
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>

#include "tests/unit/softmetal_expressions.hpp"

namespace softmetal::testing {
namespace {

constexpr float kInf = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct FloatCase {
  std::string expression;  // of x, y and z
  std::function<double(double, double, double)> expected;
  double tolerance;  // relative; 0 asks for the same bits (any NaN for a NaN)
};

bool is_close(float got, double expected, double tolerance) {
  if (std::isnan(expected)) {
    return std::isnan(got);
  }
  if (std::isinf(static_cast<float>(expected)) || tolerance == 0) {
    return std::bit_cast<std::uint32_t>(got) ==
           std::bit_cast<std::uint32_t>(static_cast<float>(expected));
  }
  return std::abs(got - expected) <= tolerance * std::abs(expected) + 1e-37;
}

class Math : public Expressions {
 protected:
  /// Every expression on every triple of inputs, in one kernel.
  void expect(const std::vector<FloatCase>& cases, const std::vector<float>& inputs) {
    std::string source =
        "kernel void f(device const float* in, device float* out, uint i "
        "[[thread_position_in_grid]]) {\n"
        "  const float x = in[3 * i], y = in[3 * i + 1], z = in[3 * i + 2];\n";
    const std::size_t n = cases.size();
    for (std::size_t c = 0; c < n; ++c) {
      source += "  out[" + std::to_string(n) + " * i + " + std::to_string(c) +
                "] = " + cases[c].expression + ";\n";
    }
    const auto state = pipeline(source + "}\n", "f");
    ASSERT_TRUE(state);
    const unsigned count = static_cast<unsigned>(inputs.size() / 3);
    const auto in = buffer(inputs), out = buffer(std::vector<float>(n * count, -99));
    ASSERT_EQ(run(state.get(), {in.get(), out.get()}, {count, 1, 1}, {32, 1, 1}), "");
    const auto result = values<float>(out.get());
    for (unsigned i = 0; i < count; ++i) {
      const double x = inputs[3 * i], y = inputs[3 * i + 1], z = inputs[3 * i + 2];
      for (std::size_t c = 0; c < n; ++c) {
        const double expected = cases[c].expected(x, y, z);
        EXPECT_TRUE(is_close(result[n * i + c], expected, cases[c].tolerance))
            << cases[c].expression << " of " << x << ", " << y << ", " << z << ": got "
            << result[n * i + c] << ", expected " << expected;
      }
    }
  }
};

double sign_of(double x) {
  return x > 0 ? 1 : x < 0 ? -1 : std::isnan(x) ? 0 : x;
}

TEST_F(Math, FloatFunctionsFollowTheHost) {
  constexpr double kUlp = 2.4e-7;  // two units in the last place
  expect(
      {
          {"exp(x)", [](double x, double, double) { return std::exp(x); }, kUlp},
          {"exp2(x)", [](double x, double, double) { return std::exp2(x); }, kUlp},
          {"exp10(x)", [](double x, double, double) { return std::pow(10, x); }, kUlp},
          {"log(x)", [](double x, double, double) { return std::log(x); }, kUlp},
          {"log2(x)", [](double x, double, double) { return std::log2(x); }, kUlp},
          {"log10(x)", [](double x, double, double) { return std::log10(x); }, kUlp},
          {"sin(x)", [](double x, double, double) { return std::sin(x); }, kUlp},
          {"cos(x)", [](double x, double, double) { return std::cos(x); }, kUlp},
          {"tan(x)", [](double x, double, double) { return std::tan(x); }, kUlp},
          {"asin(y)", [](double, double y, double) { return std::asin(y); }, kUlp},
          {"acos(y)", [](double, double y, double) { return std::acos(y); }, kUlp},
          {"atan(x)", [](double x, double, double) { return std::atan(x); }, kUlp},
          {"atan2(x, y)", [](double x, double y, double) { return std::atan2(x, y); }, kUlp},
          {"sinh(x)", [](double x, double, double) { return std::sinh(x); }, 2 * kUlp},
          {"cosh(x)", [](double x, double, double) { return std::cosh(x); }, 2 * kUlp},
          {"tanh(x)", [](double x, double, double) { return std::tanh(x); }, 2 * kUlp},
          {"asinh(x)", [](double x, double, double) { return std::asinh(x); }, 2 * kUlp},
          {"sqrt(x)", [](double x, double, double) { return std::sqrt(x); }, 0},
          {"rsqrt(x)", [](double x, double, double) { return 1 / std::sqrt(x); }, kUlp},
          {"pow(abs(x), y)",
           [](double x, double y, double) { return std::pow(std::abs(x), y); },
           kUlp},
          {"precise::exp(x)", [](double x, double, double) { return std::exp(x); }, kUlp},
          {"fast::sin(x)", [](double x, double, double) { return std::sin(x); }, kUlp},
          {"floor(x)", [](double x, double, double) { return std::floor(x); }, 0},
          {"ceil(x)", [](double x, double, double) { return std::ceil(x); }, 0},
          {"rint(x)", [](double x, double, double) { return std::rint(x); }, 0},
          {"round(x)", [](double x, double, double) { return std::round(x); }, 0},
          {"trunc(x)", [](double x, double, double) { return std::trunc(x); }, 0},
          {"fabs(x)", [](double x, double, double) { return std::abs(x); }, 0},
          {"abs(x)", [](double x, double, double) { return std::abs(x); }, 0},
          {"sign(x)", [](double x, double, double) { return sign_of(x); }, 0},
          {"fmod(x, y)", [](double x, double y, double) { return std::fmod(x, y); }, 0},
          {"fma(x, y, z)",
           [](double x, double y, double z) {
             return double{
                 std::fma(static_cast<float>(x), static_cast<float>(y), static_cast<float>(z))};
           },
           0},
          {"copysign(x, y)", [](double x, double y, double) { return std::copysign(x, y); }, 0},
          {"min(x, z)", [](double x, double, double z) { return std::fmin(x, z); }, 0},
          {"max(x, z)", [](double x, double, double z) { return std::fmax(x, z); }, 0},
          {"clamp(x, -1.5f, 2.5f)",
           [](double x, double, double) { return std::fmin(std::fmax(x, -1.5), 2.5); },
           0},
          {"saturate(x)",
           [](double x, double, double) { return std::fmin(std::fmax(x, 0), 1); },
           0},
          {"step(y, x)", [](double x, double y, double) { return x < y ? 0 : 1; }, 0},
          {"isnan(x) ? 1 : 0", [](double x, double, double) { return std::isnan(x); }, 0},
          {"isinf(x) ? 1 : 0", [](double x, double, double) { return std::isinf(x); }, 0},
          {"isfinite(x) ? 1 : 0", [](double x, double, double) { return std::isfinite(x); }, 0},
          {"select(x, y, z > 0)", [](double x, double y, double z) { return z > 0 ? y : x; }, 0},
      },
      {0.5f, 0.25f, 2,   -0.5f, -0.75f, 1,    3.7f,   0.1f, -3,    -2.5f, 0.9f,  0.5f, 10,
       1,    -10,   -20, -1,    7,      88,   0.3f,   1,    1e-3f, 0.5f,  1e-6f, 2.5f, -0.5f,
       3.5f, 0.0f,  1,   -0.0f, -0.0f,  -1,   0.0f,   kInf, 0.5f,  1,     -kInf, 0.5f, kInf,
       kNan, 0.5f,  1,   1,     0.125f, kNan, 1e-40f, 0.5f, 2,     3e38f, 0.99f, 1});
}

TEST_F(Math, MetalsOwnFunctions) {
  expect_true({
      "fract(-0.25f) == 0.75f",
      "fract(-1e-10f) < 1.0f",
      "mix(2.0f, 4.0f, 0.25f) == 2.5f",
      "smoothstep(1.0f, 3.0f, 2.0f) == 0.5f",
      "smoothstep(1.0f, 3.0f, 9.0f) == 1.0f",
      "median3(3.0f, 1.0f, 2.0f) == 2.0f",
      "max3(3.0f, 1.0f, 2.0f) == 3.0f",
      "sinpi(1.0f) == 0.0f && sinpi(0.5f) == 1.0f && sinpi(-2.5f) == -1.0f",
      "cospi(1.0f) == -1.0f && cospi(0.5f) == 0.0f && cospi(3.0f) == -1.0f",
      "ldexp(0.75f, 4) == 12.0f && ilogb(12.0f) == 3",
      "powr(2.0f, 0.5f) == sqrt(2.0f)",
      "max(NAN, 1.0f) == 1.0f && min(1.0f, NAN) == 1.0f",
      "isnormal(1e-40f) == false && signbit(-0.0f)",
      "all(isnan(float3(NAN, NAN, NAN))) && any(isinf(float2(1, INFINITY)))",
      "M_PI_F > 3.14159f && HALF_MAX == half(65504.0f) && FLT_EPSILON == nextafter(1.0f, 2.0f) - "
      "1.0f",
      "numeric_limits<float>::max() == FLT_MAX && numeric_limits<half>::max() == HALF_MAX",
      "numeric_limits<float>::lowest() == -FLT_MAX && numeric_limits<float>::min() == FLT_MIN",
      "numeric_limits<int>::min() == INT_MIN && numeric_limits<uchar>::max() == 255",
      "numeric_limits<long>::max() == LONG_MAX && numeric_limits<ulong>::max() == ULONG_MAX",
      "isinf(numeric_limits<half>::infinity()) && isnan(numeric_limits<float>::quiet_NaN())",
      "numeric_limits<half>::denorm_min() == as_type<half>(ushort(1))",
      "float(numeric_limits<bfloat>::max()) == as_type<float>(0x7f7f0000u)",
      "dot(float3(1, 2, 3), float3(4, 5, 6)) == 32.0f && length(float2(3, 4)) == 5.0f",
      "all(cross(float3(1, 0, 0), float3(0, 1, 0)) == float3(0, 0, 1))",
      "distance(float2(1, 1), float2(4, 5)) == 5.0f && all(normalize(float2(0, 2)) == float2(0, "
      "1))",
  });
}

TEST_F(Math, HalfIsRoundedOnce) {
  expect_true({
      "half(2048.0f) + half(1.0f) == half(2048.0f)",
      "half(0.1f) + half(0.2f) == half(float(half(0.1f)) + float(half(0.2f)))",
      "fma(half(1.0009765625f), half(1.0009765625f), half(-1.0f)) == half(0.0019540787f)",
      "sqrt(half(2.0f)) == half(1.4142135f) && exp(half(1.0f)) == half(2.7182817f)",
      "floor(half(-1.5f)) == half(-2.0f) && rint(half(2.5f)) == half(2.0f)",
      "isinf(half(65520.0f)) && half(65519.0f) == HALF_MAX",
      "as_type<ushort>(half(1.0f)) == 0x3c00 && as_type<half2>(0x3c004000u).y == half(1.0f)",
      "isnormal(half(1e-5f)) == false && isnormal(half(1e-4f))",
      "sizeof(half) == 2 && 0.5h == half(0.5f)",
  });
}

TEST_F(Math, BfloatRoundsToNearestEven) {
  expect_true({
      "as_type<ushort>(bfloat(1.0f)) == 0x3f80",
      "as_type<ushort>(bfloat(as_type<float>(0x3f808000u))) == 0x3f80",  // a tie, to even
      "as_type<ushort>(bfloat(as_type<float>(0x3f818000u))) == 0x3f82",  // a tie, to even
      "as_type<ushort>(bfloat(as_type<float>(0x3f808001u))) == 0x3f81",
      "as_type<ushort>(bfloat(FLT_MAX)) == 0x7f80",         // overflows to infinity
      "isnan(float(bfloat(as_type<float>(0x7f800001u))))",  // a NaN stays one
      "float(bfloat(3.0f) * bfloat(0.5f)) == 1.5f",
      "float(-bfloat(2.0f)) == -2.0f && bfloat(1.0f) < bfloat(2.0f)",
      "sizeof(bfloat) == 2 && sizeof(bfloat4) == 8 && float(bfloat(half(0.5f))) == 0.5f",
      "exp(bfloat(0.0f)) == 1.0f && is_same<decltype(bfloat(1.0f) + bfloat(1.0f)), bfloat>::value",
  });
}

TEST_F(Math, IntegerFunctions) {
  expect_integers({
      {"clz(1u)", 31},
      {"clz(0u)", 32},
      {"clz(ushort(1))", 15},
      {"clz(uchar(0))", 8},
      {"clz(1ul)", 63},
      {"ctz(8u)", 3},
      {"ctz(0u)", 32},
      {"ctz(ushort(0))", 16},
      {"clz(-1)", 0},
      {"popcount(0xF0F0u)", 8},
      {"popcount(char(-1))", 8},
      {"popcount(-1)", 32},
      {"popcount(-1l)", 64},
      {"reverse_bits(1u)", 0x80000000},
      {"reverse_bits(uchar(3))", 0xC0},
      {"mulhi(0x80000000u, 6u)", 3},
      {"mulhi(-2, 1)", -1},
      {"mulhi(1ul << 63, 6ul)", 3},
      {"mul24(1000, 1000)", 1000000},
      {"mad24(3, 4, 5)", 17},
      {"madhi(0x80000000u, 6u, 4u)", 7},
      {"absdiff(3, -5)", 8},
      {"absdiff(3u, 5u)", 2},
      {"addsat(INT_MAX, 5)", INT32_MAX},
      {"addsat(INT_MIN, -5)", INT32_MIN},
      {"addsat(uchar(250), uchar(10))", 255},
      {"subsat(3u, 5u)", 0},
      {"subsat(INT_MIN, 1)", INT32_MIN},
      {"subsat(char(100), char(-100))", 127},
      {"madsat(INT_MAX, 2, 0)", INT32_MAX},
      {"madsat(-100000, 100000, 7)", INT32_MIN},
      {"rotate(0x80000001u, 4u)", 0x18},
      {"rotate(uchar(0x81), uchar(1))", 3},
      {"rotate(5u, 32u)", 5},
      {"extract_bits(0xABCDu, 4u, 8u)", 0xBC},
      {"extract_bits(0xF0, 4u, 4u)", -1},
      {"extract_bits(7u, 0u, 0u)", 0},
      {"insert_bits(0xFFFFu, 0u, 4u, 8u)", 0xF00F},
      {"insert_bits(0u, 0xFFFFFFFFu, 0u, 32u)", 0xFFFFFFFF},
      {"hadd(uchar(255), uchar(254))", 254},
      {"rhadd(uchar(255), uchar(254))", 255},
      {"abs(-7)", 7},
      {"min(-3, 4)", -3},
      {"max(3u, 4u)", 4},
      {"clamp(9, 1, 5)", 5},
      {"median3(9, 1, 5)", 5},
      {"min3(9, 1, 5)", 1},
      {"max3(9, 1, 5)", 9},
      {"int3(max(int3(1, 5, 3), 4)).x", 4},
      {"popcount(uint2(1, 3)).y", 2},
      {"as_type<uint>(1.0f)", 0x3f800000},
      {"as_type<uint2>(0x100000002ul).y", 1},
      {"int(char(200))", -56},
      {"sizeof(long)", 8},
      {"sizeof(size_t)", 8},
      {"uchar(300)", 44},
  });
}

TEST_F(Math, Vectors) {
  expect_true({
      "sizeof(float3) == 16 && sizeof(float4) == 16 && alignof(float2) == 8 && sizeof(char3) == 4",
      "sizeof(packed_float3) == 12 && alignof(packed_float3) == 4 && sizeof(bool4) == 4",
      "all(float4(float2(1, 2), 3, 4) == float4(1, 2, 3, 4))",
      "all(float4{float3(1), 2} == float4(1, 1, 1, 2)) && all(float3(7) == 7)",
      "all(int4(float4(1.9f, -1.9f, 2, 3)) == int4(1, -1, 2, 3))",
      "all(float4(1, 2, 3, 4).wzyx == float4(4, 3, 2, 1)) && float4(1, 2, 3, 4).a == 4",
      "all(float2(5, 6).xyxy == float4(5, 6, 5, 6)) && all(float3(1, 2, 3).bgr == float3(3, 2, 1))",
      "[] { float4 v = 0; v.zx = float2(3, 1); v.w += 4; v.yw *= 2; return all(v == float4(1, 0, "
      "3, 8)); }()",
      "[] { float4 v(1, 2, 3, 4); v.xy = v.yx; v[2] = 9; return all(v == float4(2, 1, 9, 4)); }()",
      "all(float2(1, 2) + 1 == float2(2, 3)) && all(2 * float2(1, 2) == float2(2, 4))",
      "all(-int2(1, 2) == int2(-1, -2)) && all((uint2(5, 6) & 4u) == uint2(4, 4)) && all(~int2(0) "
      "== -1)",
      "all((int2(7, 9) % 4) == int2(3, 1)) && all((uint2(1, 2) << 3u) == uint2(8, 16))",
      "any(float2(1, 2) > float2(1, 1)) && !all(float2(1, 2) > float2(1, 1))",
      "all((float3(1, 2, 3) < 2) == bool3(true, false, false)) && !any(!bool2(true))",
      "all(select(float2(1), float2(2), bool2(false, true)) == float2(1, 2))",
      "all(max(float2(1, 5), 3.0f) == float2(3, 5)) && all(clamp(int2(0, 9), 2, 4) == int2(2, 4))",
      "all(mix(float2(0), float2(4), 0.25f) == float2(1)) && all(fma(float2(2), float2(3), "
      "float2(1)) == 7)",
      "all(exp2(half2(1, 3)) == half2(2, 8)) && all(abs(int3(-1, 2, -3)) == int3(1, 2, 3))",
      "[] { packed_float3 p = float3(1, 2, 3); p.y = 7; float3 v = p; return v.y == 7 && p[2] == "
      "3; }()",
      "[] { packed_float3 p(1, 2, 3); return all(p * 2 == float3(2, 4, 6)); }()",
      "[] { array<int, 3> a = {1, 2, 3}; a[1] = 5; return a.size() == 3 && a[0] + a[1] + a[2] == "
      "9; }()",
      "[] { int e; float m = frexp(12.0f, e); float w; float f = modf(2.75f, w); return m == 0.75f "
      "&& e == 4 && f == "
      "0.75f && w == 2; }()",
      "is_same<vec<float, 4>, float4>::value && is_floating_point<half>::value && "
      "!is_integral<float>::value",
      "is_same<conditional_t<true, int, float>, int>::value && is_same_v<make_unsigned_t<int>, "
      "uint>",
      "metal::max(1.0f, 2.0f) == 2.0f && metal::float3(1).x == 1",
      "[] { uint2 v(1, 2); v += 1; v <<= 2u; ++v; v -= uint2(1, 1); return all(v == uint2(8, 12)); "
      "}()",
      "0.1 == 0.1f && sizeof(1.0) == 4",  // unsuffixed literals are float
  });
}

// Operators between swizzles whose type depends on a template parameter.
TEST_F(Math, SwizzlesInTemplates) {
  const auto from = library(R"(
    #include <metal_stdlib>
    using namespace metal;
    struct Pair { float ab; };
    template <typename T>
    vec<T, 3> crossed(vec<T, 3> a, vec<T, 3> b) { return a.yzx * b.zxy - a.zxy * b.yzx; }
    template <typename T>
    kernel void f(device T* out) {
      vec<T, 3> v = crossed(vec<T, 3>(1, 0, 0), vec<T, 3>(0, 1, 0));
      v.xy = v.yx + v.zz;
      v.zy *= 2;
      const vec<T, 2> negative = -v.xz;
      Pair pair = {4};
      out[0] = v.x; out[1] = v.y; out[2] = v.z; out[3] = negative.y; out[4] = T(pair.ab);
    }
    template [[host_name("f_float")]] kernel void f<float>(device float*);
  )");
  ASSERT_TRUE(from);
  const auto state = pipeline(from.get(), "f_float");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>(5));
  ASSERT_EQ(run(state.get(), {out.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<float>(out.get()), (std::vector<float>{1, 2, 2, -2, 4}));
}

// A literal without a suffix is a float wherever it stands.
TEST_F(Math, LiteralsAreFloatsInTemplatesToo) {
  const auto from = library(R"(
    #include <metal_stdlib>
    using namespace metal;
    template <typename T> struct Scale { T by(T x) const { return x * 0.1 + 1e-8; } };
    template <typename T>
    kernel void f(device T* out) {
      static_assert(sizeof(out[0] * 0.1) == 4, "a float");
      out[0] = Scale<T>().by(out[0]);
      out[1] = fmin(1, out[1] / 6 + 0.5);
    }
    template [[host_name("f_float")]] kernel void f<float>(device float*);
  )");
  ASSERT_TRUE(from);
  const auto state = pipeline(from.get(), "f_float");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>{3, -1});
  ASSERT_EQ(run(state.get(), {out.get()}, {1, 1, 1}, {1, 1, 1}), "");
  const auto result = values<float>(out.get());
  EXPECT_EQ(result[0], std::fma(3.0f, 0.1f, 1e-8f));
  EXPECT_EQ(result[1], -1.0f / 6 + 0.5f);
}

}  // namespace
}  // namespace softmetal::testing
