// Every function of floats and halves over many values, against the host's in higher precision,
// with the error bounds of the Metal specification (its tables 8.1 and 8.3).
#include <bit>
#include <cmath>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using Oracle = std::function<long double(long double, long double, long double)>;

struct Function {
  std::string name;
  int arity;
  Oracle exact;
  double float_ulps;  // 0: the exact result, rounded
  double half_ulps;
};

// A binary format: how many digits, and the least exponent of a normal number.
struct Format {
  int digits, min_exponent;
  long double max;
};
constexpr Format kFloat = {24, -126, 0x1.fffffep127L};
constexpr Format kHalf = {11, -14, 65504};

long double ulp(long double x, const Format& format) {
  const int exponent = x == 0 ? format.min_exponent : std::max(std::ilogb(x), format.min_exponent);
  return std::ldexp(1.0L, exponent - format.digits + 1);
}

bool is_within(long double got, long double exact, double ulps, const Format& format) {
  if (std::isnan(exact) || std::isnan(got)) {
    return std::isnan(exact) && std::isnan(got);
  }
  const long double unit = ulp(exact, format);
  // Half a unit beyond the greatest number, numbers round to infinity.
  if (std::abs(exact) >= format.max + (0.5L - ulps) * unit && std::isinf(got)) {
    return std::signbit(exact) == std::signbit(got);
  }
  if (std::isinf(exact)) {
    return got == exact || (ulps > 0 && std::abs(got) == format.max);
  }
  if (exact == 0 && ulps == 0) {
    return got == 0;
  }
  // Rounded to nearest: at most half a unit off.
  return std::abs(got - exact) <= std::max(ulps, 0.5) * unit;
}

long double pi_times(long double x, long double (*function)(long double)) {
  return function(std::remainder(x, 2.0L) * 3.14159265358979323846264338327950288L);
}
long double sinpi(long double x) {
  const long double r = std::remainder(x, 2.0L);
  return std::trunc(r) == r ? 0 * x : pi_times(x, std::sin);
}
long double cospi(long double x) {
  const long double r = std::abs(std::remainder(x, 2.0L));
  return r == 0.5L ? 0 : pi_times(x, std::cos);
}
long double median(long double x, long double y, long double z) {
  return std::fmax(std::fmin(x, y), std::fmin(std::fmax(x, y), z));
}

#define ORACLE1(expression) \
  [](long double x, long double, long double) -> long double { return expression; }
#define ORACLE2(expression) \
  [](long double x, long double y, long double) -> long double { return expression; }
#define ORACLE3(expression) \
  [](long double x, long double y, long double z) -> long double { return expression; }

const std::vector<Function>& functions() {
  static const std::vector<Function> all = {
      {"acos", 1, ORACLE1(std::acos(x)), 4, 1},
      {"acosh", 1, ORACLE1(std::acosh(x)), 4, 1},
      {"asin", 1, ORACLE1(std::asin(x)), 4, 1},
      {"asinh", 1, ORACLE1(std::asinh(x)), 4, 1},
      {"atan", 1, ORACLE1(std::atan(x)), 5, 1},
      {"atanh", 1, ORACLE1(std::atanh(x)), 5, 1},
      {"ceil", 1, ORACLE1(std::ceil(x)), 0, 0},
      {"cos", 1, ORACLE1(std::cos(x)), 4, 1},
      {"cosh", 1, ORACLE1(std::cosh(x)), 4, 1},
      {"cospi", 1, ORACLE1(cospi(x)), 4, 1},
      {"exp", 1, ORACLE1(std::exp(x)), 4, 1},
      {"exp2", 1, ORACLE1(std::exp2(x)), 4, 1},
      {"exp10", 1, ORACLE1(std::pow(10.0L, x)), 4, 1},
      {"fabs", 1, ORACLE1(std::abs(x)), 0, 0},
      {"abs", 1, ORACLE1(std::abs(x)), 0, 0},
      {"floor", 1, ORACLE1(std::floor(x)), 0, 0},
      {"log", 1, ORACLE1(std::log(x)), 4, 1},
      {"log2", 1, ORACLE1(std::log2(x)), 4, 1},
      {"log10", 1, ORACLE1(std::log10(x)), 4, 1},
      {"rint", 1, ORACLE1(std::nearbyint(x)), 0, 0},
      {"round", 1, ORACLE1(std::round(x)), 0, 0},
      {"rsqrt", 1, ORACLE1(1 / std::sqrt(x)), 0, 0},
      {"saturate", 1, ORACLE1(std::fmin(std::fmax(x, 0.0L), 1.0L)), 0, 0},
      {"sign",
       1,
       ORACLE1(std::isnan(x) ? 0
               : x > 0       ? 1
               : x < 0       ? -1
                             : x),
       0,
       0},
      {"sin", 1, ORACLE1(std::sin(x)), 4, 1},
      {"sinh", 1, ORACLE1(std::sinh(x)), 4, 1},
      {"sinpi", 1, ORACLE1(sinpi(x)), 4, 1},
      {"sqrt", 1, ORACLE1(std::sqrt(x)), 0, 0},
      {"tan", 1, ORACLE1(std::tan(x)), 6, 1},
      {"tanh", 1, ORACLE1(std::tanh(x)), 5, 1},
      {"tanpi", 1, ORACLE1(sinpi(x) / cospi(x)), 6, 1},
      {"trunc", 1, ORACLE1(std::trunc(x)), 0, 0},
      {"atan2", 2, ORACLE2(std::atan2(x, y)), 6, 1},
      {"copysign", 2, ORACLE2(std::copysign(x, y)), 0, 0},
      {"divide", 2, ORACLE2(x / y), 0, 0},
      {"fdim", 2, ORACLE2(std::fdim(x, y)), 0, 0},
      {"fmax", 2, ORACLE2(std::fmax(x, y)), 0, 0},
      {"fmin", 2, ORACLE2(std::fmin(x, y)), 0, 0},
      {"fmod", 2, ORACLE2(std::fmod(x, y)), 0, 0},
      {"max", 2, ORACLE2(std::fmax(x, y)), 0, 0},
      {"min", 2, ORACLE2(std::fmin(x, y)), 0, 0},
      {"pow", 2, ORACLE2(std::pow(x, y)), 16, 1},
      {"powr", 2, ORACLE2(std::pow(std::abs(x), y)), 16, 1},  // called with |x|
      {"step", 2, ORACLE2(y < x ? 0 : 1), 0, 0},
      {"clamp", 3, ORACLE3(std::fmin(std::fmax(x, y), z)), 0, 0},
      {"fma", 3, ORACLE3(x * y + z), 0, 0},
      {"fmax3", 3, ORACLE3(std::fmax(std::fmax(x, y), z)), 0, 0},
      {"fmin3", 3, ORACLE3(std::fmin(std::fmin(x, y), z)), 0, 0},
      {"fmedian3", 3, ORACLE3(median(x, y, z)), 0, 0},
      {"max3", 3, ORACLE3(std::fmax(std::fmax(x, y), z)), 0, 0},
      {"min3", 3, ORACLE3(std::fmin(std::fmin(x, y), z)), 0, 0},
      {"median3", 3, ORACLE3(median(x, y, z)), 0, 0},
  };
  return all;
}

class Floats : public SoftMetal {
 protected:
  /// Every function of `arity` arguments on every triple (x, y, z) of `inputs`; as scalars, and as
  /// vectors, which must give the same.
  template <class Bits>
  void expect(const std::string& type,
              int arity,
              const std::vector<Bits>& inputs,
              const Format& format,
              const std::function<float(Bits)>& value_of) {
    std::vector<const Function*> chosen;
    std::string source;
    for (const Function& function : functions()) {
      if (function.arity == arity) {
        const std::string x = function.name == "powr" ? "abs(x)" : "x";
        const std::string call =
            function.name + "(" + x + (arity > 1 ? ", y" : "") + (arity > 2 ? ", z)" : ")");
        source += "  out[n * " + std::to_string(chosen.size()) + " + i] = " + call + ";\n";
        chosen.push_back(&function);
      }
    }
    std::string text = "typedef " + type + " T;\n" +
                       R"(void all(T x, T y, T z, device T* out, uint n, uint i) {
)" + source + R"(}
      template <class V> void all_vectors(V x, V y, V z, device V* out, uint n, uint i) {
)" + source + R"(}
      kernel void scalars(device const T* in, device T* out, constant uint& n,
                          uint i [[thread_position_in_grid]]) {
        all(in[3 * i], in[3 * i + 1], in[3 * i + 2], out, n, i);
      }
      kernel void vectors(device const T* in, device T* out, constant uint& n,
                          uint i [[thread_position_in_grid]]) {
        device const T* p = in + 12 * i;
        all_vectors(vec<T, 4>(p[0], p[3], p[6], p[9]), vec<T, 4>(p[1], p[4], p[7], p[10]),
                    vec<T, 4>(p[2], p[5], p[8], p[11]), (device vec<T, 4>*)out, n / 4, i);
      })";
    const auto from = library("#include <metal_stdlib>\nusing namespace metal;\n" + text);
    ASSERT_TRUE(from);
    const auto scalars = pipeline(from.get(), "scalars"), vectors = pipeline(from.get(), "vectors");
    ASSERT_TRUE(scalars && vectors);
    const unsigned n = static_cast<unsigned>(inputs.size() / 3);
    ASSERT_EQ(n % 4, 0u);
    const auto in = buffer(inputs), count = buffer(std::vector<std::uint32_t>{n});
    const auto out = buffer(std::vector<Bits>(n * chosen.size()));
    const auto of_vectors = buffer(std::vector<Bits>(n * chosen.size()));
    ASSERT_EQ(run(scalars.get(), {in.get(), out.get(), count.get()}, {n, 1, 1}, {64, 1, 1}), "");
    ASSERT_EQ(
        run(vectors.get(), {in.get(), of_vectors.get(), count.get()}, {n / 4, 1, 1}, {64, 1, 1}),
        "");
    const auto result = values<Bits>(out.get()), vector_result = values<Bits>(of_vectors.get());
    for (std::size_t f = 0; f < chosen.size(); ++f) {
      const Function& function = *chosen[f];
      int wrong = 0;
      for (unsigned i = 0; i < n && wrong < 4; ++i) {
        const float x = value_of(inputs[3 * i]), y = value_of(inputs[3 * i + 1]),
                    z = value_of(inputs[3 * i + 2]);
        const float got = value_of(result[f * n + i]);
        const float in_vector = value_of(vector_result[f * n + i]);
        const long double exact = function.exact(x, y, z);
        const double ulps = sizeof(Bits) == 4 ? function.float_ulps : function.half_ulps;
        if (result[f * n + i] != vector_result[f * n + i] &&
            !(std::isnan(got) && std::isnan(in_vector))) {
          ++wrong;
          ADD_FAILURE() << function.name << " of " << type << "4 gives " << in_vector
                        << ", of a scalar " << got;
        }
        if (!is_within(got, exact, ulps, format)) {
          ++wrong;
          ADD_FAILURE() << function.name << " of " << type << " " << std::hexfloat << x << ", " << y
                        << ", " << z << ": got " << got << ", exactly " << exact;
        }
      }
    }
  }

  static float float_of(std::uint32_t bits) { return std::bit_cast<float>(bits); }
  static float half_of(std::uint16_t bits) {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const float magnitude = exponent == 31 ? (fraction != 0 ? NAN : INFINITY)
                            : exponent == 0
                                ? std::ldexp(static_cast<float>(fraction), -24)
                                : std::ldexp(static_cast<float>(1024 + fraction), exponent - 25);
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
  }

  // Any bits, and numbers near 1, where most functions have their difficulties.
  static std::vector<std::uint32_t> float_inputs(std::size_t triples) {
    std::mt19937 generator(11);
    std::vector<std::uint32_t> inputs;
    const std::vector<std::uint32_t> special = {
        0x00000000, 0x80000000, 0x3f800000, 0xbf800000, 0x7f800000, 0xff800000, 0x7fc00000,
        0x00000001, 0x80000001, 0x007fffff, 0x00800000, 0x7f7fffff, 0xff7fffff, 0x3f000000,
        0xbf000000, 0x3fc00000, 0xc0200000, 0x4b000001, 0x3effffff, 0x33000000, 0xb3000001};
    for (const std::uint32_t x : special) {
      for (const std::uint32_t y : special) {
        inputs.insert(inputs.end(), {x, y, special[generator() % special.size()]});
      }
    }
    while (inputs.size() < 3 * triples) {
      const std::uint32_t any = generator();
      const float near = std::ldexp(static_cast<float>(generator() >> 8), -23) - 1;
      const float wide = near * std::ldexp(1.0f, static_cast<int>(generator() % 12));
      inputs.push_back(generator() % 3 == 0 ? any : std::bit_cast<std::uint32_t>(wide));
    }
    inputs.resize(3 * triples);
    return inputs;
  }
};

TEST_F(Floats, OfOneArgument) {
  expect<std::uint32_t>("float", 1, float_inputs(16384), kFloat, float_of);
}
TEST_F(Floats, OfTwoArguments) {
  expect<std::uint32_t>("float", 2, float_inputs(8192), kFloat, float_of);
}
TEST_F(Floats, OfThreeArguments) {
  // A product of floats has 48 bits, so that long double's 64 hold most sums of it exactly.
  expect<std::uint32_t>("float", 3, float_inputs(8192), kFloat, float_of);
}

// Every half there is.
TEST_F(Floats, OfOneHalf) {
  std::vector<std::uint16_t> inputs;
  for (unsigned bits = 0; bits < 0x10000; ++bits) {
    inputs.insert(inputs.end(), 3, static_cast<std::uint16_t>(bits));
  }
  expect<std::uint16_t>("half", 1, inputs, kHalf, half_of);
}
TEST_F(Floats, OfSeveralHalves) {
  std::mt19937 generator(5);
  std::vector<std::uint16_t> inputs;
  while (inputs.size() < 3 * 16384) {
    const std::uint16_t near = static_cast<std::uint16_t>(0x3400 + generator() % 0x1400);
    inputs.push_back(generator() % 2 == 0 ? near : static_cast<std::uint16_t>(generator()));
  }
  expect<std::uint16_t>("half", 2, inputs, kHalf, half_of);
  expect<std::uint16_t>("half", 3, inputs, kHalf, half_of);
}

}  // namespace
}  // namespace softmetal::testing
