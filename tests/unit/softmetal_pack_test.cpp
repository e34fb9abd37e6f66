// Packed colours and pixel types against the conversion rules of the Metal specification.
#include <cmath>
#include <cstdint>
#include <random>

#include "tests/unit/softmetal_expressions.hpp"

namespace softmetal::testing {
namespace {

// A field of `bits` bits at `at`, as the specification converts it.
double unpacked(std::uint32_t word, int at, int bits, bool is_signed) {
  const std::uint32_t field = word >> at & ((1u << bits) - 1);
  if (!is_signed) {
    return field / static_cast<double>((1u << bits) - 1);
  }
  const int value = static_cast<int>(field << (32 - bits)) >> (32 - bits);
  return std::max(-1.0, value / static_cast<double>((1u << (bits - 1)) - 1));
}
std::uint32_t packed(double value, int bits, bool is_signed) {
  const double most = static_cast<double>((1u << (is_signed ? bits - 1 : bits)) - 1);
  const double scaled =
      std::isnan(value) ? 0 : std::fmin(std::fmax(value * most, is_signed ? -most : 0), most);
  return static_cast<std::uint32_t>(static_cast<int>(std::nearbyint(scaled))) & ((1u << bits) - 1);
}

double from_srgb(double c) {
  return c <= 0.04045 ? c / 12.92 : std::pow((c + 0.055) / 1.055, 2.4);
}
double to_srgb(double c) {
  c = std::isnan(c) ? 0 : std::fmin(std::fmax(c, 0), 1);
  return c < 0.0031308 ? 12.92 * c : 1.055 * std::pow(c, 1 / 2.4) - 0.055;
}

struct Format {
  std::string name;
  std::vector<int> fields;
  bool is_signed;
};
const std::vector<Format> kFormats = {
    {"unorm4x8", {8, 8, 8, 8}, false},
    {"snorm4x8", {8, 8, 8, 8}, true},
    {"unorm2x16", {16, 16}, false},
    {"snorm2x16", {16, 16}, true},
    {"unorm10a2", {10, 10, 10, 2}, false},
    {"snorm10a2", {10, 10, 10, 2}, true},
    {"unorm565", {5, 6, 5}, false},
};

class Packing : public Expressions {
 protected:
  static std::vector<std::uint32_t> words() {
    std::vector<std::uint32_t> result = {0, ~0u, 0x80808080, 0x7f7f7f7f, 0x80008000, 0x80018001};
    std::mt19937 generator(2);
    while (result.size() < 4096) {
      result.push_back(generator());
    }
    return result;
  }
  static std::vector<float> numbers() {
    // Ties of 8-bit fields, what lies outside, and the rest.
    std::vector<float> result = {0, -0.0f, 1, -1, 2, -3, INFINITY, -INFINITY, NAN, 0.5f, 1e-9f};
    std::mt19937 generator(4);
    while (result.size() < 4 * 2048) {
      result.push_back(generator() % 4 == 0
                           ? static_cast<float>((generator() % 255 + 0.5) / 255)
                           : static_cast<float>(static_cast<int>(generator())) / 2e9f);
    }
    return result;
  }
};

TEST_F(Packing, Unpack) {
  std::string body;
  for (const Format& format : kFormats) {
    const std::string n = std::to_string(format.fields.size());
    body += "  put(out, float4_of(unpack_" + format.name + "_to_float(w)));\n";
    body += "  put(out, float4_of(float" + n + "(unpack_" + format.name + "_to_half(w))));\n";
  }
  const auto state = pipeline(R"(
    float4 float4_of(float4 v) { return v; }
    float4 float4_of(float3 v) { return float4(v, 0); }
    float4 float4_of(float2 v) { return float4(v, 0, 0); }
    void put(thread device float4*& out, float4 v) { *out++ = v; }
    kernel void f(device const uint* in, device float4* all, uint i [[thread_position_in_grid]]) {
      const uint w = in[i];
      device float4* out = all + 16 * i;
)" + body + R"(
      put(out, unpack_unorm4x8_srgb_to_float(w));
      put(out, float4(unpack_unorm4x8_srgb_to_half(w)));
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto in = words();
  const unsigned n = static_cast<unsigned>(in.size());
  const auto source = buffer(in), out = buffer(std::vector<float>(64 * in.size()));
  ASSERT_EQ(run(state.get(), {source.get(), out.get()}, {n, 1, 1}, {64, 1, 1}), "");
  const auto result = values<float>(out.get());
  for (unsigned i = 0; i < n; ++i) {
    const float* got = result.data() + 64 * std::size_t{i};
    for (const Format& format : kFormats) {
      const std::uint32_t word = format.name == "unorm565" ? in[i] & 0xffff : in[i];
      int at = 0;
      for (std::size_t c = 0; c < format.fields.size(); ++c) {
        const double exact = unpacked(word, at, format.fields[c], format.is_signed);
        ASSERT_EQ(got[c], static_cast<float>(exact)) << format.name << " " << word << " " << c;
        ASSERT_NEAR(got[4 + c], exact, std::abs(exact) * 0x1p-11 + 0x1p-25) << format.name;
        at += format.fields[c];
      }
      got += 8;
    }
    for (int c = 0; c < 4; ++c) {
      const double stored = (in[i] >> 8 * c & 255) / 255.0;
      const double exact = c < 3 ? from_srgb(stored) : stored;
      ASSERT_NEAR(got[c], exact, 1e-6) << in[i];
      ASSERT_NEAR(got[4 + c], exact, exact * 0x1p-11 + 0x1p-25) << in[i];
    }
  }
}

TEST_F(Packing, Pack) {
  std::string body;
  for (const Format& format : kFormats) {
    const std::string n = std::to_string(format.fields.size());
    const std::string components = std::string(".xyzw").substr(0, format.fields.size() + 1);
    body += "  *out++ = pack_float_to_" + format.name + "(v" + components + ");\n";
    body += "  *out++ = pack_half_to_" + format.name + "(half4(v)" + components + ");\n";
  }
  const auto state = pipeline(R"(
    kernel void f(device const float4* in, device uint* all, device half4* halves,
                  uint i [[thread_position_in_grid]]) {
      const float4 v = in[i];
      halves[i] = half4(v);
      device uint* out = all + 16 * i;
)" + body + R"(
      *out++ = pack_float_to_srgb_unorm4x8(v);
      *out++ = pack_half_to_srgb_unorm4x8(half4(v));
    })",
                              "f");
  ASSERT_TRUE(state);
  const auto in = numbers();
  const unsigned n = static_cast<unsigned>(in.size() / 4);
  const auto source = buffer(in), out = buffer(std::vector<std::uint32_t>(16 * std::size_t{n}));
  const auto halves = buffer(std::vector<_Float16>(in.size()));
  ASSERT_EQ(run(state.get(), {source.get(), out.get(), halves.get()}, {n, 1, 1}, {64, 1, 1}), "");
  const auto result = values<std::uint32_t>(out.get());
  const auto rounded = values<_Float16>(halves.get());
  for (unsigned i = 0; i < n; ++i) {
    const std::uint32_t* got = result.data() + 16 * std::size_t{i};
    for (const Format& format : kFormats) {
      std::uint32_t of_floats = 0, of_halves = 0;
      int at = 0;
      for (std::size_t c = 0; c < format.fields.size(); ++c) {
        const int bits = format.fields[c];
        of_floats |= packed(in[4 * i + c], bits, format.is_signed) << at;
        of_halves |= packed(static_cast<double>(rounded[4 * i + c]), bits, format.is_signed) << at;
        at += bits;
      }
      ASSERT_EQ(got[0], of_floats) << format.name << " of " << in[4 * i];
      ASSERT_EQ(got[1], of_halves) << format.name << " of " << in[4 * i];
      got += 2;
    }
    for (unsigned c = 0; c < 4; ++c) {
      const double x = std::isnan(in[4 * i + c]) ? 0 : in[4 * i + c];
      const double exact = 255 * (c < 3 ? to_srgb(x) : std::fmin(std::fmax(x, 0), 1));
      ASSERT_LE(std::abs((got[0] >> 8 * c & 255) - exact), 0.5001) << in[4 * i + c];
    }
  }
}

TEST_F(Packing, Pixels) {
  expect_true({
      "sizeof(r8unorm<float>) == 1 && sizeof(rg8snorm<half2>) == 2 && alignof(rg8snorm<half2>) == "
      "1",
      "sizeof(rgba8unorm<half4>) == 4 && alignof(rgba8unorm<half4>) == 1 && "
      "alignof(r16snorm<float>) "
      "== 2",
      "sizeof(rgba16unorm<float4>) == 8 && alignof(rgba16unorm<float4>) == 2",
      "sizeof(rgb10a2<half4>) == 4 && alignof(rgb10a2<half4>) == 4 && sizeof(rg11b10f<half3>) == 4 "
      "&& "
      "sizeof(rgb9e5<float3>) == 4",
      "[] { rgba8unorm<half4> p = half4(0, 0.5h, 1, 2); half4 v = p; return "
      "as_type<uint>(p) == 0xffff8000 && v.x == 0 && v.w == 1; }()",
      "[] { rg16snorm<float2> p = float2(-1, 0.5f); p = p; float2 v = p; return v.x == -1 && "
      "abs(v.y - 0.5f) < 2e-5f && all(p == p); }()",
      "[] { r8snorm<float> p = -0.5f; return float(p) == -64.0f / 127; }()",
      "[] { srgba8unorm<float4> p = float4(0.5f, 0, 1, 0.5f); return as_type<uint>(p) == "
      "0x80ff00bc; }()",
      "[] { rgb10a2<float4> p = float4(1, 0, 1, 1); return as_type<uint>(p) == 0xfff003ff; }()",
      // One as each format has it, and a tie.
      "[] { rg11b10f<float3> p = float3(1, 2, 0.5f); float3 v = p; return as_type<uint>(p) == (15u "
      "<< "
      "6 | 16u << 17 | 14u << 27) && all(v == float3(1, 2, 0.5f)); }()",
      "[] { rg11b10f<float3> p = float3(1 + 0x1p-7f, -3, 0x1p-19f); float3 v = p; return all(v == "
      "float3(1, 0, 0x1p-19f)); }()",
      "[] { rg11b10f<float3> p = float3(1e9f, INFINITY, NAN); float3 v = p; return isinf(v.x) && "
      "isinf(v.y) && isnan(v.z); }()",
      // Carries into the exponent, out of the subnormal numbers, and into infinity.
      "[] { rg11b10f<float3> p = float3(2 - 0x1p-8f, 0x1p-14f - 0x1p-21f, 65024); float3 v = p; "
      "return v.x == 2 && v.y == 0x1p-14f && isinf(v.z); }()",
      "[] { rg11b10f<float3> p = float3(65024, 0, 64512); float3 v = p; return all(v == "
      "float3(65024, "
      "0, 64512)); }()",
      "[] { rgb9e5<float3> p = float3(1, 0.5f, 0); float3 v = p; return all(v == float3(1, 0.5f, "
      "0)) "
      "&& as_type<uint>(p) == (256u | 128u << 9 | 16u << 27); }()",
      "[] { rgb9e5<float3> p = float3(NAN, -1, 1e9f); float3 v = p; return all(v == float3(0, 0, "
      "65408)); }()",
      "[] { rgb9e5<half3> p = half3(512, 1, 0.2h); half3 v = half3(p); return all(v == half3(512, "
      "2, "
      "0)); }()",
  });
}

}  // namespace
}  // namespace softmetal::testing
