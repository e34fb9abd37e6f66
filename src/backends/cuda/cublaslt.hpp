// NVIDIA's library for matrix products, opened at run time.
#pragma once

#include <string>
#include <string_view>

#include "backends/cuda/cublaslt_api.hpp"

namespace ingot::cuda {

/// The library's functions. Each gives a cublasStatus_t, for check().
struct CublasLt {
#define INGOT_CUBLASLT_DECLARE(name, symbol, parameters) cublasStatus_t(*name) parameters = nullptr;
  INGOT_CUBLASLT_FUNCTIONS(INGOT_CUBLASLT_DECLARE)
#undef INGOT_CUBLASLT_DECLARE
  const char* (*status_text)(cublasStatus_t) = nullptr;
  std::string name;  // "cuBLASLt 13.1"

  /// Opens it once per process: the newest of those that the loader finds, or the one that
  /// $INGOT_CUBLASLT names. Throws Error(kNotFound) when there is none, or only one that is too
  /// old.
  static const CublasLt& get();

  /// Throws for a status that is not success: Error(kOutOfMemory) where memory is short, else
  /// Error(kDevice). `what` says what was being done.
  void check(cublasStatus_t status, std::string_view what) const;
};

}  // namespace ingot::cuda
