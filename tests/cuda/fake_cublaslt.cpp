// cuBLASLt without a GPU, for tests: products are computed on the host when they are asked for, in
// the memory of fake_driver.cpp. Taken instead of the machine's with INGOT_CUBLASLT.
//
// FAKE_CUBLASLT chooses what is wrong with it:
//   old        version 11.11
//   start      it does not start
//   search     it has no algorithm for any product
//   multiply   products fail
#include <cstdlib>
#include <string_view>

#include "backends/cuda/cublaslt_api.hpp"

namespace ingot::cuda {
struct MatmulDescOpaque {
  cublasComputeType_t compute;
  std::int32_t transposed[2] = {CUBLAS_OP_N, CUBLAS_OP_N};
};
struct MatrixLayoutOpaque {
  cudaDataType type;
  std::uint64_t rows, columns;
  std::int64_t leading_dimension;
};
struct MatmulPreferenceOpaque {
  std::uint64_t workspace_bytes = 0;
  std::uint32_t alignments[4] = {256, 256, 256, 256};
};
}  // namespace ingot::cuda

namespace {

using namespace ingot::cuda;

constexpr cublasStatus_t kInvalidValue = 7;
constexpr std::size_t kWorkspace = 4096;

size_t searches = 0;
size_t products = 0;
cublasComputeType_t compute = {};

bool is_wrong(std::string_view what) {
  const char* chosen = std::getenv("FAKE_CUBLASLT");
  return chosen != nullptr && chosen == what;
}

bool is_aligned(const void* address, std::uint64_t bytes) {
  return reinterpret_cast<std::uintptr_t>(address) % bytes == 0;
}

// Element (row, column) of a column-major f32 matrix.
template <class T>
T& at(T* data, cublasLtMatrixLayout_t layout, std::uint64_t row, std::uint64_t column) {
  return data[row + column * static_cast<std::uint64_t>(layout->leading_dimension)];
}

}  // namespace

extern "C" {

size_t cublasLtGetVersion() {
  return is_wrong("old") ? 111103 : 120904;
}
const char* cublasLtGetStatusString(cublasStatus_t) {
  return "the fake says so";
}
cublasStatus_t cublasLtCreate(cublasLtHandle_t* handle) {
  *handle = nullptr;
  return is_wrong("start") ? CUBLAS_STATUS_NOT_INITIALIZED : CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtDestroy(cublasLtHandle_t) {
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t* product,
                                        cublasComputeType_t type,
                                        cudaDataType scale) {
  *product = new MatmulDescOpaque{type};
  return scale == CUDA_R_32F ? CUBLAS_STATUS_SUCCESS : CUBLAS_STATUS_NOT_SUPPORTED;
}
cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t product) {
  delete product;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t product,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void* value,
                                              std::size_t bytes) {
  const int which = attribute - CUBLASLT_MATMUL_DESC_TRANSA;
  if (which < 0 || which > 1 || bytes != sizeof(std::int32_t)) {
    return kInvalidValue;
  }
  product->transposed[which] = *static_cast<const std::int32_t*>(value);
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t* layout,
                                          cudaDataType type,
                                          std::uint64_t rows,
                                          std::uint64_t columns,
                                          std::int64_t leading_dimension) {
  *layout = new MatrixLayoutOpaque{type, rows, columns, leading_dimension};
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout) {
  delete layout;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t* preference) {
  *preference = new MatmulPreferenceOpaque;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference) {
  delete preference;
  return CUBLAS_STATUS_SUCCESS;
}
cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t preference,
                                                    cublasLtMatmulPreferenceAttributes_t attribute,
                                                    const void* value,
                                                    std::size_t bytes) {
  const int operand = attribute - CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES;
  if (attribute == CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES && bytes == sizeof(std::uint64_t)) {
    preference->workspace_bytes = *static_cast<const std::uint64_t*>(value);
  } else if (operand >= 0 && operand < 4 && bytes == sizeof(std::uint32_t)) {
    preference->alignments[operand] = *static_cast<const std::uint32_t*>(value);
  } else {
    return kInvalidValue;
  }
  return CUBLAS_STATUS_SUCCESS;
}

// An "algorithm" is the alignments that it was found for.
cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t,
                                              cublasLtMatmulDesc_t,
                                              cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t preference,
                                              int,
                                              cublasLtMatmulHeuristicResult_t* results,
                                              int* found) {
  ++searches;
  *found = 0;
  if (is_wrong("search") || preference->workspace_bytes < kWorkspace) {
    return CUBLAS_STATUS_NOT_SUPPORTED;
  }
  *results = {};
  for (int i = 0; i < 4; ++i) {
    results->algo.data[i] = preference->alignments[i];
  }
  results->workspaceSize = kWorkspace;
  *found = 1;
  return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t,
                              cublasLtMatmulDesc_t product,
                              const void* alpha,
                              const void* a,
                              cublasLtMatrixLayout_t a_layout,
                              const void* b,
                              cublasLtMatrixLayout_t b_layout,
                              const void* beta,
                              const void*,
                              cublasLtMatrixLayout_t,
                              void* d,
                              cublasLtMatrixLayout_t d_layout,
                              const cublasLtMatmulAlgo_t* algorithm,
                              void* workspace,
                              std::size_t workspace_bytes,
                              CUstream stream) {
  const bool a_transposed = product->transposed[0] == CUBLAS_OP_T;
  const bool b_transposed = product->transposed[1] == CUBLAS_OP_T;
  const std::uint64_t k = a_transposed ? a_layout->rows : a_layout->columns;
  const bool fits = (a_transposed ? a_layout->columns : a_layout->rows) == d_layout->rows &&
                    (b_transposed ? b_layout->rows : b_layout->columns) == d_layout->columns &&
                    (b_transposed ? b_layout->columns : b_layout->rows) == k;
  const bool aligned = is_aligned(a, algorithm->data[0]) && is_aligned(b, algorithm->data[1]) &&
                       is_aligned(d, algorithm->data[3]) && workspace != nullptr &&
                       workspace_bytes >= kWorkspace;
  if (!fits || !aligned || stream == nullptr || *static_cast<const float*>(alpha) != 1 ||
      *static_cast<const float*>(beta) != 0) {
    return kInvalidValue;
  }
  if (is_wrong("multiply")) {
    return CUBLAS_STATUS_EXECUTION_FAILED;
  }
  ++products;
  compute = product->compute;
  if (a_layout->type != CUDA_R_32F) {
    return CUBLAS_STATUS_SUCCESS;  // what is computed is looked at for f32 only
  }
  for (std::uint64_t i = 0; i < d_layout->rows; ++i) {
    for (std::uint64_t j = 0; j < d_layout->columns; ++j) {
      float sum = 0;
      for (std::uint64_t l = 0; l < k; ++l) {
        const auto* left = static_cast<const float*>(a);
        const auto* right = static_cast<const float*>(b);
        sum += at(left, a_layout, a_transposed ? l : i, a_transposed ? i : l) *
               at(right, b_layout, b_transposed ? j : l, b_transposed ? l : j);
      }
      at(static_cast<float*>(d), d_layout, i, j) = sum;
    }
  }
  return CUBLAS_STATUS_SUCCESS;
}

/// For tests: what this process has asked for so far.
size_t fake_cublaslt_searches() {
  return searches;
}
size_t fake_cublaslt_products() {
  return products;
}
int fake_cublaslt_compute() {
  return compute;
}

}  // extern "C"
