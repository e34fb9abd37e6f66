#include "health/doctor_gpu.hpp"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "backends/device.hpp"
#include "core/process.hpp"
#if !defined(__APPLE__)
#include "softmetal/toolchain.hpp"
#endif

namespace ingot::health {
namespace {

constexpr const char* kShader = R"(#include <metal_stdlib>
kernel void doctor(device float* x [[buffer(0)]], uint i [[thread_position_in_grid]]) { x[i] += 1; }
)";

// A device of `kind`, tried by making a pipeline of a small shader.
Check check_device(BackendKind kind) {
  Check check{std::string(to_string(kind)), CheckState::kOk, {}, {}, {}};
  std::unique_ptr<Device> device;
  try {
    device = make_device(kind);
  } catch (const Error& error) {
    check.state = error.code() == ErrorCode::kNotFound ? CheckState::kMissing : CheckState::kBroken;
    check.why = error.problem();
    check.remedy = error.remedy();
    return check;
  }
  check.found = device->info().name;
  try {
    const auto library = device->gpu()->compile({"doctor.metal", kShader});
    device->gpu()->pipeline(*library, "doctor", {});
    check.why = "a shader was compiled";
  } catch (const Error& error) {
    check.state = CheckState::kBroken;
    check.why = error.what();
  }
  return check;
}

// Apple's or softmetal's, whichever this system has; nullptr when it does not work, which
// check_device() tells.
std::unique_ptr<Device> metal_device() {
#if defined(__APPLE__)
  constexpr BackendKind kKind = BackendKind::kMetal;
#else
  constexpr BackendKind kKind = BackendKind::kSoftMetal;
#endif
  try {
    return make_device(kKind);
  } catch (const Error&) {
    return nullptr;
  }
}

#if !defined(__APPLE__)
std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

Check check_softmetal() {
  Check check = check_device(BackendKind::kSoftMetal);
  check.name = "softmetal";
  // One that was named, and is not there, was meant to be there.
  const char* named = std::getenv("SOFTMETAL_CLANG");
  if (check.state == CheckState::kMissing) {
    if (named != nullptr && *named != 0) {
      check.state = CheckState::kBroken;
      check.why = fmt::format("SOFTMETAL_CLANG: {}", check.why);
      check.remedy = "unset SOFTMETAL_CLANG";
    } else {
      check.remedy = "sudo apt-get install clang-19";
    }
    return check;
  }
  const std::string& clang = softmetal::Toolchain::get().clang();
  const ProcessResult version = run_process({clang, "--version"}, std::chrono::seconds(10));
  check.found = fmt::format("{} ({})", first_line(version.output), clang);
  if (check.state == CheckState::kBroken) {
    check.remedy = "sudo apt-get install --reinstall clang-19 libclang-rt-19-dev g++";
  }
  return check;
}
#endif

// A library of NVIDIA's that tells its version; nothing when it is not there. It stays open, as
// when it is used: not all of them can be closed.
class VersionedLibrary {
 public:
  explicit VersionedLibrary(const std::string& name)
      : handle_(dlopen(name.c_str(), RTLD_NOW | RTLD_LOCAL)) {}

  explicit operator bool() const { return handle_ != nullptr; }

  template <class F>
  F* function(const char* name) const {
    return reinterpret_cast<F*>(dlsym(handle_, name));
  }

 private:
  void* handle_;
};

bool has_nvidia_hardware() {
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/sys/bus/pci/devices", error), end;
       !error && entry != end;
       entry.increment(error)) {
    std::string vendor;
    std::ifstream(entry->path() / "vendor") >> vendor;
    if (vendor == "0x10de") {
      return true;
    }
  }
  return false;
}

Check check_driver() {
  Check check{"cuda driver", CheckState::kMissing, {}, {}, {}};
  const VersionedLibrary library("libcuda.so.1");
  int version = 0;
  auto* get_version = library ? library.function<int(int*)>("cuDriverGetVersion") : nullptr;
  if (get_version != nullptr && get_version(&version) == 0) {
    check.state = CheckState::kOk;
    check.found = fmt::format("CUDA {}.{}", version / 1000, version % 1000 / 10);
    check.why = "libcuda.so.1";
  } else if (!has_nvidia_hardware()) {
    check.why = "this machine has no NVIDIA GPU";
  } else {
    check.state = CheckState::kBroken;
    check.why = library ? "libcuda.so.1 does not tell its version"
                        : "there is an NVIDIA GPU, but no libcuda.so.1";
    check.remedy = "sudo apt-get install nvidia-driver";
  }
  return check;
}

// The libraries to try: the one that the environment variable names, else those.
std::vector<std::string> candidates(const char* variable, std::vector<std::string> usual) {
  const char* named = std::getenv(variable);
  return named != nullptr && *named != 0 ? std::vector<std::string>{named} : usual;
}

// Kernels for NVIDIA can be compiled without a GPU, too.
Check check_nvrtc() {
  Check check{"nvrtc", CheckState::kMissing, {}, {}, {}};
  const auto names = candidates("INGOT_NVRTC", {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"});
  for (const std::string& name : names) {
    const VersionedLibrary library(name);
    auto* get_version = library ? library.function<int(int*, int*)>("nvrtcVersion") : nullptr;
    int major = 0;
    int minor = 0;
    if (get_version != nullptr && get_version(&major, &minor) == 0) {
      check.state = CheckState::kOk;
      check.found = fmt::format("NVRTC {}.{}", major, minor);
      check.why = name;
      return check;
    }
  }
  check.why = fmt::format("no {}: kernels cannot be compiled for NVIDIA GPUs", names.front());
  check.remedy =
      "python3 -m pip install nvidia-cuda-nvrtc-cu12, and name its library in "
      "INGOT_NVRTC";
  return check;
}

// Asked for its version alone: it starts on a GPU only.
Check check_cublaslt() {
  Check check{"cublaslt", CheckState::kMissing, {}, {}, {}};
  const auto names = candidates("INGOT_CUBLASLT", {"libcublasLt.so.13", "libcublasLt.so.12"});
  for (const std::string& name : names) {
    const VersionedLibrary library(name);
    if (auto* get_version = library ? library.function<size_t()>("cublasLtGetVersion") : nullptr) {
      const size_t version = get_version();
      check.state = CheckState::kOk;
      check.found = fmt::format("cuBLASLt {}.{}", version / 10000, version % 10000 / 100);
      check.why = name;
      return check;
    }
  }
  check.why = fmt::format("no {}: kernels serve all matrix products on NVIDIA GPUs", names.front());
  check.remedy =
      "python3 -m pip install nvidia-cublas-cu12, and name its libcublasLt.so.12 in INGOT_CUBLASLT";
  return check;
}

}  // namespace

std::vector<Check> check_family(const DeviceInfo* metal) {
  Check family{"metal family", CheckState::kMissing, {}, "there is no Metal device", {}};
  Check units{"tensor units", CheckState::kMissing, {}, family.why, {}};
  if (metal == nullptr) {
    return {family, units};
  }
  const MetalFamily found = metal->metal_family;
  family.state = CheckState::kOk;
  family.found = to_string(found);
  family.why = metal->kind == BackendKind::kSoftMetal
                   ? "what softmetal answers as: this machine has no Apple GPU"
                   : fmt::format("what {} says", metal->name);
  if (family.found.empty()) {
    family.found = "before Metal 3";
  }
  if (!found.has_tensor_units()) {
    units.why = "GPUs have them from the family Apple10 (M5) on";
    return {family, units};
  }
  units.state = CheckState::kOk;
  units.found = "in the GPU's cores";
  units.why = "not used: no kernel of the catalogue calls Metal 4's tensor operations";
  if (found.metal < 4) {
    units.why += ", and this system does not offer them";
    units.remedy = "update to macOS 26.2 or later";
  }
  return {family, units};
}

std::vector<Check> check_gpus() {
  std::vector<Check> checks;
#if !defined(__APPLE__)
  checks.push_back(check_softmetal());
#endif
  checks.push_back(check_device(BackendKind::kMetal));
  const std::unique_ptr<Device> metal = metal_device();
  std::ranges::move(check_family(metal == nullptr ? nullptr : &metal->info()),
                    std::back_inserter(checks));
  checks.push_back(check_driver());
  checks.push_back(check_nvrtc());
  checks.push_back(check_cublaslt());
  checks.push_back(check_device(BackendKind::kCuda));
  return checks;
}

}  // namespace ingot::health
