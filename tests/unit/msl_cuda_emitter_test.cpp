// The mechanisms of the translation to CUDA C++, each by the text that it writes. That the text
// compiles and means the right thing is for the conformance suite to show.
#include <algorithm>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "msl/cuda_emitter.hpp"
#include "msl/reader.hpp"

namespace ingot::msl {
namespace {

using testing::HasSubstr;
using testing::Not;

// The translation keeps every token in its column; what that is worth is the host emitter's test.
std::string without_padding(std::string text) {
  std::string::iterator end =
      std::unique(text.begin(), text.end(), [](char a, char b) { return a == ' ' && b == ' '; });
  text.erase(end, text.end());
  return text;
}

CudaTranslation translate(const std::string& source,
                          const std::string& kernel,
                          std::map<std::string, std::string> constants = {},
                          const std::set<std::uint32_t>& in_memory = {}) {
  const Module module = read_module(source, "test.metal");
  const Kernel* found = module.find(kernel);
  EXPECT_NE(found, nullptr) << kernel;
  CudaTranslation result = emit_cuda({&module, found, std::move(constants)}, in_memory);
  result.text = without_padding(std::move(result.text));
  return result;
}

TEST(MslCudaEmitter, AnEntryFindsTheArgumentsOfTheKernel) {
  const CudaTranslation result = translate(
      "kernel void scale(device float* x [[buffer(3)]], constant float& by [[buffer(1)]],\n"
      "                  uint i [[thread_position_in_grid]]) { x[i] *= by; }\n",
      "scale");
  EXPECT_EQ(result.entry, "scale_entry");
  EXPECT_THAT(result.text, HasSubstr("static void scale( float* x , const float& by ,"));
  EXPECT_THAT(result.text, HasSubstr(R"(extern "C" __global__ void scale_entry(
 const __grid_constant__ softmetal::Launch launch,
 const __grid_constant__ softmetal::Address<scale_entry_function, 0> argument0,
 const __grid_constant__ softmetal::Value<scale_entry_function, 1> argument1) {
 const softmetal::Thread thread(launch);
 if (thread.is_outside()) {
 return;
 }
 (::scale)(
 softmetal::argument<scale_entry_function, 0, true>(argument0),
 softmetal::argument<scale_entry_function, 1, true>(argument1),
 softmetal::argument<scale_entry_function, 2, true>(thread.thread_position_in_grid()));
})"));
  ASSERT_EQ(result.parameters.size(), 2u);
  EXPECT_EQ(result.parameters[0].buffer, 3u);
  EXPECT_FALSE(result.parameters[0].by_value);
  EXPECT_EQ(result.parameters[1].buffer, 1u);
  EXPECT_TRUE(result.parameters[1].by_value);
}

TEST(MslCudaEmitter, AConstantThatIsBoundToABufferIsReadFromIt) {
  const CudaTranslation result = translate(
      "kernel void f(device float* x, constant float& a, constant float& b) { *x = a + b; }",
      "f",
      {},
      {2});
  ASSERT_EQ(result.parameters.size(), 3u);
  EXPECT_TRUE(result.parameters[1].by_value);
  EXPECT_FALSE(result.parameters[2].by_value);
  EXPECT_THAT(result.text, HasSubstr("softmetal::Address<f_entry_function, 2> argument2"));
}

TEST(MslCudaEmitter, HintsToUnrollALoopAreCudas) {
  const auto hint = [](const std::string& pragma) {
    const std::string text = translate("kernel void f(device float* x) {\n" + pragma +
                                           "\n  for (int i = 0; i < 8; ++i) { x[i] = 0; }\n}\n",
                                       "f")
                                 .text;
    const size_t begin = text.find("static void f");
    const size_t line = text.find('\n', begin) + 1;
    return text.substr(line, text.find('\n', line) - line);
  };
  EXPECT_EQ(hint("#pragma clang loop unroll(full)"), "#pragma unroll");
  EXPECT_EQ(hint("#pragma clang loop unroll(enable)"), "#pragma unroll");
  EXPECT_EQ(hint("  #  pragma clang loop unroll( disable )"), "#pragma unroll 1");
  EXPECT_EQ(hint("#pragma nounroll"), "#pragma unroll 1");
  EXPECT_EQ(hint("#pragma clang loop vectorize(disable) unroll_count(4)"), "#pragma unroll 4");
  EXPECT_EQ(hint("#pragma clang loop vectorize(disable)"), "") << "NVRTC has no such hint";
  EXPECT_EQ(hint("#pragma unroll 2"), "#pragma unroll 2");
  EXPECT_EQ(hint("_Pragma(\"clang loop unroll(full)\")"), "_Pragma(\"unroll\") ");
  EXPECT_EQ(hint("_Pragma ( \"clang loop unroll_count(2)\" )"), "_Pragma(\"unroll 2\") ");
  EXPECT_EQ(hint("_Pragma(\"unroll\")"), "_Pragma(\"unroll\")");
}

TEST(MslCudaEmitter, ThreadgroupMemoryIsShared) {
  const std::string text =
      translate(
          "kernel void f(device float* x, threadgroup float* given [[threadgroup(2)]]) {\n"
          "  threadgroup float tile[8][33], sum;\n"
          "  threadgroup float* other = given;\n"
          "  tile[0][0] = *other; sum = 1; *x = tile[0][0] + sum;\n"
          "}\n",
          "f")
          .text;
  EXPECT_THAT(text, HasSubstr("__shared__ float tile[8][33]; __shared__ float sum;"));
  EXPECT_THAT(text, HasSubstr("float* other = given;"));
  EXPECT_THAT(text,
              HasSubstr("argument<f_entry_function, 1, true>(softmetal::threadgroup_argument("
                        "launch, 2))"));
}

TEST(MslCudaEmitter, SwizzlesAreCalls) {
  const std::string text = translate(
                               "struct Pair { float2 ab; float2 zw; };\n"
                               "kernel void f(device float4* v, device Pair* p) {\n"
                               "  v[0].xy = v[1].zw; v[0].rgb += v[1].bgr; v[2].x = p->ab.y;\n"
                               "  p->zw = v->xy;\n"
                               "}\n",
                               "f")
                               .text;
  EXPECT_THAT(text, HasSubstr("v[0].ref_xy()= v[1].zw;")) << "zw is a member of the source's own";
  EXPECT_THAT(text, HasSubstr("v[0].ref_xyz()+= v[1].get_zyx();"));
  EXPECT_THAT(text, HasSubstr("v[2].x = p->ab.y;"));
  EXPECT_THAT(text, HasSubstr("p->zw = v->get_xy();"));
}

TEST(MslCudaEmitter, FunctionConstantsAreConstants) {
  const std::string source =
      "constant bool kFast [[function_constant(0)]];\n"
      "constant int kWidth [[function_constant(7)]];\n"
      "kernel void f(device int* x, device int* bias [[function_constant(kFast)]]) {\n"
      "  *x = kFast ? bias[0] : kWidth;\n"
      "}\n";
  const std::string text = translate(source, "f", {{"0", "false"}, {"7", "int(32ll)"}}).text;
  EXPECT_THAT(text, HasSubstr("const bool kFast = false ;"));
  EXPECT_THAT(text, HasSubstr("const int kWidth = int(32ll) ;"));
  EXPECT_THAT(text, HasSubstr("argument<f_entry_function, 1, bool(::kFast)>(argument1)"));
  try {
    translate(source, "f", {{"0", "false"}});
    FAIL() << "kWidth has no value";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCompile);
    EXPECT_THAT(error.what(), HasSubstr("kWidth"));
  }
}

TEST(MslCudaEmitter, TheLimitOfThreadsBindsTheCompiler) {
  const std::string text =
      translate(
          "[[max_total_threads_per_threadgroup(256)]] kernel void f(device int* x) { *x = 1; }",
          "f")
          .text;
  EXPECT_THAT(text, HasSubstr("__global__ __launch_bounds__(256) void f_entry("));
}

TEST(MslCudaEmitter, AnInstanceIsCalledByItsArgumentsAndNamedAsTheHostDoes) {
  const CudaTranslation result = translate(
      "namespace ops { struct Twice {};\n"
      "template <class T, class Op> kernel void map(device T* x) { x[0] = T(2); }\n"
      "template [[host_name(\"map-twice/f32\")]] [[kernel]] decltype(map<float, Twice>) "
      "map<float, Twice>;\n}\n",
      "map-twice/f32");
  EXPECT_EQ(result.entry, "map_twice_f32_entry");
  EXPECT_THAT(result.text, HasSubstr("using namespace ::ops;"));
  EXPECT_THAT(result.text, HasSubstr("(::ops::map<float, Twice>)("));
  EXPECT_THAT(result.text, Not(HasSubstr("host_name")));
}

TEST(MslCudaEmitter, AWordThatStartsWithADigitStillNamesAnEntry) {
  const CudaTranslation result = translate(
      "template <class T> kernel void f(device T* x) { *x = 1; }\n"
      "template [[host_name(\"2d\")]] kernel void f<float>(device float*);\n",
      "2d");
  EXPECT_EQ(result.entry, "_2d_entry");
}

}  // namespace
}  // namespace ingot::msl
