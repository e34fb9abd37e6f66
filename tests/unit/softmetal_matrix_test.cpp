// Vectors, packed vectors, matrices and bfloat: layout, constructors, conversions and operators.
#include <bit>
#include <cmath>
#include <cstdint>
#include <random>

#include "tests/unit/softmetal_expressions.hpp"

namespace softmetal::testing {
namespace {

class Types : public Expressions {};

// Sizes and alignments of the Metal specification's tables, for every type.
TEST_F(Types, Layout) {
  std::vector<std::string> expressions;
  const std::vector<std::pair<std::string, int>> scalars = {{"bool", 1},
                                                            {"char", 1},
                                                            {"uchar", 1},
                                                            {"short", 2},
                                                            {"ushort", 2},
                                                            {"int", 4},
                                                            {"uint", 4},
                                                            {"long", 8},
                                                            {"ulong", 8},
                                                            {"half", 2},
                                                            {"bfloat", 2},
                                                            {"float", 4}};
  const auto expect_size = [&](const std::string& type, int size, int alignment) {
    expressions.push_back("sizeof(" + type + ") == " + std::to_string(size) + " && alignof(" +
                          type + ") == " + std::to_string(alignment));
  };
  for (const auto& [name, size] : scalars) {
    expect_size(name, size, size);
    for (int n = 2; n <= 4; ++n) {
      const std::string vector = name + std::to_string(n);
      const int room = size * (n == 3 ? 4 : n);
      expect_size(vector, room, room);
      expect_size("packed_" + vector, size * n, size);
      expressions.push_back("is_same_v<vec<" + name + ", " + std::to_string(n) + ">, " + vector +
                            ">");
    }
  }
  for (const std::string name : {"float", "half", "bfloat"}) {
    const int size = name == "float" ? 4 : 2;
    for (int columns = 2; columns <= 4; ++columns) {
      for (int rows = 2; rows <= 4; ++rows) {
        const int column = size * (rows == 3 ? 4 : rows);
        expect_size(
            name + std::to_string(columns) + "x" + std::to_string(rows), columns * column, column);
      }
    }
  }
  expect_true(expressions);
}

TEST_F(Types, PackedVectors) {
  expect_true({
      "[] { packed_float3 p(1, 2, 3); p.yz = p.zy; p.x += 4; return all(p == float3(5, 3, 2)); }()",
      "[] { packed_float4 p(1, 2, 3, 4); p *= 2; p -= float4(1); return all(p.wzyx == float4(7, 5, "
      "3, 1)); }()",
      "[] { packed_half2 p = half2(1, 2); float2 v = float2(p); return all(v == float2(1, 2)); }()",
      "[] { packed_uint2 p(5, 6); p <<= 1u; p ^= 3u; return p.r == 9 && p.g == 15; }()",
      "all(float3(packed_int3(-1, 2, 3)) == float3(-1, 2, 3)) && all(packed_char3(int3(1)) == 1)",
      "all(packed_float3(1) + packed_float3(2) == 3.0f) && all(-packed_int2(1, 2) == int2(-1, -2))",
      "all(float3(1) + packed_float3(2) == 3.0f) && all(2 * packed_float2(1, 2) == float2(2, 4))",
      "all(float4(packed_float3(1, 2, 3), 4) == float4(1, 2, 3, 4))",
      "is_same_v<decltype(packed_float3(1) * 2), float3>",
      "any(packed_bfloat2(bfloat2(1, 2)) == bfloat2(2, 2))",
      "dot(float3(packed_float3(1, 2, 3)), float3(1)) == 6",
      "[] { packed_short3 p[2] = {packed_short3(1, 2, 3), packed_short3(4, 5, 6)}; return "
      "(&p[0].x)[3] == 4; }()",
  });
}

TEST_F(Types, Vectors) {
  expect_true({
      "[] { constexpr float4 k = float4(1, float2(2, 3), 4) * 2; static_assert(k.w == 8 && k[1] == "
      "4, \"\"); return true; }()",
      "all(bool4(1, 0, 2, 0.5f) == bool4(true, false, true, true))",
      "all(int3(float3(1.9f, -1.9f, 0)) == int3(1, -1, 0)) && all(uchar2(ushort2(300, 2)) == "
      "uchar2(44, 2))",
      "all(!bool2(true, false) == bool2(false, true)) && all((bool2(true) & bool2(1, 0)) == "
      "bool2(1, 0))",
      "all((float2(1, 2) < float2(2, 1)) == bool2(true, false)) && all((int2(1) || int2(0)) == "
      "bool2(true))",
      "all(as_type<uint2>(float2(1, 2)) == uint2(0x3f800000, 0x40000000))",
      "as_type<uint>(half2(1, 2)) == 0x40003c00 && as_type<ulong>(uint2(1, 2)) == 0x200000001ul",
      "all(as_type<uchar4>(0x04030201u) == uchar4(1, 2, 3, 4))",
      "[] { int4 v(7); v %= 4; v <<= 1; v |= int4(1, 2, 8, 16); --v; return all(v == int4(6, 5, "
      "13, 21)); }()",
      "[] { float3 v{1, 2, 3}; v.zx = v.xz; v[1] *= 5; return all(v == float3(3, 10, 1)); }()",
      "all((ulong2(1) << ulong2(40, 2)) == ulong2(0x10000000000, 4))",
      "!is_convertible_v<int4, float4> && is_convertible_v<int, float4> && "
      "!is_convertible_v<float3, float4>",
  });
}

TEST_F(Types, Bfloat) {
  expect_true({
      "is_same_v<decltype(bfloat(1) + bfloat(2)), bfloat> && is_same_v<decltype(bfloat(1) * 2), "
      "bfloat>",
      "is_same_v<decltype(bfloat(1) + 1.0f), float> && is_same_v<decltype(abs(bfloat(1))), float>",
      "!is_convertible_v<float, bfloat> && !is_convertible_v<half, bfloat> && "
      "is_convertible_v<bfloat, float> && is_convertible_v<int, bfloat>",
      "is_convertible_v<bfloat, uint> && is_convertible_v<bfloat, short> && "
      "is_convertible_v<bfloat, ulong> && is_convertible_v<bfloat, bool>",
      "[] { const uint u = bfloat(3.75f); const long l = bfloat(-2.5f); bool b = bfloat(0.25f); "
      "uchar c = 0; c = bfloat(7); return u == 3 && l == -2 && b && c == 7; }()",
      "[] { uint n = 0; if (bfloat(1)) { ++n; } while (bfloat(0)) { ++n; } return n == 1; }()",
      "as_type<ushort>(1.0bf) == 0x3f80 && as_type<ushort>(-2.5bf) == 0xc020",
      // Ties go to even; everything above goes up.
      "as_type<ushort>(bfloat(as_type<float>(0x3f808000))) == 0x3f80",
      "as_type<ushort>(bfloat(as_type<float>(0x3f818000))) == 0x3f82",
      "as_type<ushort>(bfloat(as_type<float>(0x3f808001))) == 0x3f81",
      "as_type<ushort>(bfloat(as_type<float>(0x7f7fffff))) == 0x7f80",
      "as_type<ushort>(bfloat(as_type<float>(0x00000001))) == 0 && as_type<float>(uint(0x10000)) "
      "== float(as_type<bfloat>(ushort(1)))",
      "isnan(float(bfloat(as_type<float>(0x7f800001)))) && isinf(float(bfloat(INFINITY)))",
      // Of integers too: by way of float, 0x80800001 would become a tie.
      "as_type<ushort>(bfloat(0x01010001)) == 0x4b81 && as_type<ushort>(bfloat(0x01010000)) == "
      "0x4b80",
      "as_type<ushort>(bfloat(0x8080000000000001ul)) == 0x5f01 && float(bfloat(-3L)) == -3",
      "float(bfloat(ulong(0) - 1)) == 0x1p64f && float(bfloat(long(1) << 63)) == -0x1p63f",
      "int(bfloat(-7.5f)) == -7 && half(bfloat(0.5f)) == half(0.5f) && bool(bfloat(2)) && "
      "!bfloat(0)",
      "[] { bfloat b = 3; b += 1; b *= 2.5f; b -= bfloat(1); b /= 3; return b++ == 3 && b == 4 && "
      "--b == 3; }()",
      "[](bool c) { bfloat b = c ? bfloat(2) : 1; return b; }(false) == 1 && -bfloat(1) < 0 && 3 > "
      "bfloat(2)",
      "as_type<ushort>(bfloat(1) / bfloat(3)) == 0x3eab",
      "all(bfloat2(1, 2) * 2 == bfloat2(2, 4)) && all(float2(bfloat2(half2(1, 2))) == float2(1, "
      "2))",
      "float(numeric_limits<bfloat>::max()) == 0x1.fep127f && "
      "float(numeric_limits<bfloat>::epsilon()) == 0x1p-7f",
      "[](bfloat b) { uint u = b; uchar c = b; u += b; float x = 1; x += b; x *= b; return u == 4 "
      "&& c == "
      "2 && x == 8.75f && (b ? 1 : 0) == 1; }(bfloat(2.5f))",
      "is_same_v<decltype(1.0f - bfloat(1)), float> && is_same_v<decltype(2u * bfloat(1)), bfloat> "
      "&& "
      "bfloat(1) == 1.0f && 0.5f < bfloat(1)",
      "[] { struct Flag { operator bool() const { return true; } }; bfloat b = Flag(); return b == "
      "1; }()",
      "max(bfloat(2), bfloat(3)) == 3 && fma(bfloat(2), 3.0f, 1.0f) == 7",
  });
}

// Loads from and stores to volatile and coherent memory.
TEST_F(Types, VolatileMemory) {
  const auto state = pipeline(R"(
    kernel void f(volatile device float4* v, volatile coherent(device) device bfloat* b,
                  const volatile device packed_float3* p, coherent(system) device float* out) {
      const float4 x = v[0];
      v[1] = x * 2;
      v[2] = v[1];
      b[1] = b[0];
      const float y = b[1];
      const float3 z = p[1];
      out[0] = v[2].w + y + z.x;
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto v = buffer(std::vector<float>{1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0});
  const auto b = buffer(std::vector<std::uint16_t>{0x3fc0, 0});  // 1.5
  const auto p = buffer(std::vector<float>{0, 0, 0, 100, 0, 0});
  const auto out = buffer(std::vector<float>(1));
  ASSERT_EQ(run(state.get(), {v.get(), b.get(), p.get(), out.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<float>(out.get())[0], 8 + 1.5f + 100);
}

TEST_F(Types, MatrixConstructorsAndOperators) {
  expect_true({
      "[] { float2x3 m(1, 2, 3, 4, 5, 6); return m[0].z == 3 && m[1][0] == 4 && m.columns[1].y == "
      "5; }()",
      "[] { float3x2 m(float2(1, 2), float2(3, 4), float2(5, 6)); return all(m[2] == float2(5, "
      "6)); "
      "}()",
      "[] { float2x2 m = {{1, 2}, {3, 4}}; m[0].xy = m[1].yx; return m == float2x2(4, 3, 3, 4); "
      "}()",
      "float3x3(2) == float3x3(2, 0, 0, 0, 2, 0, 0, 0, 2) && float2x4(1)[1][1] == 1 && "
      "float2x4(1)[1][0] == 0",
      "half4x4(float4x4(3))[2][2] == half(3) && float4x4(bfloat4x4(bfloat(2)))[3][3] == 2",
      "-float2x2(1) + float2x2(3) - float2x2(1, 1, 1, 1) == float2x2(1, -1, -1, 1)",
      "2 * float2x2(1, 2, 3, 4) * 0.5f == float2x2(1, 2, 3, 4) && float2x2(1) != float2x2(2)",
      "all(float2x3(1, 2, 3, 4, 5, 6) * float2(1, 10) == float3(41, 52, 63))",
      "all(float3(1, 10, 100) * float2x3(1, 2, 3, 4, 5, 6) == float2(321, 654))",
      "transpose(float2x3(1, 2, 3, 4, 5, 6)) == float3x2(1, 4, 2, 5, 3, 6)",
      "[] { float2x2 m(1, 2, 3, 4); m *= m; m += float2x2(1); m -= float2x2(1); m *= 2; return m "
      "== "
      "float2x2(14, 20, 30, 44); }()",
      "determinant(float2x2(1, 2, 3, 4)) == -2 && determinant(half3x3(2, 0, 1, 1, 3, 2, 1, 1, 4)) "
      "== 18",
      "determinant(float4x4(1, 2, 3, 4, 2, 1, 5, 6, 3, 5, 1, 7, 4, 6, 7, 1)) == -258",
      "[] { constexpr float3x3 k = float3x3(2); static_assert(determinant(k) == 8, \"\"); return "
      "true; }()",
  });
}

// All shapes of products, of random small integers: exact in half, so any error shows.
TEST_F(Types, MatrixProducts) {
  std::string body;
  for (int c = 2; c <= 4; ++c) {
    for (int r = 2; r <= 4; ++r) {
      for (int k = 2; k <= 4; ++k) {
        const std::string left = std::to_string(k) + "x" + std::to_string(r);
        const std::string right = std::to_string(c) + "x" + std::to_string(k);
        body += "  out = product<T, " + std::to_string(c) + ", " + std::to_string(r) + ", " +
                std::to_string(k) + ">(in, out);\n";
      }
    }
  }
  const auto from = library(R"(
    #include <metal_stdlib>
    using namespace metal;
    template <class T, int C, int R>
    matrix<T, C, R> load(device const float* in) {
      matrix<T, C, R> m;
      for (int i = 0; i < C * R; ++i) { m[i / R][i % R] = T(in[i]); }
      return m;
    }
    template <class T, int C, int R, int K>
    device float* product(device const float* in, device float* out) {
      const matrix<T, C, R> m = load<T, K, R>(in) * load<T, C, K>(in + 16);
      for (int i = 0; i < C * R; ++i) { out[i] = m[i / R][i % R]; }
      return out + C * R;
    }
    template <class T>
    kernel void f(device const float* in, device float* out) {
)" + body + R"(    }
    template [[host_name("f_float")]] kernel void f<float>(device const float*, device float*);
    template [[host_name("f_half")]] kernel void f<half>(device const float*, device float*);
  )");
  ASSERT_TRUE(from);
  std::mt19937 generator(3);
  std::vector<float> in(32);
  for (float& value : in) {
    value = static_cast<float>(static_cast<int>(generator() % 19) - 9);
  }
  const auto inputs = buffer(in);
  for (const std::string name : {"f_float", "f_half"}) {
    const auto state = pipeline(from.get(), name);
    ASSERT_TRUE(state);
    const auto out = buffer(std::vector<float>(81 * 3, -1));
    ASSERT_EQ(run(state.get(), {inputs.get(), out.get()}, {1, 1, 1}, {1, 1, 1}), "");
    const auto result = values<float>(out.get());
    std::size_t at = 0;
    for (int c = 2; c <= 4; ++c) {
      for (int r = 2; r <= 4; ++r) {
        for (int k = 2; k <= 4; ++k) {
          for (int i = 0; i < c * r; ++i) {
            double expected = 0;
            for (int j = 0; j < k; ++j) {
              expected += double{in[j * r + i % r]} * in[16 + i / r * k + j];
            }
            ASSERT_EQ(result[at++], expected) << name << " " << c << r << k << " " << i;
          }
        }
      }
    }
  }
}

}  // namespace
}  // namespace softmetal::testing
