// The part of cuBLASLt's interface that Ingot calls, declared here so that neither a build nor a
// machine needs NVIDIA's files. Names, signatures and values are those of the cuBLAS documentation,
// "Using the cuBLASLt API", the same in versions 12 and 13.
#pragma once

#include <cstddef>
#include <cstdint>

#include "backends/cuda/driver_api.hpp"

namespace ingot::cuda {

using cublasStatus_t = int;
using cublasLtHandle_t = struct cublasLtContext*;
using cublasLtMatmulDesc_t = struct MatmulDescOpaque*;
using cublasLtMatrixLayout_t = struct MatrixLayoutOpaque*;
using cublasLtMatmulPreference_t = struct MatmulPreferenceOpaque*;

enum : cublasStatus_t {
  CUBLAS_STATUS_SUCCESS = 0,
  CUBLAS_STATUS_NOT_INITIALIZED = 1,
  CUBLAS_STATUS_ALLOC_FAILED = 3,
  CUBLAS_STATUS_EXECUTION_FAILED = 13,
  CUBLAS_STATUS_NOT_SUPPORTED = 15,
};

enum cudaDataType : int {
  CUDA_R_32F = 0,
  CUDA_R_16F = 2,
  CUDA_R_16BF = 14,
};

enum cublasComputeType_t : int {
  CUBLAS_COMPUTE_32F = 68,
  CUBLAS_COMPUTE_32F_FAST_TF32 = 77,
};

enum cublasOperation_t : std::int32_t {
  CUBLAS_OP_N = 0,
  CUBLAS_OP_T = 1,
};

enum cublasLtMatmulDescAttributes_t : int {
  CUBLASLT_MATMUL_DESC_TRANSA = 3,
  CUBLASLT_MATMUL_DESC_TRANSB = 4,
};

enum cublasLtMatmulPreferenceAttributes_t : int {
  CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES = 1,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES = 5,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES = 6,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES = 7,
  CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES = 8,
};

struct cublasLtMatmulAlgo_t {
  std::uint64_t data[8];
};

struct cublasLtMatmulHeuristicResult_t {
  cublasLtMatmulAlgo_t algo;
  std::size_t workspaceSize;
  cublasStatus_t state;
  float wavesCount;
  int reserved[4];
};

// name, symbol, parameters: every function that is called and gives a status.
#define INGOT_CUBLASLT_FUNCTIONS(F)                                                               \
  F(create, cublasLtCreate, (cublasLtHandle_t * handle))                                          \
  F(destroy, cublasLtDestroy, (cublasLtHandle_t handle))                                          \
  F(create_product,                                                                               \
    cublasLtMatmulDescCreate,                                                                     \
    (cublasLtMatmulDesc_t * product, cublasComputeType_t compute, cudaDataType scale))            \
  F(destroy_product, cublasLtMatmulDescDestroy, (cublasLtMatmulDesc_t product))                   \
  F(set_product,                                                                                  \
    cublasLtMatmulDescSetAttribute,                                                               \
    (cublasLtMatmulDesc_t product,                                                                \
     cublasLtMatmulDescAttributes_t attribute,                                                    \
     const void* value,                                                                           \
     std::size_t bytes))                                                                          \
  F(create_layout,                                                                                \
    cublasLtMatrixLayoutCreate,                                                                   \
    (cublasLtMatrixLayout_t * layout,                                                             \
     cudaDataType type,                                                                           \
     std::uint64_t rows,                                                                          \
     std::uint64_t columns,                                                                       \
     std::int64_t leading_dimension))                                                             \
  F(destroy_layout, cublasLtMatrixLayoutDestroy, (cublasLtMatrixLayout_t layout))                 \
  F(create_preference, cublasLtMatmulPreferenceCreate, (cublasLtMatmulPreference_t * preference)) \
  F(destroy_preference, cublasLtMatmulPreferenceDestroy, (cublasLtMatmulPreference_t preference)) \
  F(set_preference,                                                                               \
    cublasLtMatmulPreferenceSetAttribute,                                                         \
    (cublasLtMatmulPreference_t preference,                                                       \
     cublasLtMatmulPreferenceAttributes_t attribute,                                              \
     const void* value,                                                                           \
     std::size_t bytes))                                                                          \
  F(find_algorithms,                                                                              \
    cublasLtMatmulAlgoGetHeuristic,                                                               \
    (cublasLtHandle_t handle,                                                                     \
     cublasLtMatmulDesc_t product,                                                                \
     cublasLtMatrixLayout_t a,                                                                    \
     cublasLtMatrixLayout_t b,                                                                    \
     cublasLtMatrixLayout_t c,                                                                    \
     cublasLtMatrixLayout_t d,                                                                    \
     cublasLtMatmulPreference_t preference,                                                       \
     int wanted,                                                                                  \
     cublasLtMatmulHeuristicResult_t* results,                                                    \
     int* found))                                                                                 \
  F(multiply,                                                                                     \
    cublasLtMatmul,                                                                               \
    (cublasLtHandle_t handle,                                                                     \
     cublasLtMatmulDesc_t product,                                                                \
     const void* alpha,                                                                           \
     const void* a,                                                                               \
     cublasLtMatrixLayout_t a_layout,                                                             \
     const void* b,                                                                               \
     cublasLtMatrixLayout_t b_layout,                                                             \
     const void* beta,                                                                            \
     const void* c,                                                                               \
     cublasLtMatrixLayout_t c_layout,                                                             \
     void* d,                                                                                     \
     cublasLtMatrixLayout_t d_layout,                                                             \
     const cublasLtMatmulAlgo_t* algorithm,                                                       \
     void* workspace,                                                                             \
     std::size_t workspace_bytes,                                                                 \
     CUstream stream))

}  // namespace ingot::cuda
