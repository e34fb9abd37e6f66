#include "backends/cuda/preprocess.hpp"

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"

namespace ingot::cuda {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string run(const std::string& text) {
  return preprocess({"dir/test.metal", text});
}

TEST(CudaPreprocess, MacrosAndConditionsAreCarriedOut) {
  const std::string text =
      run("#include <metal_stdlib>\n"
          "#define KERNEL(name, ...) template [[host_name(name)]] [[kernel]] decltype(__VA_ARGS__) "
          "__VA_ARGS__;\n"
          "#if __METAL_VERSION__ >= 310 && defined(__METAL__)\n"
          "KERNEL(\"a\" \"b\", f<float, 4>)\n"
          "#else\n"
          "wrong\n"
          "#endif\n");
  EXPECT_THAT(text, HasSubstr("[[host_name(\"a\" \"b\")]] [[kernel]] decltype( f<float, 4>)"));
  EXPECT_THAT(text, Not(HasSubstr("wrong")));
  EXPECT_THAT(text, Not(HasSubstr("metal_stdlib")));
}

TEST(CudaPreprocess, LiteralsOfMetalPassThrough) {
  EXPECT_THAT(run("half a = 1.5h; float b = 0x1.8p3f; uint c = 0xFFu;\n"),
              HasSubstr("half a = 1.5h; float b = 0x1.8p3f; uint c = 0xFFu;"));
}

TEST(CudaPreprocess, PlacesAreThoseOfTheMarkers) {
  EXPECT_THAT(run("#line 7 \"other.h\"\n#define X 1\nint a = X;\n"),
              HasSubstr("#line 8 \"other.h\""));
}

TEST(CudaPreprocess, PragmasStay) {
  EXPECT_THAT(run("void f() {\n#pragma unroll\n  for (;;) {}\n}\n"), HasSubstr("#pragma unroll"));
}

TEST(CudaPreprocess, ThePragmaOperatorStays) {
  EXPECT_THAT(run("#define UNROLL _Pragma(\"clang loop unroll(full)\")\n"
                  "void f() {\n  UNROLL for (;;) {}\n}\n"),
              HasSubstr("_Pragma(\"clang loop unroll(full)\") for"));
}

TEST(CudaPreprocess, ProblemsNameTheirPlace) {
  const auto problem = [](const std::string& text) -> std::string {
    try {
      run(text);
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kCompile);
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(problem("int a;\n#if 1 +\n#endif\n"), HasSubstr("dir/test.metal:2:"));
  EXPECT_THAT(problem("#error this GPU is too old\n"), HasSubstr("this GPU is too old"));
  EXPECT_THAT(problem("#define M(x) x\nM(1\n"), HasSubstr("test.metal"));
  EXPECT_THAT(problem("#include \"missing.h\"\n"), HasSubstr("missing.h"));
}

}  // namespace
}  // namespace ingot::cuda
