// Files in and out: right results, refused inputs, and no part of a file left behind.
#include <csignal>

#include "core/npy.hpp"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using Files = ProgramTest;
using Names = std::set<std::string>;

const std::string kRun = "ingot run QUANTIZE_F32_TO_F16 ";

std::vector<double> values(const HostArray& array) {
  std::vector<double> result;
  for (int64_t i = 0; i < array.elements(); ++i) {
    result.push_back(array.real(i));
  }
  return result;
}

TEST_F(Files, RunReadsAndWritesNpy) {
  write_npy(path("x.npy"), HostArray::of<float>({1, 0.1f, 65520, -2049}, {2, 2}));
  const Outcome outcome = shell(kRun + "--device cpu --in x=x.npy --out y=y.npy");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const HostArray y = read_npy(path("y.npy"));
  EXPECT_EQ(y.dtype(), DType::kF16);
  EXPECT_EQ(y.shape(), Shape({2, 2}));
  EXPECT_EQ(values(y), (std::vector<double>{1, 0.0999755859375, INFINITY, -2048}));
  EXPECT_NE(outcome.out.find("[2, 2]"), std::string::npos) << outcome.out;
}

TEST_F(Files, OutputsNotAskedForAreNotWritten) {
  write_npy(path("x.npy"), HostArray::of<float>({1}));
  EXPECT_EQ(shell(kRun + "--in x=x.npy").exit_code, 0);
  EXPECT_EQ(files(), Names{"x.npy"});
}

TEST_F(Files, AnInputMayBeReplacedByItsOutput) {
  write_npy(path("x.npy"), HostArray::of<float>({1, 2}));
  ASSERT_EQ(shell(kRun + "--in x=x.npy --out y=x.npy").exit_code, 0);
  EXPECT_EQ(read_npy(path("x.npy")).dtype(), DType::kF16);
}

TEST_F(Files, RefusedInputsExitWithOneAndLeaveTheOutputUntouched) {
  write_npy(path("ints.npy"), HostArray::of<int32_t>({1, 2}));
  write_npy(path("good.npy"), HostArray::of<float>({1, 2, 3}));
  write("cut.npy", text("good.npy").substr(0, text("good.npy").size() - 1));
  write("header.npy", text("good.npy").substr(0, 40));
  write("text.npy", "not an array");
  write("empty.npy", "");
  write("y.npy", "precious");
  std::filesystem::create_directory(path("folder.npy"));
  const Names before = files();
  const std::pair<std::string, std::string> kCases[] = {
      {"ints.npy", "i32"},
      {"cut.npy", "takes 12 bytes, the file has 11"},
      {"header.npy", "cut short"},
      {"text.npy", "not a .npy file"},
      {"empty.npy", "empty"},
      {"folder.npy", "directory"},
      {"missing.npy", "No such file"}};
  for (const auto& [file, wanted] : kCases) {
    const Outcome outcome = shell(kRun + "--in x=" + file + " --out y=y.npy");
    EXPECT_EQ(outcome.exit_code, 1) << file;
    EXPECT_EQ(outcome.out, "") << file;
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << file << "\n" << outcome.err;
    EXPECT_EQ(text("y.npy"), "precious") << file;
    EXPECT_EQ(files(), before) << file;
    const Outcome json = shell(kRun + "--json --in x=" + file);
    EXPECT_EQ(json.exit_code, 1);
    EXPECT_NE(json.json()["error"]["problem"], "") << file;
  }
}

TEST_F(Files, ShapesThatAKernelDoesNotAcceptAreNamed) {
  const std::pair<std::string, std::string> kCases[] = {
      {"MAP_ADD --in a=random:f32:3 --in b=random:f32:4", "[3]"},
      {"MAP_ADD --in a=random:f32:3 --in b=random:f16:3", "f16"},
      {"QUANTIZE_F16_TO_I8 --in x=random:f16:8", "rank 1"},
      {"TOPK_SELECT --in x=random:f32:3 --param k=4", "k"},
      {"REDUCE_SUM --in x=random:f32:3 --param axis=1", "axis"}};
  for (const auto& [arguments, wanted] : kCases) {
    const Outcome outcome = shell("ingot run " + arguments);
    EXPECT_EQ(outcome.exit_code, 1) << arguments;
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << outcome.err;
    EXPECT_EQ(files(), Names{});
  }
}

TEST_F(Files, RunReadsF64AndBf16OnlyWhenAsked) {
  const std::string data = INGOT_TEST_DATA;
  EXPECT_EQ(shell(kRun + "--in x=" + data + "/numpy_f8.npy").exit_code, 1);
  ASSERT_EQ(shell(kRun + "--in x:f32=" + data + "/numpy_f8.npy --out y=y.npy").exit_code, 0);
  EXPECT_EQ(values(read_npy(path("y.npy"))), (std::vector<double>{0, 1, 2, 3, 4, 5}));

  const std::string bf16 = data + "/numpy_bf16.npy";
  EXPECT_EQ(shell("ingot run MAP_ADD --in a=" + bf16 + " --in b=" + bf16).exit_code, 1);
  ASSERT_EQ(shell("ingot run MAP_ADD --in a:bf16=" + bf16 + " --in b:bf16=" + bf16 +
                  " --device cpu --out y=z.npy")
                .exit_code,
            0);
  EXPECT_EQ(values(read_npy(path("z.npy"), DType::kBF16)),
            (std::vector<double>{0, 2, 4, 6, 8, 10}));
}

TEST_F(Files, OutputsWithACountAreCutToIt) {
  write_npy(path("x.npy"), HostArray::of<float>({5, 6, 7}));
  write_npy(path("mask.npy"), HostArray::of<uint8_t>({1, 0, 1}));
  const std::string run = "ingot run COMPACT_MASK --device cpu --in x=x.npy --in mask=mask.npy ";
  ASSERT_EQ(shell(run + "--out y=y.npy --out count=count.npy").exit_code, 0);
  EXPECT_EQ(values(read_npy(path("y.npy"))), (std::vector<double>{5, 7}));
  EXPECT_EQ(values(read_npy(path("count.npy"))), std::vector<double>{2});
}

TEST_F(Files, OneOutputThatFailsLeavesTheOthersUnwritten) {
  write_npy(path("x.npy"), HostArray::of<float>({5, 6, 7}));
  write_npy(path("mask.npy"), HostArray::of<uint8_t>({1, 0, 1}));
  const std::string run = "ingot run COMPACT_MASK --device cpu --in x=x.npy --in mask=mask.npy ";
  const Names before = files();
  for (const std::string& bad : {"/dev/full", "missing/count.npy"}) {
    EXPECT_EQ(shell(run + "--out y=y.npy --out count=" + bad).exit_code, 1);
    EXPECT_EQ(files(), before) << bad;
  }
}

TEST_F(Files, MoreThanTheMachineHoldsIsAnError) {
  // The sanitizers' allocators end the program instead, unless told otherwise.
  const std::string run =
      "ASAN_OPTIONS=allocator_may_return_null=1 TSAN_OPTIONS=allocator_may_return_null=1 ingot "
      "run ";
  for (const std::string& arguments :
       {"REDUCE_SUM --in x=random:f32:100000000000000", "PRNG_PHILOX --param n=100000000000000"}) {
    const Outcome outcome = shell(run + arguments + " --device cpu --out y=y.npy");
    EXPECT_EQ(outcome.exit_code, 1) << arguments;
    EXPECT_NE(outcome.err.find("could not give"), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(shell(run + "PRNG_PHILOX --param n=1152921504606846976").exit_code, 1);
  EXPECT_EQ(shell(run + "REDUCE_SUM --in x=random:f32:4611686018427387904").exit_code, 2);
  EXPECT_EQ(files(), Names{});
}

TEST_F(Files, AMissingDeviceIsNamed) {
  const auto document = ingot({"devices", "--json"}).json();
  for (const auto& device : document["devices"]) {
    if (device["available"]) {
      continue;
    }
    const Outcome outcome =
        shell(kRun + "--in x=random:f32:4 --out y=y.npy --device " + std::string(device["device"]));
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_NE(outcome.err.find(device["device"]), std::string::npos) << outcome.err;
  }
  EXPECT_EQ(files(), Names{});
}

TEST_F(Files, AFolderThatTakesNoFilesIsFoundOutFirst) {
  for (const std::string& output : {"missing/y.npy", "/dev/null/y.npy", "."}) {
    const Outcome outcome = shell(kRun + "--in x=random:f32:4 --out y=" + output);
    EXPECT_EQ(outcome.exit_code, 1);
    EXPECT_NE(outcome.err.find(output), std::string::npos) << outcome.err;
  }
  std::filesystem::create_directory(path("locked"));
  std::filesystem::permissions(path("locked"), std::filesystem::perms::owner_read);
  if (geteuid() != 0) {  // root may write anywhere
    EXPECT_EQ(shell(kRun + "--in x=random:f32:4 --out y=locked/y.npy").exit_code, 1);
  }
}

TEST_F(Files, BenchFindsOutThatAFolderIsMissing) {
  const Outcome outcome = shell("ingot bench QUANTIZE_F32_TO_F16 --size 1k -o missing/b.json");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(files(), Names{});
}

TEST_F(Files, AFullDiskIsAnError) {
  if (std::filesystem::exists("/dev/full")) {
    EXPECT_EQ(shell(kRun + "--in x=random:f32:4 --out y=/dev/full").exit_code, 1);
    EXPECT_EQ(shell("ingot kernels list >/dev/full").exit_code, 1);
  }
}

TEST_F(Files, AnInterruptedProgramLeavesNothingBehind) {
  write("bench.json", "precious");
  for (const int signal : {SIGINT, SIGTERM}) {
    const pid_t child =
        start({INGOT_PROGRAM, "bench", "--device", "cpu", "--seconds", "3600", "-o", "bench.json"});
    while (files().size() < 2 && waitpid(child, nullptr, WNOHANG) == 0) {
      usleep(1000);  // until the hidden file is there
    }
    kill(child, signal);
    const Outcome outcome = finish(child);
    EXPECT_EQ(outcome.exit_code, 128 + signal);
    EXPECT_EQ(files(), Names{"bench.json"});
    EXPECT_EQ(text("bench.json"), "precious");
  }
}

TEST_F(Files, ABrokenPipeEndsTheProgramQuietly) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  close(ends[0]);
  const Outcome outcome = finish(start({INGOT_PROGRAM, "kernels", "list"}, ends[1]));
  close(ends[1]);
  EXPECT_EQ(outcome.exit_code, 128 + SIGPIPE);
  EXPECT_EQ(outcome.err, "");
}

}  // namespace
}  // namespace ingot
