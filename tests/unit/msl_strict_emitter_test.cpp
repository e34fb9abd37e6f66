// The text for strict mode, and the places in it.
#include <algorithm>
#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "msl/reader.hpp"
#include "msl/strict_emitter.hpp"

namespace ingot::msl {
namespace {

std::string emit(const std::string& source) {
  return emit_strict(read_module(source, "a.metal")).text;
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(MslStrictEmitter, AddressSpacesBecomeThoseOfTheDialect) {
  const std::string text = emit(
      "void f(device int* a, constant int& b, threadgroup int* c, thread int* d, thread int& e);");
  EXPECT_TRUE(contains(text, "__attribute__((opencl_global_device))")) << text;
  EXPECT_TRUE(contains(text, "const __global int& b")) << text;
  EXPECT_TRUE(contains(text, "__local     int* c, __private int* d, __private int& e")) << text;
}

TEST(MslStrictEmitter, ConstReferencesToThreadMemoryAreGenericAndRemembered) {
  const Module module = read_module(
      "void f(const thread int& a, thread const int& b, thread int& c, const thread int* d);", "a");
  const StrictText text = emit_strict(module);
  std::vector<std::string> names;
  for (const std::size_t token : text.thread_references) {
    names.emplace_back(module.lexed.spelling(token));
  }
  EXPECT_EQ(names, (std::vector<std::string>{"a", "b"}));
  EXPECT_TRUE(contains(text.text, "__private int& c, const __private int* d")) << text.text;
}

TEST(MslStrictEmitter, MethodsAreForThreadObjectsUnlessTheySayOtherwise) {
  const std::string text = emit(
      "struct S {\n  S();\n  void a();\n  int b() const;\n  int c() const device;\n"
      "  int c() const constant;\n  int d() threadgroup;\n  static int e();\n};");
  EXPECT_TRUE(contains(text, "S();")) << text;
  EXPECT_TRUE(contains(text, "void a() __private;")) << text;
  EXPECT_TRUE(contains(text, "int b() const;")) << text;
  EXPECT_TRUE(contains(text, "int c() const __global;\n         ")) << text;  // the second is gone
  EXPECT_TRUE(contains(text, "int d() __local    ;")) << text;
  EXPECT_TRUE(contains(text, "static int e();")) << text;
}

TEST(MslStrictEmitter, WordsOfTheDialectAreRenamed) {
  EXPECT_TRUE(contains(emit("int f(int global, int local) { return global + local; }"),
                       "int f(int global_, int local_) { return global_+ local_; }"));
}

// Columns move where a word grows, and line markers lead to other files.
TEST(MslStrictEmitter, KnowsWhereTokensCameFrom) {
  const Module module = read_module(
      "# 1 \"a.metal\"\nvoid f(device int* a,\n       device int* b);\n# 7 \"b.h\"\nint g(int "
      "x);\n",
      "a.metal");
  const StrictText text = emit_strict(module);
  EXPECT_FALSE(contains(text.text, "#")) << text.text;
  for (std::size_t i = 0; i < module.lexed.tokens.size(); ++i) {
    const std::string before = text.text.substr(0, text.offsets[i]);
    const auto line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    EXPECT_EQ(text.token_at(line, column), i);
  }
  const std::size_t g = text.text.find("g(int x)");
  const std::size_t start = text.text.rfind('\n', g) + 1;
  EXPECT_EQ(to_string(module.lexed.location(text.token_at(5, g - start + 1))), "b.h:7:5");
  EXPECT_EQ(text.token_at(99, 1), module.lexed.tokens.size() - 1);
}

TEST(MslStrictEmitter, TheReaderGoesOnAfterProblems) {
  std::vector<Error> problems;
  const Module module = read_module(
      "int counter = 0;\n"
      "kernel int f(device int* a) { return a[0]; }\n"
      "kernel void g(device int* a [[nonsense]]) {}\n"
      "kernel void h(device int* a) { int x [[buffer(0)]]; }\n",
      "a.metal",
      problems);
  std::vector<std::string> places;
  for (const Error& problem : problems) {
    places.push_back(problem.subject());
  }
  EXPECT_EQ(
      places,
      (std::vector<std::string>{"a.metal:1:5", "a.metal:2:12", "a.metal:3:27", "a.metal:4:40"}));
  ASSERT_EQ(module.kernels.size(), 1u);
  EXPECT_EQ(module.kernels[0].name, "h");
}

}  // namespace
}  // namespace ingot::msl
