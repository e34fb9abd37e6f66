// The CUDA backend on a machine without a GPU: what it says when something is missing or fails. The
// driver is tests/cuda/fake_driver.cpp, the compiler NVIDIA's own (INGOT_NVRTC).
#include "gmock/gmock.h"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using testing::HasSubstr;

// Where install_nvrtc.sh has put NVIDIA's compiler.
std::string nvrtc() {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(INGOT_TEST_NVRTC)) {
    if (entry.path().filename() == "libnvrtc.so.12") {
      return entry.path();
    }
  }
  return "no NVRTC in " INGOT_TEST_NVRTC;
}

class CudaTest : public ProgramTest {
 protected:
  /// `ingot ARGUMENTS` with a fake driver in that state. The cache is the test's own. The folder of
  /// NVRTC is searched, because under AddressSanitizer a library does not find those beside it.
  Outcome with_driver(const std::string& state,
                      const std::string& arguments,
                      const std::string& more = "") const {
    return shell("export INGOT_CUDA_DRIVER=" INGOT_FAKE_CUDA " INGOT_CACHE_DIR=" + path("cache") +
                 " INGOT_NVRTC=" + nvrtc() +
                 " LD_LIBRARY_PATH=" + std::filesystem::path(nvrtc()).parent_path().string() +
                 // An architecture for which no kernels were compiled when Ingot was built.
                 " FAKE_CUDA_ARCH=87 FAKE_CUDA=" + state + " " + more + "; ingot " + arguments);
  }
};

constexpr const char* kRun = "run REDUCE_SUM --in x=random:f32:1000 --device ";

TEST_F(CudaTest, WithoutADriverAutoTakesTheCpuAndCudaSaysWhatToDo) {
  const Outcome cuda = shell(std::string("INGOT_CUDA_DRIVER=libnothing.so ingot ") + kRun + "cuda");
  EXPECT_EQ(cuda.exit_code, 1);
  EXPECT_THAT(cuda.err,
              HasSubstr("this machine has no NVIDIA driver (libnothing.so was not found)"));
  EXPECT_THAT(cuda.err, HasSubstr("install NVIDIA's driver, or use cpu"));
  const Outcome automatic =
      shell(std::string("INGOT_CUDA_DRIVER=libnothing.so ingot ") + kRun + "auto");
  EXPECT_EQ(automatic.exit_code, 0) << automatic.err;
}

// What `--device auto` says when CUDA is there and has a problem; it takes the CPU.
TEST_F(CudaTest, AutoSaysWhyItTakesTheCpu) {
  const std::string automatic = std::string(kRun) + "auto --json";
  const auto expect_notice = [&](const std::string& words, const Outcome& outcome) {
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.json()["device"], "cpu");
    EXPECT_THAT(outcome.json()["notice"], HasSubstr("cuda is not used: "));
    EXPECT_THAT(outcome.json()["notice"], HasSubstr(words));
    EXPECT_THAT(outcome.err, HasSubstr(words));
  };
  expect_notice("too old: it offers CUDA 11.4", with_driver("old", automatic));
  expect_notice("finds no device", with_driver("none", automatic));
  expect_notice("CUDA_ERROR_OUT_OF_MEMORY", with_driver("context=2", automatic));
  expect_notice("making a context", with_driver("context=46", automatic));
  expect_notice("run-time compiler cannot be used",
                with_driver("", automatic, "INGOT_NVRTC=/nowhere/libnvrtc.so"));
  const Outcome without = shell("INGOT_CUDA_DRIVER=libnothing.so ingot " + automatic);
  EXPECT_EQ(without.json()["notice"], "") << "most machines have no NVIDIA GPU";
  EXPECT_EQ(without.err, "");
  const Outcome good = with_driver("", automatic);
  EXPECT_EQ(good.json()["device"], "cuda") << good.err;
  EXPECT_EQ(good.json()["notice"], "");
}

TEST_F(CudaTest, AnOldDriverIsNamedWithItsVersion) {
  const Outcome outcome = with_driver("old", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("too old: it offers CUDA 11.4"));
  EXPECT_THAT(outcome.err, HasSubstr("12.0 or later"));
}

TEST_F(CudaTest, NoDeviceIsNoCuda) {
  const Outcome outcome = with_driver("none", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("finds no device"));
  EXPECT_EQ(with_driver("none", std::string(kRun) + "auto").exit_code, 0);
}

TEST_F(CudaTest, DevicesShowsTheGpu) {
  const Outcome outcome = with_driver("", "devices");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.out, HasSubstr("Fake GPU"));
}

TEST_F(CudaTest, OneOfSeveralGpusIsChosen) {
  const nlohmann::json all = with_driver("", "devices --json").json();
  std::vector<std::string> names;
  for (const auto& device : all["devices"]) {
    names.push_back(device["device"]);
  }
  EXPECT_THAT(names, testing::IsSupersetOf({"cuda:0", "cuda:1", "cpu"}));
  const Outcome second = with_driver("", std::string(kRun) + "cuda:1 --json");
  EXPECT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(second.json()["device"], "cuda:1");
  EXPECT_EQ(second.json()["device_name"], "Other fake GPU");
  const Outcome third = with_driver("", std::string(kRun) + "cuda:2");
  EXPECT_EQ(third.exit_code, 1);
  EXPECT_THAT(third.err, HasSubstr("cuda:2: there is no such device; the driver shows 2"));
  const Outcome wrong = with_driver("", std::string(kRun) + "cuda:one");
  EXPECT_EQ(wrong.exit_code, 2);
}

TEST_F(CudaTest, WithoutNvrtcTheMessageSaysHowToGetIt) {
  const Outcome outcome =
      with_driver("", std::string(kRun) + "cuda", "INGOT_NVRTC=/nowhere/libnvrtc.so");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("run-time compiler cannot be used"));
  EXPECT_THAT(outcome.err, HasSubstr("nvidia-cuda-nvrtc-cu12"));
}

TEST_F(CudaTest, ForANewerArchitectureThanNvrtcKnowsTheDriverCompiles) {
  const Outcome outcome = with_driver("", std::string(kRun) + "cuda", "FAKE_CUDA_ARCH=199");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Outcome again = with_driver(
      "", std::string(kRun) + "cuda", "FAKE_CUDA_ARCH=199 INGOT_NVRTC=/nowhere/libnvrtc.so");
  EXPECT_EQ(again.exit_code, 0) << "PTX is kept as machine code is: " << again.err;
}

TEST_F(CudaTest, AnArchitectureThatNvrtcKnowsNoMoreIsNamed) {
  const Outcome outcome = with_driver("", std::string(kRun) + "cuda", "FAKE_CUDA_ARCH=35");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("not for sm_35"));
}

TEST_F(CudaTest, TooLittleMemoryIsAnError) {
  const Outcome outcome =
      with_driver("memory=100000", "run REDUCE_SUM --in x=random:f32:1000000 --device cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("memory"));
}

TEST_F(CudaTest, MemoryThatOtherProcessesHoldIsNamed) {
  const Outcome outcome = with_driver("context=2", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("making a context"));
  EXPECT_THAT(outcome.err, HasSubstr("free memory that other processes hold"));
}

TEST_F(CudaTest, AKernelThatFaultsIsReportedAndTheProcessLives) {
  const Outcome outcome = with_driver("fault=1", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the device was lost"));
  EXPECT_THAT(outcome.err, HasSubstr("an illegal memory access was encountered"));
}

TEST_F(CudaTest, ADeviceThatDisappearsIsReported) {
  const Outcome outcome = with_driver("gone=1", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the device was lost"));
  EXPECT_THAT(outcome.err, HasSubstr("CUDA_ERROR_UNKNOWN"));
}

TEST_F(CudaTest, ACompiledKernelIsKept) {
  EXPECT_EQ(with_driver("", std::string(kRun) + "cuda").exit_code, 0);
  // No compiler is needed the second time.
  const Outcome again =
      with_driver("", std::string(kRun) + "cuda", "INGOT_NVRTC=/nowhere/libnvrtc.so");
  EXPECT_EQ(again.exit_code, 0) << again.err;
}

TEST_F(CudaTest, ACacheThatCannotBeWrittenCostsOnlyTime) {
  std::ofstream(path("cache")) << "a file where the folder should be";
  const Outcome outcome = with_driver("", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("compiled kernels are not kept"));
}

TEST_F(CudaTest, AFullCacheCostsOnlyTime) {
  // No file may become larger than four blocks; a kernel is.
  const std::string full = "; trap '' XFSZ; ulimit -f 4";
  const Outcome outcome = with_driver("", std::string(kRun) + "cuda", full);
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  const Outcome again =
      with_driver("", std::string(kRun) + "cuda", "INGOT_NVRTC=/nowhere/libnvrtc.so");
  EXPECT_EQ(again.exit_code, 1) << "the test is worth nothing if the kernel was kept";
}

TEST_F(CudaTest, WithoutAnyFolderToWriteIntoKernelsAreNotKept) {
  std::ofstream(path("cache")) << "a file where the folder should be";
  const Outcome outcome = with_driver("", std::string(kRun) + "cuda", "TMPDIR=/nowhere");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_THAT(outcome.err, HasSubstr("compiled kernels are not kept"));
}

}  // namespace
}  // namespace ingot
