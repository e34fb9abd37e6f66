// Strict mode lets right programs pass, and refuses libraries.
#include <fmt/format.h>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "softmetal/strict.hpp"
#include "tests/unit/softmetal_fixture.hpp"
#include "tests/unit/softmetal_strict_problems.hpp"

namespace softmetal {
namespace {

// A right program of many constructs, one namespace each.
constexpr std::string_view kRight[] = {
    // Overloads and templates for several address spaces; deduction of the space.
    R"(float at(const device float* p, uint i) { return p[i]; }
       float at(const threadgroup float* p, uint i) { return p[i]; }
       float at(constant float* p, uint i) { return p[i]; }
       float at(const thread float* p, uint i) { return p[i]; }
       template <class Pointer> float first(Pointer p) { return p[0]; }
       template <class T> T load(const device T* p) { return *p; }
       template <class T> T load(const threadgroup T* p) { return *p; }
       template <class T> void skip(const device T*& p, thread int*& q, int n) { p += n; q = nullptr; }
       template <int N> float total(const float parts[N]) { return parts[0] + parts[N - 1]; }
       kernel void k(device float* a, constant float* c) {
         threadgroup float t[4];
         float local[4] = {1, 2, 3, 4};
         t[0] = at(a, 0) + at(c, 1) + at(local, 2);
         threadgroup_barrier(mem_flags::mem_threadgroup);
         a[0] = at(t, 0) + first(a) + first(c) + first(local) + first(t) + load(a) + load(t) +
                total<4>(local);
       })",
    // Temporary objects for const references to thread memory, and values from any memory.
    R"(struct Pair {
         float x, y;
         Pair operator+(const thread Pair& o) const { return {x + o.x, y + o.y}; }
         thread Pair& operator+=(const thread Pair& o) { x += o.x; y += o.y; return *this; }
         float sum() const { return x + y; }
       };
       Pair make(float x) { return {x, x}; }
       float both(const thread float& a, const thread Pair& p) { return a + p.sum(); }
       kernel void k(device Pair* a, constant Pair& c, threadgroup Pair* t [[threadgroup(0)]]) {
         Pair p = a[0];
         p += make(1);
         p = p + make(2) + Pair{3, 4};
         t[0] = c;
         a[1] = t[0];
         Pair q = c;
         a[0].x = both(1, q) + both(float(a[1].y), make(2)) + make(3).sum();
       })",
    // Methods and constructors for several address spaces.
    R"(struct Complex {
         float re, im;
         Complex() = default;
         constexpr Complex(float r, float i) : re(r), im(i) { set(r); }
         template <class T> constexpr Complex(T v) : re(v), im(0) {}
         constexpr void set(float r) { re = r; }
         constexpr operator float() const thread { return re; }
         constexpr operator float() const threadgroup { return re; }
         constexpr operator float() const device { return re; }
         constexpr operator float() const constant { return re; }
         thread float& real() thread { return re; }
         device float& real() device { return re; }
       };
       constant Complex kI = Complex(0, 1);
       constexpr constant Complex kOne = Complex(1.0f);
       struct Limits { static constant constexpr int kMost = 4; static const constant float kLeast; };
       constant float Limits::kLeast = 2;
       kernel void k(device Complex* a, constant Complex& c, device float* out) {
         Complex z = a[0];
         z.real() = 2;
         out[0] = z + a[0] + c + kI + kOne + Complex(3, 4) + Limits::kMost + Limits::kLeast;
       })",
    // Vectors, packed vectors, matrices of scalars, arrays, swizzles, casts.
    R"(struct Vertex { packed_float3 position; packed_half2 uv; uchar4 colour; };
       struct alignas(16) Block { half scale; array<int, 4> values; float tail[3]; };
       kernel void k(device float4* v, device Vertex* p, device Block* b, constant float3& c) {
         float4 x = v[0].wzyx;
         x.xy = v[1].zw + c.xy;
         v[2].x = dot(x, x) + c.z;
         v[3] = float4(c, 1) * x;
         p[0].position = float3(x.xyz);
         p[1] = p[0];
         float3 y = p[0].position;
         b[0].values[1] = int(y.x);
         array<int, 4> copy = b[0].values;
         copy[2] = 3;
         b[1].values = copy;
         b[0].scale = 0.5h;
         const device uint* words = (const device uint*)v;
         device half2* pairs = reinterpret_cast<device half2*>(v);
         pairs[0] = as_type<half2>(words[1]);
         thread float* parts = (thread float*)&x;
         parts[1] = b[0].tail[2];
         uint2 u = uint2(words[0], 1u) << 1;
         bool2 less = float2(y.xy) < float2(1);
         v[4].x = any(less) ? float(u.x) : select(1.0f, 2.0f, less.y);
       })",
    // Matrices, SIMD-group matrices, functions with two results.
    R"(kernel void k(device float4x4* m, constant float3x3& n, device float4* v,
                     threadgroup half* t [[threadgroup(0)]], device float* a) {
         float4x4 x = m[0];
         x[1] = v[0];
         m[1] = x * transpose(x);
         v[1] = x * v[0];
         float3 r = n * v[0].xyz;
         v[2].xyz = r;
         m[2][1][2] = n[1][1];
         simdgroup_float8x8 c = make_filled_simdgroup_matrix<float, 8>(0);
         simdgroup_half8x8 p, q;
         simdgroup_load(p, t, 8);
         simdgroup_load(q, t + 64, 8, ulong2(0, 0), true);
         simdgroup_multiply_accumulate(c, p, q, c);
         simdgroup_store(c, a, 8);
         float whole, cosine;
         int exponent;
         a[0] = modf(a[1], whole) + frexp(a[2], exponent) + sincos(a[3], cosine);
       })",
    // Argument structs, constants of structs, volatile memory, bytes as other types.
    R"(struct Args { device float* in [[id(0)]]; device float* out [[id(1)]]; uint n [[id(2)]]; };
       struct P { int a; float b[2]; };
       constant P kP = {1, {2, 3}};
       constant P kQ[2] = {{1, {2, 3}}, {4, {5, 6}}};
       constant char kText[] = "abc";
       kernel void k(constant Args& args, constant P& p, device uchar* raw,
                     volatile device uint* flags, uint i [[thread_position_in_grid]]) {
         P q = kQ[1];
         constant P* r = &kQ[0];
         if (i < args.n) { args.out[i] = args.in[i] + q.a + kP.b[1] + p.b[0] + r->a + kText[0]; }
         flags[0] = 1;
         threadgroup uchar bytes[64];
         threadgroup float* f = (threadgroup float*)(bytes + 16);
         f[0] = *(const device float*)(raw + 4);
         device packed_float3* v = reinterpret_cast<device packed_float3*>(raw);
         v[1] = float3(f[0]);
       })",
    // Atomics, SIMD-group functions, barriers, function constants, built-in inputs.
    R"(constant bool kDouble [[function_constant(0)]];
       constant uint kCount [[function_constant(1)]];
       constant bool kHasCount = is_function_constant_defined(kCount);
       kernel void k(device atomic_uint* count [[buffer(0)]],
                     device float* a [[buffer(1)]],
                     constant float& factor [[buffer(2), function_constant(kDouble)]],
                     threadgroup atomic_int* slots [[threadgroup(0)]],
                     uint3 id [[thread_position_in_grid]],
                     ushort lane [[thread_index_in_simdgroup]],
                     uint width [[threads_per_simdgroup]]) {
         uint expected = 0;
         atomic_fetch_add_explicit(count, 1u, memory_order_relaxed);
         atomic_compare_exchange_weak_explicit(
             count, &expected, 3u, memory_order_relaxed, memory_order_relaxed);
         atomic_store_explicit(&slots[lane], 1, memory_order_relaxed);
         float sum = simd_sum(a[id.x]);
         sum += simd_shuffle_xor(sum, ushort(1)) + quad_sum(sum);
         if (kDouble) { sum *= factor; }
         if (kHasCount) { sum += kCount; }
         if (lane == 0 && simd_all(sum > 0)) { a[id.y] = sum / width; }
         simdgroup_barrier(mem_flags::mem_none);
       })",
    // Kernel templates, function template arguments, tables, local types, auto, range for.
    R"(constant float kTable[4] = {1, 2, 3, 4};
       constant constexpr int kSizes[] = {1, 2};
       float look_up(constant float* table, int i) { return table[i]; }
       struct Square { template <class T> T operator()(T x) const { return x * x; } };
       template <class T> void unpack(const device T* from, short i, thread float4& to) {
         to[i] = float(from[i]);
       }
       template <class T, int N, void (*Unpack)(const device T*, short, thread float4&)>
       kernel void k(device const T* a, device float* out, uint i [[thread_position_in_grid]]) {
         threadgroup T tile[N][N + 1];
         struct Local { float v; float get() { return v; } };
         Local local = {look_up(kTable, 1) + kTable[2] + kSizes[1]};
         float4 x;
         Unpack(a, 1, x);
         auto p = a + i;
         const device auto* q = p;
         thread auto& r = local;
         tile[0][1] = *q;
         float sum = 0;
         float parts[] = {1, 2};
         for (float part : parts) { sum += part; }
         for (thread float& part : parts) { part = 0; }
         out[i] = Square()(r.get()) + x.y + tile[0][1] + sum + sizeof(T) + 1.0;
       }
       template [[host_name("k_int")]] [[kernel]] void k<int, 4, unpack<int>>(
           device const int*, device float*, uint);
       template [[host_name("k_half")]] [[kernel]] decltype(k<half, 8, unpack<half>>)
           k<half, 8, unpack<half>>;)",
    // Names that are words of OpenCL; inheritance, unions, enums, operators of structs.
    R"(enum class Mode : uint { kA, kB };
       struct Base { int global; };
       struct Derived : Base { int local; int both() const { return global + local; } };
       union Bits { float f; uint u; };
       struct Half { half generic; operator half() const { return generic; } };
       kernel void k(device int* pipe, constant Mode& mode) {
         Derived read_only;
         read_only.global = 1;
         read_only.local = 2;
         Bits bits;
         bits.f = 1;
         Half h = {1.0h};
         pipe[0] = read_only.both() + int(bits.u) + (mode == Mode::kB ? 1 : 0) + int(h);
       })",
};

TEST(SoftMetalStrict, RightProgramsPass) {
  std::string program;
  for (std::size_t i = 0; i < std::size(kRight); ++i) {
    program += fmt::format("namespace n{} {{\n{}\n}}\n", i, kRight[i]);
  }
  for (const Diagnostic& problem : problems(program)) {
    ADD_FAILURE() << to_string(problem);
  }
}

TEST(SoftMetalStrict, LambdaExpressionsCameWithVersion32) {
  const std::string source =
      "kernel void k(device int* a) { auto f = [&](int x) { return x + a[1]; }; a[0] = f(1); }";
  EXPECT_EQ(problems(source, 310).size(), 1u);
  EXPECT_EQ(problems(source, 320).size(), 0u);
}

TEST(SoftMetalStrict, NamesTheFileThatIsMissing) {
  const std::vector<Diagnostic> found = problems("#include <vector>\n");
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(
      to_string(found[0]),
      "program_source:3:10: error: 'vector' file not found (Metal has no headers but its own) "
      "[compile]");
}

TEST(SoftMetalStrict, FindsWhatNeedsTheOutermostScope) {
  const std::vector<Diagnostic> found = problems(
      "int main() { return 0; }\n"
      "template <int N> kernel void k(device int* a) { a[0] = N; }\n"
      "template [[host_name(\"k\"), max_total_threads_per_threadgroup(2000)]] kernel void k<1>("
      "device int*);\n");
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(found[0].rule, "main");
  EXPECT_EQ(found[0].place, (Place{"program_source", 3, 5}));
  EXPECT_EQ(found[1].rule, "threads");
  EXPECT_EQ(found[1].place.line, 5u);
}

// Of an instance that is too large no pipeline can be made, of the others it can.
TEST(SoftMetalStrict, WarnsOfInstancesThatAreTooLarge) {
  const std::string source =
      std::string(kPrologue) +
      "template <int N, bool kFirst> kernel void k(device float* a) {\n"
      "  if (kFirst) { threadgroup float t[N]; a[0] = t[0]; }\n"
      "  else { threadgroup float t[N]; a[1] = t[0]; }\n}\n"
      "template [[host_name(\"a\")]] kernel void k<8192, true>(device float*);\n"
      "template [[host_name(\"b\")]] kernel void k<8193, true>(device float*);\n";
  Program::Options options;
  const std::vector<Diagnostic> found = find_problems(source, options);
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].severity, Severity::kWarning);
  EXPECT_EQ(found[0].rule, "threadgroup-memory");
  EXPECT_NE(found[0].message.find("32772 bytes"), std::string::npos) << found[0].message;
  options.strict = true;
  EXPECT_EQ(Program(source, options).module().kernels.size(), 2u);
}

TEST(SoftMetalStrict, BrokenTextsHaveOneProblem) {
  for (const char* source : {"kernel void k(", "/* no end", "struct S { int x;", "}"}) {
    EXPECT_EQ(problems(source).size(), 1u) << source;
  }
  EXPECT_EQ(find_problems("", {}).size(), 0u);
}

// A source is refused as a whole, with all its problems in the error; without strict mode it runs.
TEST(SoftMetalStrict, RefusesLibraries) {
  const std::string source = std::string(kPrologue) +
                             "kernel void k(device float* a) {\n"
                             "  double x = a[0];\n"
                             "  float* p = a;\n"
                             "  *p = x;\n}\n";
  Program::Options options;
  EXPECT_EQ(Program(source, options).module().kernels.size(), 1u);
  options.strict = true;
  for (int again = 0; again < 2; ++again) {
    try {
      Program program(source, options);
      ADD_FAILURE() << "accepted";
    } catch (const ingot::Error& error) {
      EXPECT_EQ(error.code(), ingot::ErrorCode::kCompile);
      EXPECT_EQ(error.subject(), "program_source:4:3");
      EXPECT_NE(std::string(error.what())
                    .find("program_source:5:10: error: the pointer has no "
                          "address space"),
                std::string::npos)
          << error.what();
    }
  }
}

class SoftMetalStrictLibrary : public testing::SoftMetal {};

TEST_F(SoftMetalStrictLibrary, AsksTheOptions) {
  const std::string source = "kernel void k(device float* a) { float* p = a; *p = 1; }";
  EXPECT_TRUE(library(source));
  Options strict = options();
  strict.strict = true;
  const ScopedOptions scope(strict);
  NS::Error* error = nullptr;
  const auto refused = NS::TransferPtr(device_->newLibrary(testing::text(source), nullptr, &error));
  ASSERT_FALSE(refused);
  EXPECT_EQ(error->code(), MTL::LibraryErrorCompileFailure);
  const std::string text = error->localizedDescription()->utf8String();
  EXPECT_NE(text.find("program_source:1:41"), std::string::npos) << text;
}

}  // namespace
}  // namespace softmetal
