// What tools may read and write.
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sys/stat.h>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "mcp/includes.hpp"
#include "mcp/roots.hpp"

namespace ingot::mcp {
namespace {

namespace fs = std::filesystem;

class McpFiles : public testing::Test {
 protected:
  McpFiles() {
    std::string name = (fs::temp_directory_path() / "ingot-mcp-test-XXXXXX").string();
    base_ = fs::canonical(mkdtemp(name.data()));
    write("root/file.npy", "");
    write("root/folder/file.metal", "");
    write("root-beside/file.npy", "");
    write("outside/secret.h", "secret");
    fs::create_symlink("../outside/secret.h", base_ / "root/link.npy");
    fs::create_directory_symlink("../outside", base_ / "root/door");
    fs::create_symlink("file.npy", base_ / "root/inner.npy");
  }
  ~McpFiles() override { fs::remove_all(base_); }

  void write(const std::string& path, const std::string& text) const {
    fs::create_directories((base_ / path).parent_path());
    std::ofstream(base_ / path, std::ios::binary) << text;
  }
  Roots roots() const { return Roots({(base_ / "root").string()}); }

  template <class F>
  static std::string message_of(F&& act) {
    try {
      act();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  }

  // What is wrong with the includes of a source at root/main.metal; "" when nothing is.
  std::string problem_with(const std::string& source) const {
    const Roots allowed = roots();
    const std::string message = message_of([&] {
      check_includes(source, base_ / "root/main.metal", [&](const fs::path& real) {
        return allowed.contains(real);
      });
    });
    return message == "no error" ? "" : message;
  }

  fs::path base_;
};

TEST_F(McpFiles, ReadsBelowARootOnly) {
  EXPECT_EQ(roots().readable("file.npy"), base_ / "root/file.npy");
  EXPECT_EQ(roots().readable("folder/../file.npy"), base_ / "root/file.npy");
  EXPECT_EQ(roots().readable((base_ / "root/folder/file.metal").string()),
            base_ / "root/folder/file.metal");
  EXPECT_EQ(roots().readable("inner.npy"), base_ / "root/file.npy");
  for (const std::string& path : {std::string("link.npy"),
                                  std::string("door/secret.h"),
                                  std::string("../outside/secret.h"),
                                  std::string("../root-beside/file.npy"),
                                  (base_ / "outside/secret.h").string(),
                                  std::string("/etc/hostname"),
                                  std::string("/dev/zero")}) {
    EXPECT_NE(message_of([&] { roots().readable(path); }).find("outside"), std::string::npos)
        << path;
  }
}

TEST_F(McpFiles, ReadsRegularFilesOnly) {
  ASSERT_EQ(mkfifo((base_ / "root/pipe").c_str(), 0600), 0);
  for (const char* path : {"pipe", "folder", "."}) {
    EXPECT_NE(message_of([&] { roots().readable(path); }).find("regular"), std::string::npos)
        << path;
  }
  EXPECT_NE(message_of([&] { roots().readable("absent"); }).find("no such file"),
            std::string::npos);
  EXPECT_NE(message_of([&] { roots().readable(""); }), "no error");
  EXPECT_NE(message_of([&] { roots().readable(std::string("file.npy\0x", 10)); }), "no error");
}

TEST_F(McpFiles, WithoutRootsNothingIsReadOrWritten) {
  const Roots none({});
  EXPECT_NE(message_of([&] { none.readable("/etc/hostname"); }), "no error");
  EXPECT_NE(message_of([&] { none.writable("/tmp/x.npy", ".npy"); }), "no error");
  EXPECT_THROW(Roots({(base_ / "absent").string()}), Error);
  EXPECT_THROW(Roots({(base_ / "root/file.npy").string()}), Error);
}

TEST_F(McpFiles, SeveralRootsAreLookedThroughInOrder) {
  const Roots both({(base_ / "root").string(), (base_ / "root-beside").string()});
  EXPECT_EQ(both.readable("file.npy"), base_ / "root/file.npy");
  EXPECT_EQ(both.readable("../root-beside/file.npy"), base_ / "root-beside/file.npy");
}

TEST_F(McpFiles, WritesNewAndRegularFilesOfTheKind) {
  EXPECT_EQ(roots().writable("new.npy", ".npy"), base_ / "root/new.npy");
  EXPECT_EQ(roots().writable("folder/new.npy", ".npy"), base_ / "root/folder/new.npy");
  EXPECT_EQ(roots().writable("file.npy", ".npy"), base_ / "root/file.npy");
  for (const char* path : {"folder/file.metal",
                           ".npy/../new",
                           "link.npy",
                           "inner.npy",
                           "door/new.npy",
                           "../new.npy",
                           "absent/new.npy",
                           "/tmp/new.npy",
                           "folder",
                           ""}) {
    EXPECT_NE(message_of([&] { roots().writable(path, ".npy"); }), "no error") << path;
  }
}

TEST_F(McpFiles, IncludesBelowARootAreAllowed) {
  write("root/a.h", "#include \"folder/b.h\"\n");
  write("root/folder/b.h", "#pragma once\n#include <metal_stdlib>\n#include \"../a.h\"\n");
  EXPECT_EQ(problem_with("#include <metal_stdlib>\n#include \"a.h\"\nint include = 1;\n"), "");
  EXPECT_EQ(problem_with("// how to import and to include \"that\" in words\nfloat x;"), "");
  EXPECT_EQ(problem_with("#include \"not/there.h\"\n"), "");
  EXPECT_EQ(problem_with("// and so we include what follows: \"/etc/passwd\"\n"), "");
}

TEST_F(McpFiles, IncludesFromElsewhereAreRefused) {
  write("root/around.h", "#include \"door/secret.h\"\n");
  const std::string secret = (base_ / "outside/secret.h").string();
  const std::string sources[] = {
      "#include \"" + secret + "\"",
      "#include <" + secret + ">",
      "#include \"../outside/secret.h\"",
      "#include <../outside/secret.h>",
      "#include \"door/secret.h\"",
      "#include \"link.npy\"",
      "#include <link.npy>",
      "#include <door/secret.h>",
      "#include \"around.h\"",
      "  #  include \"../outside/secret.h\"",
      "/* */ # /* */ include \"../outside/secret.h\"",
      "# /*\n*/ include \"../outside/secret.h\"",
      "#inc\\\nlude \"../outside/secret.h\"",
      "#inc\\ \t\nlude \"../outside/secret.h\"",
      "#\\\ninclude \"../outside/secret.h\"",
      "%:include \"../outside/secret.h\"",
      "%: include \"../outside/secret.h\"",
      "?\?=include \"../outside/secret.h\"",
      "#import \"../outside/secret.h\"",
      "#include_next \"../outside/secret.h\"",
      "#embed \"../outside/secret.h\"",
      "#define FILE \"x\"\n#include FILE",
      "#include /* */ \"../outside/secret.h\"",
      "#if __has_include(\"../outside/secret.h\")",
      "#if __has_include ( </etc/passwd> )",
      "#if __has_embed(\"/etc/passwd\")",
      "#include \"x\\\"../outside/secret.h\"",
      "#include \"unclosed",
      "const char* s = \"/*\";\n#include \"../outside/secret.h\"\n// */"};
  for (const std::string& source : sources) {
    EXPECT_NE(problem_with(source + "\n"), "") << source;
  }
}

}  // namespace
}  // namespace ingot::mcp
