// The CUDA driver of this machine, opened at run time.
#pragma once

#include <string>
#include <string_view>

#include "backends/cuda/driver_api.hpp"

namespace ingot::cuda {

/// The driver's functions. Each gives a CUresult, for check().
struct Driver {
#define INGOT_CUDA_DECLARE(name, symbol, parameters) CUresult(*name) parameters = nullptr;
  INGOT_CUDA_FUNCTIONS(INGOT_CUDA_DECLARE)
#undef INGOT_CUDA_DECLARE
  int version = 0;  // 12040 is CUDA 12.4

  /// Opens and initialises it once per process: libcuda.so.1, or the library that
  /// $INGOT_CUDA_DRIVER names. Throws Error(kNotFound) where there is no driver,
  /// Error(kUnsupported) for one that is too old, Error(kDevice) when it does not start or finds no
  /// device.
  static const Driver& get();
};

/// Whether CUDA is over for this process: it answers every further call with the same error, in
/// other contexts, on other GPUs and on making a new context, too (CUDA Driver API, "CUresult":
/// "the process must be terminated and relaunched"; so it was on H200s after a kernel's fault).
bool is_fatal(CUresult result);
inline constexpr std::string_view kStartAnew =
    "start the process anew, as CUDA has ended in this one, or go on with cpu; `ingot run --device "
    "softmetal` with SOFTMETAL_CHECK=all finds faults of a kernel by line";

/// Throws for a result that is not success: Error(kOutOfMemory) where memory is short, else
/// Error(kDevice). `what` says what was being done.
void check(CUresult result, std::string_view what);

/// The driver's words for a result: "an illegal memory access was encountered
/// (CUDA_ERROR_ILLEGAL_ADDRESS)".
std::string describe(CUresult result);

}  // namespace ingot::cuda
