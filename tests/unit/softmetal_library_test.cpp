// The parts of the standard library that the other tests leave out: headers by name, type traits,
// limits, arrays, relational and geometric functions, and what is refused.
#include <cmath>
#include <random>

#include "tests/unit/softmetal_expressions.hpp"

namespace softmetal::testing {
namespace {

class StandardLibrary : public Expressions {
 protected:
  std::string error_of(const std::string& source) {
    NS::Error* error = nullptr;
    const auto result = NS::TransferPtr(device_->newLibrary(text(source), nullptr, &error));
    return result ? "no error" : error->localizedDescription()->utf8String();
  }
};

TEST_F(StandardLibrary, HeadersByName) {
  std::string source;
  for (const std::string name : {"metal_array",
                                 "metal_assert",
                                 "metal_atomic",
                                 "metal_common",
                                 "metal_compute",
                                 "metal_config",
                                 "metal_geometric",
                                 "metal_graphics",
                                 "metal_integer",
                                 "metal_limits",
                                 "metal_math",
                                 "metal_matrix",
                                 "metal_numeric",
                                 "metal_pack",
                                 "metal_pixel",
                                 "metal_quadgroup",
                                 "metal_relational",
                                 "metal_simdgroup",
                                 "metal_simdgroup_matrix",
                                 "metal_stdlib",
                                 "metal_type_traits",
                                 "metal_types",
                                 "metal_uniform",
                                 "metal_vector",
                                 "simd/simd.h"}) {
    source += "#include <" + name + ">\n";
  }
  EXPECT_TRUE(library(source + R"(
    METAL_FUNC float twice(float x) { return 2 * x; }
    METAL_FUNC METAL_CONST simd_float3 f(vector_float3 v, simd::float3 w) { return v + w; }
    METAL_FUNC metal::float4 g(matrix_float4x4 m, simd_float4 v) { return m * v; }
    kernel void k(device metal::float4* p) { assert(true); p[0] = g(simd_float4x4(1), twice(1)); }
  )"));
}

TEST_F(StandardLibrary, RefusesByName) {
  EXPECT_NE(error_of("#include <metal_stdlib>\nkernel void f(device bool* p) { *p = "
                     "metal::simd_is_helper_thread(); }")
                .find("simd_is_helper_thread"),
            std::string::npos);
  EXPECT_NE(
      error_of("#include <metal_stdlib>\nusing namespace metal;\nkernel void f(device float4* "
               "p) { p->xx = float2(1); }")
          .find("repeats a component"),
      std::string::npos);
  for (const std::string wrong : {
           "bfloat b = 1.0f;",                  // only integers convert to it by themselves
           "half h = bfloat(1);",               //
           "bfloat b = bfloat(1) * half(1);",   // the two do not mix
           "float4 v = int4(1);",               // vectors convert only where the program says so
           "float4 v = float4(1, 2, 3);",       // too few
           "float2 v = float2(1, 2, 3);",       // too many
           "packed_float2 p; p.z = 1;",         // beyond the last
           "float2x2 m(float2(1), 2, 3);",      // vectors and scalars do not mix
           "simdgroup_matrix<int, 8, 8> m;",    //
           "float x = dot(int2(1), int2(2));",  //
           "float x = simd_xor(1.0f);",         //
           "atomic<float4> a;",                 //
       }) {
    EXPECT_NE(error_of("#include <metal_stdlib>\nusing namespace metal;\nkernel void f() {\n" +
                       wrong + "\n}"),
              "no error")
        << wrong;
  }
}

// Compiled only: all of it is known to the compiler.
TEST_F(StandardLibrary, TypeTraitsAndLimits) {
  EXPECT_TRUE(library(R"(
    #include <metal_stdlib>
    using namespace metal;
    #define CHECK(...) static_assert(__VA_ARGS__, #__VA_ARGS__)
    struct Base { int x; }; struct Derived : Base { int f(float) const; };
    enum Plain { kA }; union Any { int a; float b; };
    struct Sum { float operator()(int, float) const; };
    CHECK(is_same<int, int>::value && !is_same_v<int, uint> && is_same_v<char, char>);
    CHECK(is_integral_v<bool> && is_integral_v<ulong> && !is_integral_v<half>);
    CHECK(is_floating_point_v<half> && is_floating_point_v<bfloat> && is_floating_point_v<const float>);
    CHECK(is_arithmetic_v<bfloat> && !is_arithmetic_v<float2> && is_scalar_v<device int*>);
    CHECK(is_signed_v<half> && is_signed_v<bfloat> && is_unsigned_v<uchar> && !is_signed_v<uint>);
    CHECK(is_enum_v<Plain> && is_union_v<Any> && is_class_v<Base> && !is_class_v<Any>);
    CHECK(is_base_of_v<Base, Derived> && is_convertible_v<half, float> && !is_convertible_v<Base, int>);
    CHECK(is_const_v<const int> && is_volatile_v<volatile int> && is_array_v<int[3]> && is_void_v<void>);
    CHECK(is_pointer_v<thread int*> && is_reference_v<thread int&> && is_function_v<int(int)>);
    CHECK(is_lvalue_reference_v<thread int&> && is_trivially_copyable_v<float4x4> && is_object_v<int>);
    CHECK(is_constructible_v<float4, float3, float> && !is_constructible_v<float4, float3>);
    CHECK(is_same_v<conditional_t<true, int, float>, int> && is_same_v<enable_if_t<true, half>, half>);
    CHECK(is_same_v<remove_cv_t<const volatile int>, int> && is_same_v<remove_const_t<const int>, int>);
    CHECK(is_same_v<remove_reference_t<thread int&>, int> && is_same_v<remove_pointer_t<device int*>, int>);
    CHECK(is_same_v<remove_extent_t<int[2][3]>, int[3]> && is_same_v<remove_all_extents_t<int[2][3]>, int>);
    CHECK(is_same_v<add_const_t<int>, const int> && is_same_v<decay_t<int[2]>, thread int*>);
    CHECK(is_same_v<make_signed_t<ulong>, long> && is_same_v<make_unsigned_t<char>, uchar>);
    CHECK(is_same_v<underlying_type_t<Plain>, uint> && is_same_v<common_type_t<int, float>, float>);
    CHECK(is_same_v<result_of_t<Sum(int, float)>, float> && is_same_v<decltype(declval<int>()), int&&>);
    CHECK(integral_constant<int, 3>::value == 3 && integral_constant<int, 3>() == 3 && true_type() && !false_type::value);
    CHECK(rank_v<int[2][3]> == 2 && extent_v<int[2][3], 1> == 3 && alignment_of_v<float4> == 16);
    CHECK(is_same_v<make_scalar_t<half3>, half> && vec_elements<uchar4>::value == 4);

    CHECK(numeric_limits<char>::min() == -128 && numeric_limits<ushort>::max() == 65535);
    CHECK(numeric_limits<bool>::max() == true && numeric_limits<bool>::digits == 1);
    CHECK(numeric_limits<long>::min() == LONG_MIN && numeric_limits<long>::lowest() == LONG_MIN);
    CHECK(numeric_limits<ulong>::digits == 64 && numeric_limits<int>::digits10 == 9);
    CHECK(numeric_limits<uint>::is_modulo && !numeric_limits<int>::is_modulo && numeric_limits<int>::is_exact);
    CHECK(numeric_limits<float>::digits == 24 && numeric_limits<half>::digits == 11 && numeric_limits<bfloat>::digits == 8);
    CHECK(numeric_limits<float>::max_exponent == FLT_MAX_EXP && numeric_limits<half>::min_exponent == HALF_MIN_EXP);
    CHECK(numeric_limits<float>::is_iec559 && numeric_limits<half>::has_infinity && !numeric_limits<int>::has_infinity);
    CHECK(numeric_limits<float>::round_style == round_to_nearest && numeric_limits<float>::max_digits10 == 9);
    CHECK(numeric_limits<float>::min() == FLT_MIN && numeric_limits<float>::epsilon() == FLT_EPSILON);
    CHECK(numeric_limits<half>::epsilon() == HALF_EPSILON && numeric_limits<half>::min() == HALF_MIN);
    CHECK(numeric_limits<bfloat>::max() == MAXBFLOAT && M_PI_BF == bfloat(3.140625f));
    CHECK(!numeric_limits<Base>::is_specialized && numeric_limits<const half>::max() == MAXHALF);

    CHECK(array<int, 3>{1, 2, 3}[1] == 2 && array<int, 3>().size() == 3 && array<int, 0>().empty());
    CHECK(array<float, 2>{1, 2} == array<float, 2>{1, 2} && array<float, 2>{1, 2} != array<float, 2>{1, 3});
    CHECK(array<int, 3>{4, 5, 6}.front() == 4 && array<int, 3>{4, 5, 6}.back() == 6);
    CHECK(is_same_v<decltype(array{1.0f, 2.0f}), array<float, 2>> && sizeof(array<uchar, 5>) == 5);
    constant constexpr uniform<int> kUniform = make_uniform(3);
    CHECK(kUniform + 1 == 4);
    int sum_of(array_ref<int> all) { int s = 0; for (int x : all) { s += x; } return s; }
    kernel void f(device int* out) {
      array<int, 4> a = {1, 2, 3, 4};
      a.fill(2);
      for (thread int& x : a) { ++x; }
      out[0] = sum_of(a) + int(make_array_ref(a).size());
    }
  )"));
}

TEST_F(StandardLibrary, RelationalFunctions) {
  expect_true({
      "isnan(NAN) && !isnan(INFINITY) && isinf(-INFINITY) && isfinite(FLT_MAX) && !isfinite(NAN)",
      "isnormal(FLT_MIN) && !isnormal(0.0f) && !isnormal(INFINITY) && signbit(-NAN)",
      "isnormal(HALF_MIN) && !isnormal(half(1e-7f)) && isnan(half(NAN)) && signbit(half(-0.0f))",
      "isnan(bfloat(NAN)) && isinf(bfloat(INFINITY)) && isfinite(bfloat(3)) && signbit(bfloat(-1))",
      "all(isnan(bfloat2(NAN, 1)) == bool2(true, false)) && all(isnormal(half2(1, 0)) == bool2(1, "
      "0))",
      "isordered(1.0f, 2.0f) && !isordered(NAN, 1.0f) && isunordered(half(1), half(NAN))",
      "all(isunordered(float3(1, NAN, 2), float3(NAN, 1, 2)) == bool3(true, true, false))",
      "all(isordered(packed_float2(1, NAN), 1.0f) == bool2(true, false))",
      "all(select(int3(1), int3(2), bool3(0, 1, 0)) == int3(1, 2, 1)) && select(1, 2, true) == 2",
      "all(select(float2(1, 2), 0.0f, bool2(0, 1)) == float2(1, 0)) && all(select(0, uchar2(7), "
      "true) "
      "== uchar2(7))",
      "all(select(bfloat2(1), bfloat2(2), bool2(1, 0)) == bfloat2(2, 1))",
      "select(bfloat(1), bfloat(2), true) == 2 && !select(true, false, true)",
      "any(bool4(0, 0, 1, 0)) && !any(bool2(false)) && all(bool3(true)) && !all(bool2(1, 0))",
      "all(not bool2(true, false) == bool2(false, true))",
  });
}

TEST_F(StandardLibrary, CommonAndSteppedFunctions) {
  expect_true({
      "mix(1.0f, 3.0f, 0.25f) == 1.5f && all(mix(float2(0, 2), float2(4, 6), float2(0.5f, 1)) == "
      "float2(2, 6))",
      "all(mix(float2(0, 2), 4.0f, 0.5f) == float2(2, 3)) && all(mix(half3(0), half3(2), 0.5h) == "
      "1.0h)",
      "smoothstep(0.0f, 2.0f, 1.0f) == 0.5f && smoothstep(0.0f, 2.0f, -1.0f) == 0 && smoothstep(0, "
      "2, "
      "3.0f) == 1",
      "all(smoothstep(0.0f, 1.0f, float3(-1, 0.5f, 2)) == float3(0, 0.5f, 1))",
      "all(step(0.5f, float3(0, 0.5f, 1)) == float3(0, 1, 1)) && all(clamp(half2(-3, 3), -1, 1) == "
      "half2(-1, 1))",
      "all(sign(float4(-3, 0, NAN, 7)) == float4(-1, 0, 0, 1)) && signbit(sign(-0.0f))",
      "saturate(NAN) == 0 && saturate(2.0h) == 1.0h && fast::saturate(-1.0f) == 0 && "
      "precise::clamp(5.0f, 0.0f, 2.0f) == 2",
      "[] { int e; half m = frexp(half(6), e); float w; float f = modf(-2.5f, w); return m == "
      "0.75h && "
      "e == 3 && w == -2 && f == -0.5f; }()",
      "[] { int3 e; float3 m = frexp(float3(1, 8, 0.25f), e); return all(e == int3(1, 4, -1)) && "
      "all(m "
      "== 0.5f); }()",
      "[] { half2 w; half2 f = modf(half2(1.5h, -INFINITY), w); return f.x == 0.5h && w.x == 1 && "
      "f.y "
      "== 0 && signbit(f.y) && isinf(w.y); }()",
      "[] { float c; float s = sincos(0.5f, c); float2 d; float2 t = sincos(float2(0.5f), d); "
      "return s "
      "== sin(0.5f) && c == cos(0.5f) && all(t == s) && all(d == c); }()",
      "all(ldexp(float2(1, 3), int2(3, -1)) == float2(8, 1.5f)) && all(ldexp(half2(1), 2) == 4.0h)",
      "all(ilogb(float3(1, 10, 0.3f)) == int3(0, 3, -2)) && ilogb(half(0x1p-20f)) == -20",
      "nextafter(1.0f, 2.0f) == 1 + FLT_EPSILON && nextafter(0.0h, -1.0h) == "
      "as_type<half>(ushort(0x8001))",
      "nextafter(HALF_MAX, HUGE_VALH) == HUGE_VALH && nextafter(-1.0h, 0.0h) == -1.0h + "
      "HALF_EPSILON / 2",
      "isnan(nextafter(half(NAN), 1.0h)) && all(nextafter(half2(1, -1), half2(2)) == half2(1 + "
      "0x1p-10f, -1 + 0x1p-11f))",
      "fract(-0.25f) == 0.75f && fract(-1e-9f) == 0x1.fffffep-1f && fract(half(-0x1p-24f)) == "
      "half(0x1.ffcp-1f)",
      "pow(2.0f, 3) == 8 && pow(2.0h, 2) == 4.0h && max(1, 2.5f) == 2.5f && fma(2, 3.0f, 1) == 7",
  });
}

TEST_F(StandardLibrary, GeometricFunctions) {
  expect_true({
      "dot(float4(1, 2, 3, 4), float4(2)) == 20 && dot(half2(3, 4), half2(3, 4)) == 25.0h",
      "dot(packed_float3(1, 2, 3), float3(1)) == 6 && length(packed_half2(3, 4)) == 5.0h",
      "all(cross(float3(1, 2, 3), float3(4, 5, 6)) == float3(-3, 6, -3))",
      "length_squared(float2(3, 4)) == 25 && distance(float3(1), float3(1, 4, 5)) == 5 && "
      "distance_squared(half2(0), half2(1, 2)) == 5.0h",
      "all(abs(normalize(float3(3, 0, 4)) - float3(0.6f, 0, 0.8f)) < 1e-7f) && "
      "precise::length(float2(0, 2)) == 2 && fast::distance(float2(0), float2(2, 0)) == 2",
      "all(faceforward(float2(1, 2), float2(1, 0), float2(1, 0)) == float2(-1, -2)) && "
      "all(faceforward(float2(1, 2), float2(1, 0), float2(-1, 0)) == float2(1, 2))",
      // The normal is made one of length 1.
      "all(abs(reflect(float2(1, -1), float2(0, 4)) - float2(1, 1)) < 1e-6f)",
      "all(refract(float2(0, -1), float2(0, 1), 1.5f) == float2(0, -1)) && all(refract(float2(1, "
      "0), "
      "float2(0, 1), 1.5f) == 0)",
      "all(abs(refract(normalize(float2(1, -1)), float2(0, 1), 0.5f) - float2(0.35355339f, "
      "-0.93541434f)) < 1e-6f)",
  });
}

}  // namespace
}  // namespace softmetal::testing
