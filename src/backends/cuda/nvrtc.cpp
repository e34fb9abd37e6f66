#include "backends/cuda/nvrtc.hpp"

#include <algorithm>
#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <iterator>
#include <span>

#include "ingot/error.hpp"

#include "backends/cuda/open_library.hpp"
#include "core/embedded.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> cuda_shim;
extern const std::span<const EmbeddedFile> softmetal_shim;
}  // namespace embedded

namespace cuda {
namespace {

using Program = struct _nvrtcProgram*;
using Result = int;
constexpr Result kInvalidOption = 5;
constexpr Result kCompilation = 6;

// What a translated kernel may include. The chapters that only compute are softmetal's; those that
// have a CUDA form of their own hide them.
struct Headers {
  std::vector<const char*> names;
  std::vector<const char*> texts;

  void add(std::span<const EmbeddedFile> files) {
    for (const EmbeddedFile& file : files) {
      const auto is_same = [&](const char* name) { return file.path == name; };
      if (std::none_of(names.begin(), names.end(), is_same)) {
        names.push_back(file.path.data());  // string literals, which end in zero
        texts.push_back(file.text.data());
      }
    }
  }
};

const Headers& headers() {
  static const Headers all = [] {
    Headers result;
    result.add(embedded::cuda_shim);
    result.add(embedded::softmetal_shim);
    return result;
  }();
  return all;
}

}  // namespace

struct Nvrtc::Functions {
  Result (*version)(int* major, int* minor) = nullptr;
  Result (*count_architectures)(int* count) = nullptr;
  Result (*architectures)(int* numbers) = nullptr;
  Result (*create)(Program*,
                   const char* text,
                   const char* name,
                   int,
                   const char* const*,
                   const char* const*) = nullptr;
  Result (*destroy)(Program*) = nullptr;
  Result (*compile)(Program, int count, const char* const* options) = nullptr;
  Result (*log_size)(Program, size_t*) = nullptr;
  Result (*log)(Program, char*) = nullptr;
  Result (*cubin_size)(Program, size_t*) = nullptr;
  Result (*cubin)(Program, char*) = nullptr;
  Result (*ptx_size)(Program, size_t*) = nullptr;
  Result (*ptx)(Program, char*) = nullptr;
  const char* (*error_text)(Result) = nullptr;

  bool find(void* library) {
    bool complete = true;
    const auto symbol = [&](auto& function, const char* name) {
      function =
          reinterpret_cast<std::remove_reference_t<decltype(function)>>(dlsym(library, name));
      complete = complete && function != nullptr;
    };
    symbol(version, "nvrtcVersion");
    symbol(count_architectures, "nvrtcGetNumSupportedArchs");
    symbol(architectures, "nvrtcGetSupportedArchs");
    symbol(create, "nvrtcCreateProgram");
    symbol(destroy, "nvrtcDestroyProgram");
    symbol(compile, "nvrtcCompileProgram");
    symbol(log_size, "nvrtcGetProgramLogSize");
    symbol(log, "nvrtcGetProgramLog");
    symbol(cubin_size, "nvrtcGetCUBINSize");
    symbol(cubin, "nvrtcGetCUBIN");
    symbol(ptx_size, "nvrtcGetPTXSize");
    symbol(ptx, "nvrtcGetPTX");
    symbol(error_text, "nvrtcGetErrorString");
    return complete;
  }
};

Nvrtc::Nvrtc() {
  static Functions functions;
  std::string name;
  void* library =
      open_library("INGOT_NVRTC", {"libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so"}, name);
  if (library == nullptr || !functions.find(library)) {
    const char* reason = library == nullptr ? dlerror() : nullptr;
    throw Error(ErrorCode::kNotFound,
                "nvrtc",
                fmt::format("NVIDIA's run-time compiler cannot be used ({})",
                            reason != nullptr ? reason : name + " is older than version 12"),
                "install CUDA 12's NVRTC (the package nvidia-cuda-nvrtc-cu12 has it) and put it on "
                "the loader's path, or name the library in INGOT_NVRTC");
  }
  functions_ = &functions;
  int major = 0;
  int minor = 0;
  functions.version(&major, &minor);
  version_ = 1000 * major + 10 * minor;
}

const Nvrtc& Nvrtc::get() {
  static const Nvrtc nvrtc;  // tried again the next time when it throws
  return nvrtc;
}

std::vector<int> Nvrtc::architectures() const {
  int count = 0;
  functions_->count_architectures(&count);
  std::vector<int> numbers(static_cast<size_t>(count));
  functions_->architectures(numbers.data());
  return numbers;
}

std::string Nvrtc::compile(const std::string& text,
                           const std::string& name,
                           int architecture) const {
  std::vector<int> known = architectures();
  std::sort(known.begin(), known.end());
  const auto newer = std::upper_bound(known.begin(), known.end(), architecture);
  if (newer == known.begin()) {
    throw Error(ErrorCode::kUnsupported,
                "nvrtc",
                fmt::format("version {}.{} compiles for sm_{}, not for sm_{}",
                            version_ / 1000,
                            version_ % 1000 / 10,
                            fmt::join(known, ", sm_"),
                            architecture),
                "install the NVRTC that came with this GPU's CUDA release");
  }
  const int closest = *std::prev(newer);
  const bool is_known = closest == architecture;
  Program program = nullptr;
  const Headers& all = headers();
  const Result created = functions_->create(&program,
                                            text.c_str(),
                                            name.c_str(),
                                            static_cast<int>(all.names.size()),
                                            all.texts.data(),
                                            all.names.data());
  if (created != 0) {
    throw Error(
        ErrorCode::kInternal, name, fmt::format("NVRTC: {}", functions_->error_text(created)));
  }
  const std::string target =
      fmt::format("--gpu-architecture={}_{}", is_known ? "sm" : "compute", closest);
  // -fmad joins a product and a sum, as Metal's compiler does; the rest of fast math stays off.
  const std::vector<const char*> options = {target.c_str(),
                                            "--std=c++20",
                                            "--device-as-default-execution-space",
                                            "--device-int128",
                                            "--generate-line-info",
                                            "--disable-warnings",
                                            "--no-display-error-number"};
  const Result result =
      functions_->compile(program, static_cast<int>(options.size()), options.data());
  const auto text_of = [&](auto size_of, auto get) {
    size_t bytes = 0;
    size_of(program, &bytes);
    std::string content(bytes, '\0');
    get(program, content.data());
    return content;
  };
  std::string image;
  std::string log;
  if (result == 0) {
    image = is_known ? text_of(functions_->cubin_size, functions_->cubin)
                     : text_of(functions_->ptx_size, functions_->ptx);
  } else {
    log = text_of(functions_->log_size, functions_->log).c_str();
  }
  functions_->destroy(&program);
  if (result == 0) {
    return image;
  }
  const bool is_rejected = result == kCompilation || result == kInvalidOption;
  throw Error(is_rejected ? ErrorCode::kCompile : ErrorCode::kInternal,
              name,
              fmt::format("NVRTC: {}\n{}", functions_->error_text(result), log));
}

}  // namespace cuda
}  // namespace ingot
