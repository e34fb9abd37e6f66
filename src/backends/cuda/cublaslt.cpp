#include "backends/cuda/cublaslt.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "ingot/error.hpp"

#include "backends/cuda/open_library.hpp"

namespace ingot::cuda {
namespace {

constexpr size_t kOldestVersion = 120000;  // 12.0.0

[[noreturn]] void no_library(std::string problem) {
  throw Error(ErrorCode::kNotFound,
              "cublaslt",
              std::move(problem),
              "install cuBLAS 12 or later (the package nvidia-cublas-cu12 has it) and put it on "
              "the loader's path, or name the library in INGOT_CUBLASLT");
}

CublasLt load() {
  std::string file;
  void* library = open_library("INGOT_CUBLASLT", {"libcublasLt.so.13", "libcublasLt.so.12"}, file);
  if (library == nullptr) {
    no_library(fmt::format("{} was not found", file));
  }
  CublasLt functions;
  const char* missing = nullptr;
  const auto find = [&](auto& function, const char* symbol) {
    function =
        reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, symbol));
    if (function == nullptr && missing == nullptr) {
      missing = symbol;
    }
  };
#define INGOT_CUBLASLT_FIND(name, symbol, parameters) find(functions.name, #symbol);
  INGOT_CUBLASLT_FUNCTIONS(INGOT_CUBLASLT_FIND)
#undef INGOT_CUBLASLT_FIND
  find(functions.status_text, "cublasLtGetStatusString");
  size_t (*get_version)() = nullptr;
  find(get_version, "cublasLtGetVersion");
  if (missing != nullptr) {
    no_library(fmt::format("{} has no {}", file, missing));
  }
  const size_t version = get_version();
  if (version < kOldestVersion) {
    no_library(fmt::format("{} is older than version 12", file));
  }
  functions.name = fmt::format("cuBLASLt {}.{}", version / 10000, version % 10000 / 100);
  return functions;
}

}  // namespace

const CublasLt& CublasLt::get() {
  static const CublasLt library = load();  // tried again the next time when it throws
  return library;
}

void CublasLt::check(cublasStatus_t status, std::string_view what) const {
  if (status != CUBLAS_STATUS_SUCCESS) {
    throw Error(status == CUBLAS_STATUS_ALLOC_FAILED ? ErrorCode::kOutOfMemory : ErrorCode::kDevice,
                "cuda",
                fmt::format("{}: {}: {} (status {})", name, what, status_text(status), status),
                "INGOT_PROVIDERS=off runs the kernel instead");
  }
}

}  // namespace ingot::cuda
