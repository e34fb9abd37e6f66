#include <algorithm>
#include <map>
#include <string>

#include "gtest/gtest.h"

#include "msl/host_emitter.hpp"
#include "msl/reader.hpp"
#include "tests/unit/msl_example.hpp"

namespace ingot::msl {
namespace {

using Constants = std::map<std::string, std::string>;

std::string emit(std::string_view text, std::string_view kernel = {}, Constants constants = {}) {
  const Module module = read_module(std::string(text), "f.metal");
  const Kernel* found = kernel.empty() ? nullptr : module.find(kernel);
  EXPECT_EQ(found == nullptr, kernel.empty());
  return emit_host({&module, found, std::move(constants)});
}

// Without the header's three lines, the trailer, and repeated spaces.
std::string body(std::string_view text, std::string_view kernel = {}, Constants constants = {}) {
  std::string result = emit(text, kernel, std::move(constants));
  for (int line = 0; line < 3; ++line) {
    result.erase(0, result.find('\n') + 1);
  }
  result.erase(std::min(result.find("\n#line"), result.size()));
  result.erase(
      std::unique(
          result.begin(), result.end(), [](char a, char b) { return a == ' ' && b == ' '; }),
      result.end());
  while (!result.empty() && (result.back() == '\n' || result.back() == ' ')) {
    result.pop_back();
  }
  return result;
}

std::string entry(std::string_view text, std::string_view kernel, Constants constants = {}) {
  const std::string result = emit(text, kernel, std::move(constants));
  return result.substr(result.find("SOFTMETAL_ENTRY"));
}

std::string error_of(std::string_view text, std::string_view kernel = {}) {
  try {
    emit(text, kernel);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCompile);
    return error.subject() + ": " + error.problem();
  }
  return "no error";
}

TEST(MslHostEmitter, StartsWithTheShimAndAMarker) {
  EXPECT_EQ(
      emit("int f();"),
      "#include <metal_stdlib>\n#include \"softmetal/entry.h\"\n#line 1 \"f.metal\"\nint f();\n");
}

TEST(MslHostEmitter, KeepsColumnsWhenItRemovesWords) {
  EXPECT_EQ(
      emit("void f(device float* p, thread T& t, threadgroup U* u, constant V& v);").substr(71),
      "void f(       float* p,        T& t,             U* u, const    V& v);\n");
}

TEST(MslHostEmitter, AConstantOfAnotherKernelsClassNeedsNoValue) {
  const std::string source =
      "constant bool wide [[function_constant(1)]];"
      "struct Narrow { void run() {} }; struct Wide { void run() { if (wide) {} } };"
      "inline Wide make() { return Wide(); }"
      "kernel void f() { Narrow n; n.run(); } kernel void g() { make().run(); }";
  EXPECT_EQ(error_of(source, "f"), "no error");
  EXPECT_EQ(
      error_of(source, "g"),
      "f.metal:1:15: the kernel 'g' needs a value for the function constant 'wide' (index 1)");
}

TEST(MslHostEmitter, AnExplicitSpecialisationHasNoStorageClass) {
  EXPECT_EQ(body("template <int N> kernel void f() {} template <> kernel void f<2>() {}"
                 "template [[host_name(\"f2\")]] kernel void f<2>();",
                 "f2"),
            "template <int N> static void f() {} template <> void f<2>() {}");
  EXPECT_EQ(body("template <> [[host_name(\"g\"), kernel]] void f<1>() {}"),
            "template <> void f<1>() {}");
}

TEST(MslHostEmitter, WritesTheEntry) {
  EXPECT_EQ(
      entry(kExample, "rows_f16_8", {{"has_bias", "true"}, {"1", "8"}}),
      "SOFTMETAL_ENTRY((::rows<half, 8>), ::softmetal::Buffer<0>, ::softmetal::Buffer<1>, "
      "::softmetal::Buffer<2>, ::metal::conditional_t<bool(::has_bias), ::softmetal::Buffer<3>, "
      "::softmetal::Disabled>, ::softmetal::Threadgroup<1>, "
      "::softmetal::Builtin<::softmetal::BuiltinId::threadgroup_position_in_grid>, "
      "::softmetal::Builtin<::softmetal::BuiltinId::thread_index_in_simdgroup>)\n");
  EXPECT_EQ(entry("kernel void f() {}", "f"), "SOFTMETAL_ENTRY((::f))\n");
  EXPECT_EQ(entry("template <typename T> kernel void f(device T* p) {}"
                  "template [[host_name(\"g\")]] kernel void f(device int* p);",
                  "g"),
            "SOFTMETAL_ENTRY((static_cast<void (*)(int * )>(::f)), ::softmetal::Buffer<0>)\n");
  EXPECT_NE(emit(kExample, "fill_four").find("\nusing namespace ::tools;\n#line"),
            std::string::npos);
}

TEST(MslHostEmitter, KernelsBecomeStaticFunctions) {
  EXPECT_EQ(body("kernel void f() {}"), "static void f() {}");
  EXPECT_EQ(body("static kernel void f() {}"), "static void f() {}");
  EXPECT_EQ(body("[[host_name(\"g\")]] [[kernel]] void f() {}"), " static void f() {}");
  EXPECT_EQ(body("[[kernel, max_total_threads_per_threadgroup(8)]] void f(uint i "
                 "[[thread_position_in_grid]]) {}"),
            " static void f(uint i ) {}");
}

TEST(MslHostEmitter, InstantiationsAreRemoved) {
  EXPECT_EQ(body("template <int N> kernel void f() {}\n"
                 "template [[host_name(\"x\")]] kernel\nvoid f<1>();\n"
                 "template int g<2>();"),
            "template <int N> static void f() {}\n \n \ntemplate int g<2>();");
}

TEST(MslHostEmitter, ConstantBecomesConstOnce) {
  EXPECT_EQ(body("constant float a = 1;"), "const float a = 1;");
  EXPECT_EQ(body("static constant constexpr const float a = 1;"),
            "static constexpr const float a = 1;");
  EXPECT_EQ(body("const constant float a = 1;"), "const float a = 1;");
  EXPECT_EQ(body("constant float* constant p = q;"), "const float* const p = q;");
  EXPECT_EQ(body("constexpr constant int a = 1;"), "constexpr const int a = 1;");
  EXPECT_EQ(body("void f(const constant T& a, T constant* b);"),
            "void f(const T& a, T const * b);");
}

TEST(MslHostEmitter, ThreadgroupVariablesBecomeReferences) {
  EXPECT_EQ(body("kernel void f() { threadgroup float tile[32][33]; tile[0][0] = 1; }"),
            "static void f() { typedef float softmetal_tg_0[32][33]; softmetal_tg_0& tile = "
            "::softmetal::threadgroup_variable<softmetal_tg_0, 0>(); tile[0][0] = 1; }");
  EXPECT_EQ(body("kernel void f() {\nthreadgroup metal::array<T, 4>\n a,\n b[2];\nx(); }"),
            "static void f() {\n"
            "typedef metal::array<T, 4> softmetal_tg_0; softmetal_tg_0& a = "
            "::softmetal::threadgroup_variable<softmetal_tg_0, 0>(); "
            "typedef metal::array<T, 4> softmetal_tg_1[2]; softmetal_tg_1& b = "
            "::softmetal::threadgroup_variable<softmetal_tg_1, 1>(); \n \n \nx(); }");
  EXPECT_EQ(body("kernel void f() { threadgroup float* p = q; }"),
            "static void f() { float* p = q; }");
}

TEST(MslHostEmitter, FunctionConstantsGetTheirValues) {
  constexpr std::string_view kText =
      "constant bool a [[function_constant(0)]];\n"
      "namespace n { constant uint b [[function_constant(7)]]; }\n"
      "constant uint c = is_function_constant_defined(n::b) ? n::b : 4;\n"
      "kernel void f() { if (a) g(c); }\nkernel void h() {}\n";
  EXPECT_EQ(
      body(kText, "f", {{"a", "false"}, {"7", "5"}, {"b", "unused"}}),
      "const bool a = false ;\nnamespace n { const uint b = 5 ; }\n"
      "const uint c = true ? n::b : 4;\nstatic void f() { if (a) g(c); }\nstatic void h() {}");
  EXPECT_EQ(
      body(kText, "h"),
      "const bool a = {} ;\nnamespace n { const uint b = {} ; }\n"
      "const uint c = false ? n::b : 4;\nstatic void f() { if (a) g(c); }\nstatic void h() {}");
  EXPECT_EQ(error_of(kText, "f"),
            "f.metal:1:15: the kernel 'f' needs a value for the function constant 'a' (index 0)");
  EXPECT_EQ(error_of(kText), "no error");
}

TEST(MslHostEmitter, FollowsTheUseOfFunctionConstants) {
  const std::string constant = "constant int a [[function_constant(3)]];\n";
  for (const char* user :
       {"int g() { return a; } kernel void f() { g(); }",
        "constant int b = a + 1; kernel void f() { g(b); }",
        "struct S { int g() { return a; } }; kernel void f() { S().g(); }",
        "struct S { int g(); }; int S::g() { return a; } kernel void f() { S s; s.g(); }",
        "bool operator+(S s, S t) { return a; } kernel void f() { s + t; }",
        "constant bool b = a > 1; kernel void f(device int* p [[function_constant(b)]]) {}"}) {
    EXPECT_NE(error_of(constant + user, "f"), "no error") << user;
  }
  for (const char* other : {"int g() { return a; } kernel void f() {}",
                            "kernel void f() {} kernel void g() { h(a); }",
                            "kernel void f() { g(is_function_constant_defined(a) ? a : 1); }"}) {
    EXPECT_EQ(error_of(constant + other, "f"), "no error") << other;
  }
  EXPECT_EQ(error_of("constant int b = 1; kernel void f() { is_function_constant_defined(b); }"),
            "f.metal:1:39: 'b' is not a function constant");
}

TEST(MslHostEmitter, SameOverloadsOfOtherAddressSpacesAreDropped) {
  EXPECT_EQ(
      body("float s(device float* p) { return *p; }\nfloat s(threadgroup float* q) { return *q; }"),
      "float s( float* p) { return *p; }");
  EXPECT_EQ(body("template <typename T> T s(const device T* p, int i = 0) { return p[i]; }\n"
                 "template <typename U> U s(constant U* p, int j = 0) { return p[j]; }"),
            "template <typename T> T s(const T* p, int i = 0) { return p[i]; }");
  EXPECT_EQ(body("struct S {\nint g() const device;\nint g() const thread;\nS(device int* p);\n"
                 "S(threadgroup int* p);\n};\nint S::g() const device { return 1; }\n"
                 "int S::g() const thread { return 1; }"),
            "struct S {\nint g() const ;\n \nS( int* p);\n \n};\nint S::g() const { return 1; }");
  // Overloads that stay apart without address spaces are kept.
  EXPECT_EQ(body("int s(device int* p) { return 1; }\nint s(constant int* p) { return 2; }\n"
                 "int s(device float* p) { return 3; }\nint s(device int* p, int n) { return 4; }"),
            "int s( int* p) { return 1; }\nint s(const int* p) { return 2; }\n"
            "int s( float* p) { return 3; }\nint s( int* p, int n) { return 4; }");
}

TEST(MslHostEmitter, RejectsOverloadsThatOnlyAddressSpacesTellApart) {
  EXPECT_EQ(error_of("int s(device int* p) { return 1; }\nint s(threadgroup int* p) { return 2; }"),
            "f.metal:2:5: 's' differs from the overload at f.metal:1:5 in the address space of its "
            "arguments and in what it does");
  EXPECT_EQ(error_of("device int* s(device int* p) { return p; }\n"
                     "threadgroup int* s(threadgroup int* p) { return p; }"),
            "no error");
}

TEST(MslHostEmitter, ConstructorsAreNotConst) {
  EXPECT_EQ(
      body("struct Log { constexpr Log(constant char* a) constant {} void add() constant; };"),
      "struct Log { constexpr Log(const char* a) {} void add() const ; };");
}

TEST(MslHostEmitter, ClassesSpecialisedByAddressSpace) {
  EXPECT_EQ(
      body("template <typename T> struct Of {};"
           "template <typename T> struct Of<device T*> { using type = T; };"
           "template <typename U> struct Of<threadgroup U*> { using type = U; };"
           "template <typename T> struct Of<constant T*> { using type = T; };"),
      "template <typename T> struct Of {};template <typename T> struct Of< T*> { using type = "
      "T; }; template <typename T> struct Of<const T*> { using type = T; };");
  EXPECT_EQ(
      error_of("template <typename T> struct Is {};\n"
               "template <typename T> struct Is<device T*> : true_type {};\n"
               "template <typename T> struct Is<thread T*> : false_type {};"),
      "f.metal:3:30: 'Is' differs from the specialisation at f.metal:2:30 in the address space "
      "of its arguments and in what it does");
}

TEST(MslHostEmitter, WritesHalfAndBfloatLiterals) {
  EXPECT_EQ(
      body("constant half a = 0.5h + 1e2H; constant bfloat b = 1.5bf; constant int c = 0xbf;"),
      "const half a = half(0.5f)+ half(1e2f); const bfloat b = bfloat(1.5f); "
      "const int c = 0xbf;");
}

// A preprocessor leaves macros in pragmas alone; their definitions are gone by then.
TEST(MslHostEmitter, PragmasThatNameSomethingGo) {
  EXPECT_EQ(body("void f() {\n#pragma unroll (MIN(N / 8, 4))\nfor (;;) {}\n"
                 "#pragma clang loop unroll_count(N)\nfor (;;) {}\n"
                 "#pragma clang loop unroll(full) vectorize(enable)\nfor (;;) {}\n"
                 "#pragma unroll(4)\nfor (;;) {}\n#pragma METAL internals : enable\n}"),
            "void f() {\n \nfor (;;) {}\n \nfor (;;) {}\n"
            "#pragma clang loop unroll(full) vectorize(enable)\nfor (;;) {}\n"
            "#pragma unroll(4)\nfor (;;) {}\n#pragma METAL internals : enable\n}");
}

TEST(MslHostEmitter, OtherAttributesAndPragmasStay) {
  EXPECT_EQ(body("[[nodiscard]] int f([[maybe_unused]] int a) {\n#pragma unroll\nfor (;;) {}\n}"),
            "[[nodiscard]] int f([[maybe_unused]] int a) {\n#pragma unroll\nfor (;;) {}\n}");
}

TEST(MslHostEmitter, KeepsEveryLineOfTheExample) {
  const std::string text = emit(kExample, "rows_f32_4", {{"has_bias", "true"}, {"width", "4"}});
  const std::string header = "# 1 \"rows.metal\"\n";
  const std::size_t start = text.find(header);
  const auto lines = [](std::string_view s) { return std::count(s.begin(), s.end(), '\n'); };
  // The header's marker and the source's own first marker are the same line.
  const std::size_t end = text.rfind("\n#line");
  EXPECT_EQ(lines(std::string_view(text).substr(0, end)), lines(kExample) + 3);
  EXPECT_NE(start, std::string::npos);
  for (const char* word : {"device", "threadgroup ", "constant ", "[[", "kernel"}) {
    EXPECT_EQ(text.find(word), std::string::npos) << word;
  }
}

}  // namespace
}  // namespace ingot::msl
