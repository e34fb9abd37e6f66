#include "core/npy.hpp"

#include <bit>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

namespace fs = std::filesystem;

// A file made by NumPy itself (tests/unit/data/make_npy.py).
std::string fixture(const std::string& name) {
  return std::string(INGOT_TEST_DATA) + "/numpy_" + name + ".npy";
}

class Npy : public testing::Test {
 protected:
  Npy() {
    std::string name = (fs::temp_directory_path() / "ingot-npy-XXXXXX").string();
    folder_ = mkdtemp(name.data());
  }
  ~Npy() override { fs::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

  std::string write(const std::string& bytes) const {
    std::ofstream(path("x.npy"), std::ios::binary) << bytes;
    return path("x.npy");
  }

  // The error of reading these bytes, "" if there is none. Its subject must be the file.
  std::string error_of(const std::string& bytes, std::optional<DType> as = {}) const {
    const std::string file = write(bytes);
    try {
      read_npy(file, as);
    } catch (const Error& error) {
      EXPECT_EQ(error.subject(), file);
      return error.problem();
    }
    return "";
  }

  fs::path folder_;
};

// By the format's specification: magic, version, little-endian length of the header, the header,
// the elements.
std::string npy(const std::string& header, const std::string& data, int major = 1) {
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(major);
  bytes += '\0';
  for (int i = 0; i < (major == 1 ? 2 : 4); ++i) {
    bytes += static_cast<char>(header.size() >> (8 * i));
  }
  return bytes + header + data;
}

std::string header(const std::string& descr,
                   const std::string& shape,
                   const std::string& order = "False") {
  return "{'descr': '" + descr + "', 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

std::string file_bytes(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(stream), {}};
}

std::vector<double> values(const HostArray& array) {
  std::vector<double> result;
  for (int64_t i = 0; i < array.elements(); ++i) {
    result.push_back(array.real(i));
  }
  return result;
}

const std::vector<double> kCount = {0, 1, 2, 3, 4, 5};

TEST_F(Npy, ReadsEveryDtypeThatNumPyWrites) {
  const std::pair<const char*, DType> kFiles[] = {{"f4", DType::kF32},
                                                  {"f2", DType::kF16},
                                                  {"i1", DType::kI8},
                                                  {"u1", DType::kU8},
                                                  {"i4", DType::kI32},
                                                  {"u4", DType::kU32},
                                                  {"i8", DType::kI64},
                                                  {"u8", DType::kU64},
                                                  {"v2", DType::kF32},
                                                  {"v3", DType::kF32}};
  for (const auto& [name, dtype] : kFiles) {
    const HostArray array = read_npy(fixture(name));
    EXPECT_EQ(array.dtype(), dtype) << name;
    EXPECT_EQ(array.shape(), Shape({2, 3})) << name;
    EXPECT_EQ(values(array), kCount) << name;
  }
  EXPECT_EQ(values(read_npy(fixture("bool"))), (std::vector<double>{0, 1, 0, 1, 0, 1}));
}

TEST_F(Npy, ReadsScalarsAndEmptyArrays) {
  EXPECT_EQ(read_npy(fixture("scalar")).shape(), Shape({}));
  EXPECT_EQ(values(read_npy(fixture("scalar"))), std::vector<double>{7.5});
  EXPECT_EQ(read_npy(fixture("empty")).shape(), Shape({0, 3}));
}

TEST_F(Npy, ReadsComplexNumbersAsALastDimensionOfTwo) {
  const HostArray array = read_npy(fixture("c8"));
  EXPECT_EQ(array.shape(), Shape({2, 3, 2}));
  EXPECT_EQ(values(array), (std::vector<double>{0, 10, 1, 11, 2, 12, 3, 13, 4, 14, 5, 15}));
}

TEST_F(Npy, PutsFortranOrderIntoRowMajorOrder) {
  const HostArray array = read_npy(fixture("fortran"));
  ASSERT_EQ(array.shape(), Shape({2, 3, 4}));
  for (int64_t i = 0; i < 24; ++i) {
    EXPECT_EQ(array.real(i), static_cast<double>(i));
  }
}

TEST_F(Npy, ConvertsOnlyWhenAsked) {
  EXPECT_THROW(read_npy(fixture("f8")), Error);
  EXPECT_EQ(read_npy(fixture("f8"), DType::kF32).dtype(), DType::kF32);
  EXPECT_EQ(values(read_npy(fixture("f8"), DType::kF32)), kCount);
  EXPECT_THROW(read_npy(fixture("bf16")), Error);
  EXPECT_EQ(read_npy(fixture("bf16"), DType::kBF16).dtype(), DType::kBF16);
  EXPECT_EQ(values(read_npy(fixture("bf16"), DType::kBF16)), kCount);
  EXPECT_EQ(values(read_npy(fixture("f4"), DType::kF32)), kCount);
  EXPECT_THROW(read_npy(fixture("f4"), DType::kF16), Error);
}

TEST_F(Npy, RefusesWhatItDoesNotHaveAndSaysWhatToDo) {
  for (const char* name : {"big_endian", "record", "f8", "bf16"}) {
    try {
      read_npy(fixture(name));
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.subject(), fixture(name));
      EXPECT_NE(error.remedy(), "") << name;
    }
  }
  EXPECT_NE(error_of(npy(header("<U4", "(1,)"), std::string(16, 'x'))).find("'<U4'"),
            std::string::npos);
}

TEST_F(Npy, ReadsKeysInAnyOrderAndUnalignedData) {
  const std::string data("\0\0\x80\x3f\0\0\0\x40", 8);  // 1, 2
  const HostArray array =
      read_npy(write(npy("{\"shape\": (2,),'fortran_order':False , \"descr\":'<f4'}", data)));
  EXPECT_EQ(values(array), (std::vector<double>{1, 2}));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(array.data()) % 4, 0u);
}

TEST_F(Npy, NamesTheBytesExpectedAndFound) {
  const std::string problem = error_of(npy(header("<f4", "(3, 5)"), std::string(59, 'x')));
  EXPECT_NE(problem.find("60 bytes"), std::string::npos) << problem;
  EXPECT_NE(problem.find("has 59"), std::string::npos) << problem;
  EXPECT_NE(error_of(npy(header("<f4", "(3, 5)"), std::string(61, 'x'))), "");
}

TEST_F(Npy, RefusesDamagedFiles) {
  const std::string good = npy(header("<f4", "(2,)"), std::string(8, '\0'));
  ASSERT_EQ(error_of(good), "");
  for (size_t length = 0; length < good.size(); ++length) {
    EXPECT_NE(error_of(good.substr(0, length)), "") << length;
  }
  const std::string data(8, '\0');
  const std::string kBad[] = {
      npy(header("<f4", "(2)"), data),
      npy(header("<f4", "(-2,)"), data),
      npy(header("<f4", "(2 2)"), data),
      npy(header("<f4", "(9223372036854775807,)"), data),
      npy(header("<f4", "(9223372036854775808,)"), data),
      npy(header("<f4", "(4611686018427387904, 4611686018427387904)"), data),
      npy(header("<f4", "(1,1,1,1,1,1,1,1,2)"), data),
      npy(header("<f4", "(2,)", "Maybe"), data),
      npy(header("", "(2,)"), data),
      npy(header("<f4", "(2,)") + "{}", data),
      npy("{'descr': '<f4', 'shape': (2,)}", data),
      npy("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2,)}", data),
      npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), 'more': 1}", data),
      npy("", data),
      npy(header("<f4", "(2,)"), data, 4),
      npy(header("|b1", "(2,)"), std::string("\1\2")),
      "PK\3\4",
  };
  for (const std::string& bytes : kBad) {
    EXPECT_NE(error_of(bytes), "") << bytes;
  }
}

TEST_F(Npy, NamesFilesThatCannotBeRead) {
  for (const std::string& name :
       {path("missing.npy"), folder_.string(), std::string("/dev/null")}) {
    try {
      read_npy(name);
      ADD_FAILURE() << name;
    } catch (const Error& error) {
      EXPECT_EQ(error.subject(), name);
      EXPECT_EQ(error.code(), ErrorCode::kIo);
    }
  }
}

TEST_F(Npy, WritesTheBytesThatNumPyWrites) {
  for (const char* name :
       {"f4", "f2", "i1", "u1", "i4", "u4", "i8", "u8", "bool", "scalar", "empty", "bf16"}) {
    const HostArray array =
        read_npy(fixture(name),
                 std::string_view(name) == "bf16" ? std::optional(DType::kBF16) : std::nullopt);
    write_npy(path("copy.npy"), array);
    EXPECT_EQ(file_bytes(path("copy.npy")), file_bytes(fixture(name))) << name;
  }
}

TEST_F(Npy, LeavesNoPartOfAFileBehind) {
  const HostArray array = HostArray::of<float>({1, 2, 3});
  write_npy(path("y.npy"), array);
  const std::string before = file_bytes(path("y.npy"));
  {
    OutputFile file(path("y.npy"));
    file.write("partial", 7);
    EXPECT_EQ(file_bytes(path("y.npy")), before);
  }
  {
    OutputFile file(path("z.npy"));
    file.write("partial", 7);
    remove_unfinished_files();
    EXPECT_THROW(file.commit(), Error);
  }
  EXPECT_EQ(file_bytes(path("y.npy")), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1);
}

TEST_F(Npy, FollowsLinksAndWritesDevices) {
  write_npy(path("y.npy"), HostArray::of<float>({1}));
  fs::create_symlink(path("y.npy"), path("link.npy"));
  write_npy(path("link.npy"), HostArray::of<float>({2}));
  EXPECT_TRUE(fs::is_symlink(path("link.npy")));
  EXPECT_EQ(values(read_npy(path("y.npy"))), std::vector<double>{2});
  write_npy("/dev/null", HostArray::of<float>({3}));
  EXPECT_TRUE(fs::is_character_file("/dev/null"));
}

TEST_F(Npy, FindsOutThatAFolderIsMissingBeforeAnythingIsWritten) {
  EXPECT_THROW(OutputFile(path("missing/y.npy")), Error);
  EXPECT_THROW(OutputFile{folder_.string()}, Error);
}

}  // namespace
}  // namespace ingot
