#include <map>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "msl/source.hpp"

namespace ingot::msl {
namespace {

using Files = std::map<std::string, std::string, std::less<>>;

std::string flatten_files(const std::string& root, const Files& files) {
  return flatten({"root.metal", root},
                 [&](std::string_view path, std::string_view) -> std::optional<Source> {
                   const auto found = files.find(path);
                   if (found == files.end()) {
                     return std::nullopt;
                   }
                   return Source{found->first, found->second};
                 });
}

std::string error_of(const std::string& root, const Files& files) {
  try {
    flatten_files(root, files);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCompile);
    return error.what();
  }
  return "no error";
}

TEST(MslSource, ReplacesIncludesByTheirText) {
  EXPECT_EQ(flatten_files("#include <metal_stdlib>\n#include \"a.h\"\nend", {{"a.h", "int a;\n"}}),
            "#line 1 \"root.metal\"\n"
            "#include <metal_stdlib>\n"
            "#line 1 \"a.h\"\n"
            "int a;\n"
            "#line 3 \"root.metal\"\n"
            "end\n");
}

TEST(MslSource, IncludesEachFileOnce) {
  const Files files = {{"a.h", "#pragma once\n#include \"b.h\"\nA\n"},
                       {"b.h", "B\n#include \"a.h\"\n"}};
  const std::string text = flatten_files("#include \"b.h\"\n # import \"a.h\" // again\n", files);
  EXPECT_EQ(text,
            "#line 1 \"root.metal\"\n#line 1 \"b.h\"\nB\n#line 1 \"a.h\"\n\n#line 3 \"a.h\"\nA\n"
            "#line 3 \"b.h\"\n#line 2 \"root.metal\"\n#line 3 \"root.metal\"\n");
}

TEST(MslSource, EqualNamesAreTheSameFile) {
  const std::string text = flatten({"dir/r", "#include \"x\"\n#include \"../dir/x\"\n"},
                                   [](std::string_view, std::string_view from) {
                                     EXPECT_EQ(from, "dir/r");
                                     return std::optional<Source>({"dir/x", "X\n"});
                                   });
  EXPECT_EQ(text.find("X\n"), text.rfind("X\n"));
}

TEST(MslSource, LeavesCommentsAndStringsAlone) {
  const std::string root =
      "/* comment\n#include \"no.h\"\n*/ a \"/*\"\n// #include \"no.h\"\n'\"' /* */\nint "
      "\"\\\"/*\";\n";
  EXPECT_EQ(flatten_files(root, {}), "#line 1 \"root.metal\"\n" + root);
}

TEST(MslSource, QuotesNamesInMarkers) {
  EXPECT_EQ(flatten({"a\\\"b", "x"}, nullptr), "#line 1 \"a\\\\\\\"b\"\nx\n");
  EXPECT_EQ(flatten({"empty", ""}, nullptr), "#line 1 \"empty\"\n");
}

TEST(MslSource, NamesTheLineOfAMissingFile) {
  EXPECT_EQ(error_of("\n\n#include \"ingot/none.h\"\n", {}),
            "root.metal:3: there is no file \"ingot/none.h\" to include (correct the path, or give "
            "the file with the source)");
  EXPECT_EQ(error_of("#include \"a.h\"\n", {{"a.h", "\n#include \"b.h\""}}).substr(0, 6), "a.h:2:");
}

TEST(MslSource, RejectsIncludesThatDependOnConditions) {
  EXPECT_EQ(error_of("#if A\n#include \"a.h\"\n#endif\n", {{"a.h", ""}}).substr(0, 13),
            "root.metal:2:");
  const Files guarded = {{"a.h",
                          "// text\n#ifndef A_H // guard\n#define A_H\n#include \"b.h\"\n"
                          "#if X\n#endif\n#include \"b.h\"\n#endif\n"},
                         {"b.h", "B\n"}};
  EXPECT_EQ(error_of("#include \"a.h\"\n#ifdef X\n#endif\n#include \"b.h\"\n", guarded),
            "no error");
}

}  // namespace
}  // namespace ingot::msl
