// Sources with a file of their own, and the headers they include.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "softmetal/program.hpp"

namespace softmetal {
namespace {
namespace fs = std::filesystem;

class SoftMetalInclude : public ::testing::Test {
 protected:
  SoftMetalInclude() {
    std::string pattern = (fs::temp_directory_path() / "softmetal-XXXXXX").string();
    directory_ = mkdtemp(pattern.data());
  }
  ~SoftMetalInclude() override { fs::remove_all(directory_); }

  void write(const fs::path& path, std::string_view text) const {
    fs::create_directories((directory_ / path).parent_path());
    std::ofstream(directory_ / path) << text;
  }

  // The kernels of a source that lies in src/main.metal, or the error's text.
  std::string kernels_of(std::string_view source, std::vector<std::string> macros = {}) const {
    try {
      const Program program(source,
                            {.macros = std::move(macros),
                             .file = directory_ / "src/main.metal",
                             .include_directories = {directory_ / "include"}});
      std::string names;
      for (const auto& kernel : program.module().kernels) {
        names += kernel.name + " ";
      }
      return names;
    } catch (const ingot::Error& error) {
      std::string text = error.what();
      for (std::size_t at; (at = text.find(directory_.string())) != std::string::npos;) {
        text.replace(at, directory_.string().size(), "DIR");
      }
      return text;
    }
  }

  fs::path directory_;
};

TEST_F(SoftMetalInclude, SearchesTheOwnDirectoryThenTheGivenOnes) {
  write("src/own.h", "kernel void from_own() {}\n");
  write("src/both.h", "kernel void both_in_src() {}\n");
  write("include/both.h", "kernel void both_in_include() {}\n");
  write("include/deep/more.h", "#pragma once\n#include \"beside.h\"\n");
  write("include/deep/beside.h", "kernel void beside() {}\n");
  EXPECT_EQ(kernels_of("#include \"own.h\"\n#include \"both.h\"\n#include <deep/more.h>\n"
                       "#include \"deep/more.h\"\n"),
            "from_own both_in_src beside ");
  EXPECT_EQ(kernels_of("#include <both.h>\n"), "both_in_include ");
}

TEST_F(SoftMetalInclude, DirectivesAndMacrosDecide) {
  write("include/fast.h", "kernel void fast() {}\n");
  write("include/slow.h", "kernel void slow() {}\n");
  const char* source =
      "#if FAST && __METAL_VERSION__ >= 310 && defined(__METAL_MACOS__)\n"
      "#include \"fast.h\"\n#elif defined(__linux__) || defined(__x86_64__)\n"
      "#error the host shows\n#else\n#include \"slow.h\"\n#endif\n";
  EXPECT_EQ(kernels_of(source, {"FAST=1"}), "fast ");
  EXPECT_EQ(kernels_of(source, {"FAST=0"}), "slow ");
}

TEST_F(SoftMetalInclude, AChangedHeaderIsReadAgain) {
  write("include/a.h", "kernel void before() {}\n");
  EXPECT_EQ(kernels_of("#include <a.h>\n"), "before ");
  EXPECT_EQ(kernels_of("#include <a.h>\n"), "before ");
  write("include/a.h", "kernel void after_() {}\n");  // as long as it was
  EXPECT_EQ(kernels_of("#include <a.h>\n"), "after_ ");
}

// Or a kernel would be compiled a second time when its source is met again.
TEST_F(SoftMetalInclude, WhatIsRememberedIsTheSameText) {
  write("include/a.h", "kernel void same() {}\n");
  const auto emitted = [&] {
    return Program("#include <metal_stdlib>\n#include <a.h>\n",
                   {.macros = {},
                    .file = directory_ / "src/main.metal",
                    .include_directories = {directory_ / "include"}})
        .specialise("same", {})
        .text;
  };
  const std::string first = emitted();
  EXPECT_EQ(emitted(), first);
}

TEST_F(SoftMetalInclude, ErrorsNameTheUsersFiles) {
  write("include/broken.h", "\n  int f() { return nothing; }\n");
  EXPECT_NE(kernels_of("\n#include <missing.h>\n").find("DIR/src/main.metal:2:10:"),
            std::string::npos);
  EXPECT_NE(kernels_of("#include \"missing.h\"\n").find("'missing.h' file not found"),
            std::string::npos);
  EXPECT_NE(kernels_of("#include <broken.h>\n").find("DIR/include/broken.h:2:20:"),
            std::string::npos);
  write("include/texture.h", "kernel void f(texture2d<float> t [[texture(0)]]) {}\n");
  EXPECT_EQ(kernels_of("#include <texture.h>\n").find("DIR/include/texture.h:1:"), 0U);
}

TEST_F(SoftMetalInclude, ATextWithoutAFileIsNamedProgramSource) {
  try {
    const Program program("#include \"own.h\"\n", {});
    FAIL();
  } catch (const ingot::Error& error) {
    EXPECT_NE(std::string(error.what()).find("program_source:1:10: fatal error: 'own.h'"),
              std::string::npos)
        << error.what();
  }
}

}  // namespace
}  // namespace softmetal
