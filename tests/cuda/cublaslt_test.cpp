// Matrix products on the CUDA backend: who serves them, and what becomes of failures. The library
// is tests/cuda/fake_cublaslt.cpp, which computes; the driver's kernels do not.
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <vector>

#include "ingot/capture.hpp"
#include "ingot/ops.hpp"

#include "backends/cuda/cublaslt_api.hpp"
#include "catalogue/catalogue.hpp"
#include "gmock/gmock.h"
#include "runtime/run.hpp"
#include "tests/cuda/fake_cuda.hpp"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using testing::HasSubstr;

template <class T>
T ask(const char* what) {
  return reinterpret_cast<T (*)()>(dlsym(dlopen(INGOT_FAKE_CUBLASLT, RTLD_NOW), what))();
}
size_t products() {
  return ask<size_t>("fake_cublaslt_products");
}

class CublasLtProducts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    use_fake_cuda();
    setenv("INGOT_CUBLASLT", INGOT_FAKE_CUBLASLT, 1);
  }
  void SetUp() override { setenv("INGOT_PROVIDERS", "always", 1); }
  void TearDown() override {
    unsetenv("INGOT_PROVIDERS");
    unsetenv("FAKE_CUBLASLT");
  }

  Results all_pairs(const Tensor& a,
                    const Tensor& b,
                    std::vector<NamedTensor> more = {},
                    bool allow_tf32 = false) const {
    more.push_back({"a", a});
    more.push_back({"b", b});
    return run(find_kernel("DOT_BATCHED"), more, {{"pairs", "all"}, {"allow_tf32", allow_tf32}});
  }

  Tensor zeros(int64_t rows, int64_t columns, DType dtype = DType::kF32) const {
    const std::vector<uint32_t> zeros(static_cast<size_t>(rows * columns));
    return backend_.copy_from_host(
        zeros.data(), static_cast<size_t>(rows * columns) * size_of(dtype), dtype, {rows, columns});
  }

  const Backend backend_ = init_backend(BackendPreference::kCuda);
};

TEST_F(CublasLtProducts, RowsTimesRows) {
  const Tensor a = backend_.to_device<float>({1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor b = backend_.to_device<float>({1, 0, 0, 0, 1, 0, 0, 0, 1, 1, 1, 1}, {4, 3});
  const Results results = all_pairs(a, b);
  EXPECT_EQ(results["y"].to_vector<float>(), (std::vector<float>{1, 2, 3, 6, 4, 5, 6, 15}));
  EXPECT_EQ(results.served_by(), "cuBLASLt 12.9");
}

TEST_F(CublasLtProducts, RowsThatBeginAnywhere) {
  const Tensor a = backend_.to_device<float>({9, 9, 9, 1, 2, 3}, {2, 3}).rows(1, 2);
  const Tensor b =
      backend_.to_device<float>({9, 9, 9, 9, 9, 9, 4, 5, 6, 7, 8, 9}, {4, 3}).rows(2, 4);
  const auto expect_product = [&](const Tensor& left, const Tensor& right) {
    EXPECT_EQ(all_pairs(left, right)["y"].to_vector<float>(), (std::vector<float>{32, 50}));
  };
  expect_product(a, b);  // aligned to 4 and 8 bytes
  expect_product(b, a);
}

TEST_F(CublasLtProducts, AnAlgorithmIsLookedForOncePerKind) {
  all_pairs(zeros(3, 5), zeros(7, 5));
  const auto before = ask<size_t>("fake_cublaslt_searches");
  all_pairs(zeros(3, 5), zeros(7, 5));
  EXPECT_EQ(ask<size_t>("fake_cublaslt_searches"), before);
  all_pairs(zeros(4, 5), zeros(7, 5));
  EXPECT_EQ(ask<size_t>("fake_cublaslt_searches"), before + 1);
}

TEST_F(CublasLtProducts, Tf32IsUsedWhereTheCallAllowsItAlone) {
  EXPECT_EQ(all_pairs(zeros(2, 4), zeros(2, 4)).served_by(), "cuBLASLt 12.9");
  EXPECT_EQ(ask<int>("fake_cublaslt_compute"), cuda::CUBLAS_COMPUTE_32F);
  unsetenv("INGOT_PROVIDERS");
  EXPECT_EQ(all_pairs(zeros(9, 4), zeros(2, 4), {}, true).served_by(), "cuBLASLt 12.9, TF32");
  EXPECT_EQ(ask<int>("fake_cublaslt_compute"), cuda::CUBLAS_COMPUTE_32F_FAST_TF32);
  const Tensor half = zeros(2, 4, DType::kF16);
  EXPECT_THROW(all_pairs(half, half, {}, true), Error);
}

TEST_F(CublasLtProducts, WhereTheKernelIsFasterItServes) {
  unsetenv("INGOT_PROVIDERS");
  const Tensor b = zeros(1 << 14, 1024);
  EXPECT_EQ(all_pairs(zeros(8, 1024), b).served_by(), "kernel");
  EXPECT_EQ(all_pairs(zeros(8, 1024), b, {}, true).served_by(), "kernel");
  EXPECT_EQ(all_pairs(zeros(9, 1024), b).served_by(), "cuBLASLt 12.9");
}

TEST_F(CublasLtProducts, HalfAndBfloatAreServed) {
  for (const DType dtype : {DType::kF16, DType::kBF16}) {
    EXPECT_EQ(all_pairs(zeros(2, 4, dtype), zeros(3, 4, dtype)).served_by(), "cuBLASLt 12.9");
  }
}

TEST_F(CublasLtProducts, OthersAreTheKernels) {
  const Tensor a = zeros(2, 4);
  const Tensor two = backend_.to_device<float>({1, 2}, {2});
  const size_t before = products();
  EXPECT_EQ(all_pairs(a, a, {{"a_scale", two}}).served_by(), "kernel");
  EXPECT_EQ(all_pairs(a, a, {{"at_least", two}}).served_by(), "kernel");
  EXPECT_EQ(all_pairs(zeros(2, 4, DType::kI8), zeros(2, 4, DType::kI8)).served_by(), "kernel");
  EXPECT_EQ(all_pairs(zeros(2, 0), zeros(2, 0)).served_by(), "kernel");
  setenv("INGOT_PROVIDERS", "off", 1);
  EXPECT_EQ(all_pairs(a, a, {}, true).served_by(), "kernel");
  setenv("INGOT_PROVIDERS", "measured", 1);
  EXPECT_EQ(all_pairs(a, a).served_by(), "kernel") << "too small to be worth it";
  EXPECT_EQ(products(), before);
  setenv("INGOT_PROVIDERS", "never", 1);
  EXPECT_THROW(all_pairs(a, a), Error);
}

TEST_F(CublasLtProducts, WithoutAnAlgorithmTheKernelServes) {
  setenv("FAKE_CUBLASLT", "search", 1);
  const Results results = all_pairs(zeros(2, 4), zeros(2, 4));
  EXPECT_EQ(results.served_by(), "kernel (cuBLASLt 12.9 has no algorithm for this product)");
  results["y"].to_vector<float>();
}

TEST_F(CublasLtProducts, AFailureIsToldByTheResult) {
  setenv("FAKE_CUBLASLT", "multiply", 1);
  const Tensor y = all_pairs(zeros(2, 4), zeros(2, 4))["y"];
  try {
    y.to_vector<float>();
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDevice);
    EXPECT_THAT(error.what(), HasSubstr("cuBLASLt 12.9: multiplying matrices: the fake says so"));
    EXPECT_THAT(error.what(), HasSubstr("INGOT_PROVIDERS=off"));
  }
  unsetenv("FAKE_CUBLASLT");
  all_pairs(zeros(2, 4), zeros(2, 4))["y"].to_vector<float>();
}

TEST_F(CublasLtProducts, AProductIsCaptured) {
  const Tensor a = zeros(3, 4);
  const size_t before = products();
  const size_t bytes = backend_.memory_use().in_use;
  Tensor y;
  const Graph graph = capture(backend_, [&] { y = dot_all(a, a); });
  EXPECT_EQ(products(), before + 2) << "the first run, and that into the graph";
  EXPECT_GE(backend_.memory_use().in_use, bytes + 4096) << "the library's workspace is the graph's";
  graph.replay();
  y.to_vector<float>();
}

// Libraries that are opened once in a process.
class CublasLtLibrary : public ProgramTest {
 protected:
  static void SetUpTestSuite() { use_fake_cuda(); }

  Outcome with_library(const std::string& environment, const std::string& arguments) const {
    return shell("export INGOT_PROVIDERS=always " + environment + "; ingot " + arguments);
  }
  // Who serves a product.
  std::string served_by(const std::string& environment) const {
    const Outcome outcome = with_library(environment,
                                         "run DOT_BATCHED --in a=random:f32:5x8 --in "
                                         "b=random:f32:6x8 --param pairs=all --device cuda --json");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? outcome.json().at("served_by") : "";
  }
};

TEST_F(CublasLtLibrary, WithoutOneThatWorksTheKernelServesAndSaysWhy) {
  EXPECT_EQ(served_by("INGOT_CUBLASLT=libnothing.so"),
            "kernel (no cuBLASLt: libnothing.so was not found)");
  const std::string fake = "INGOT_CUBLASLT=" INGOT_FAKE_CUBLASLT;
  EXPECT_EQ(served_by(fake), "cuBLASLt 12.9");
  EXPECT_THAT(served_by(fake + " FAKE_CUBLASLT=old"), HasSubstr("is older than version 12"));
  EXPECT_THAT(served_by(fake + " FAKE_CUBLASLT=start"), HasSubstr("starting: the fake says so"));
  EXPECT_THAT(served_by("INGOT_CUBLASLT=" INGOT_FAKE_CUDA), HasSubstr("has no cublasLtCreate"));
}

TEST_F(CublasLtLibrary, BenchSaysWhoServed) {
  const Outcome outcome =
      with_library("INGOT_CUBLASLT=" INGOT_FAKE_CUBLASLT,
                   "bench DOT_BATCHED --size 1024 --device cuda --seconds 0 --repeat 1 --json");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.json().at("kernels").at(0).at("served_by"), "cuBLASLt 12.9");
}

TEST_F(CublasLtLibrary, TheDoctorListsIt) {
  const auto check = [&](const std::string& library) {
    const nlohmann::json document =
        with_library("INGOT_CUBLASLT=" + library, "doctor --json").json();
    for (const auto& check : document.at("checks")) {
      if (check.at("name") == "cublaslt") {
        return check;
      }
    }
    return nlohmann::json();
  };
  EXPECT_EQ(check(INGOT_FAKE_CUBLASLT).at("found"), "cuBLASLt 12.9");
  EXPECT_THAT(check("libnothing.so").dump(), HasSubstr("nvidia-cublas-cu12"));
}

}  // namespace
}  // namespace ingot
