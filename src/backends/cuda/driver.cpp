#include "backends/cuda/driver.hpp"

#include <dlfcn.h>
#include <fmt/format.h>

#include "ingot/error.hpp"

#include "backends/cuda/open_library.hpp"

namespace ingot::cuda {
namespace {

constexpr int kOldestVersion = 12000;

[[noreturn]] void no_cuda(ErrorCode code, std::string problem, std::string remedy) {
  throw Error(code, "cuda", std::move(problem), std::move(remedy));
}

std::string version_text(int version) {
  return fmt::format("{}.{}", version / 1000, version % 1000 / 10);
}

Driver open_driver() {
  std::string name;
  void* library = open_library("INGOT_CUDA_DRIVER", {"libcuda.so.1"}, name);
  if (library == nullptr) {
    no_cuda(ErrorCode::kNotFound,
            fmt::format("this machine has no NVIDIA driver ({} was not found)", name),
            "install NVIDIA's driver, or use cpu");
  }
  Driver driver;
  const char* missing = nullptr;
#define INGOT_CUDA_FIND(name, symbol, parameters)                                  \
  driver.name = reinterpret_cast<CUresult(*) parameters>(dlsym(library, #symbol)); \
  if (driver.name == nullptr && missing == nullptr) {                              \
    missing = #symbol;                                                             \
  }
  INGOT_CUDA_FUNCTIONS(INGOT_CUDA_FIND)
#undef INGOT_CUDA_FIND
  if (driver.driver_version != nullptr) {
    driver.driver_version(&driver.version);
  }
  if (missing != nullptr || driver.version < kOldestVersion) {
    no_cuda(ErrorCode::kUnsupported,
            fmt::format("the NVIDIA driver is too old: it offers CUDA {}{}",
                        version_text(driver.version),
                        missing == nullptr ? "" : fmt::format(" and no {}", missing)),
            fmt::format("install a driver for CUDA {} or later, or use cpu",
                        version_text(kOldestVersion)));
  }
  return driver;
}

Driver start_driver() {
  Driver driver = open_driver();
  const CUresult started = driver.init(0);
  int devices = 0;
  if (started == CUDA_SUCCESS) {
    driver.device_count(&devices);
  }
  if (started == CUDA_ERROR_NO_DEVICE || (started == CUDA_SUCCESS && devices == 0)) {
    no_cuda(ErrorCode::kDevice,
            "the NVIDIA driver finds no device",
            "check nvidia-smi and CUDA_VISIBLE_DEVICES, or use cpu");
  }
  if (started != CUDA_SUCCESS) {
    const char* name = nullptr;
    driver.error_name(started, &name);
    no_cuda(ErrorCode::kDevice,
            fmt::format("the NVIDIA driver does not start: {}",
                        name != nullptr ? name : std::to_string(started)),
            "check nvidia-smi, or use cpu");
  }
  return driver;
}

}  // namespace

const Driver& Driver::get() {
  static const Driver driver = start_driver();  // tried again the next time when it throws
  return driver;
}

std::string describe(CUresult result) {
  const char* name = nullptr;
  const char* text = nullptr;
  Driver::get().error_name(result, &name);
  Driver::get().error_string(result, &text);
  return name == nullptr ? fmt::format("unknown error {}", result)
                         : fmt::format("{} ({})", text != nullptr ? text : "error", name);
}

bool is_fatal(CUresult result) {
  switch (result) {
    case CUDA_ERROR_ECC_UNCORRECTABLE:
    case CUDA_ERROR_NVLINK_UNCORRECTABLE:
    case CUDA_ERROR_CONTAINED:
    case CUDA_ERROR_ILLEGAL_ADDRESS:
    case CUDA_ERROR_LAUNCH_TIMEOUT:
    case CUDA_ERROR_CONTEXT_IS_DESTROYED:
    case CUDA_ERROR_ASSERT:
    case CUDA_ERROR_HARDWARE_STACK_ERROR:
    case CUDA_ERROR_ILLEGAL_INSTRUCTION:
    case CUDA_ERROR_MISALIGNED_ADDRESS:
    case CUDA_ERROR_INVALID_ADDRESS_SPACE:
    case CUDA_ERROR_INVALID_PC:
    case CUDA_ERROR_LAUNCH_FAILED:
    case CUDA_ERROR_UNKNOWN:  // a GPU that has fallen off the bus
      return true;
    default:
      return false;
  }
}

void check(CUresult result, std::string_view what) {
  if (result == CUDA_SUCCESS) {
    return;
  }
  const bool is_memory = result == CUDA_ERROR_OUT_OF_MEMORY;
  throw Error(is_memory ? ErrorCode::kOutOfMemory : ErrorCode::kDevice,
              "cuda",
              fmt::format("{}: {}", what, describe(result)),
              is_memory          ? "use smaller tensors, or free memory that other processes hold"
              : is_fatal(result) ? std::string(kStartAnew)
                                 : "");
}

}  // namespace ingot::cuda
