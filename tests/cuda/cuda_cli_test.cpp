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
                 " FAKE_CUDA=" + state + " " + more + "; ingot " + arguments);
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

TEST_F(CudaTest, WithoutNvrtcTheMessageSaysHowToGetIt) {
  const Outcome outcome =
      with_driver("", std::string(kRun) + "cuda", "INGOT_NVRTC=/nowhere/libnvrtc.so");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("run-time compiler cannot be used"));
  EXPECT_THAT(outcome.err, HasSubstr("nvidia-cuda-nvrtc-cu12"));
}

TEST_F(CudaTest, AnArchitectureThatNvrtcDoesNotKnowIsNamed) {
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

TEST_F(CudaTest, AKernelThatFaultsIsReportedAndTheProcessLives) {
  const Outcome outcome = with_driver("fault=1", std::string(kRun) + "cuda");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_THAT(outcome.err, HasSubstr("the device was lost"));
  EXPECT_THAT(outcome.err, HasSubstr("an illegal memory access was encountered"));
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

}  // namespace
}  // namespace ingot
