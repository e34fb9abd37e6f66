// NVIDIA's run-time compiler, opened at run time.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ingot::cuda {

/// Compiles CUDA C++ for one architecture. Needs no GPU.
class Nvrtc {
 public:
  /// Opens the library once per process: the newest of those that the loader finds, or the one that
  /// $INGOT_NVRTC names. Throws Error(kNotFound) when there is none.
  static const Nvrtc& get();

  /// Machine code (a cubin) for `architecture` (90 for compute capability 9.0). The headers are
  /// those that a translated kernel includes. Throws Error(kCompile) with the compiler's
  /// diagnostics, and Error(kUnsupported) for an architecture that this NVRTC does not know.
  std::string compile(const std::string& text, const std::string& name, int architecture) const;

  /// 12040 for version 12.4.
  int version() const { return version_; }
  std::vector<int> architectures() const;
  const std::string& library() const { return library_; }

 private:
  struct Functions;
  Nvrtc();

  const Functions* functions_ = nullptr;
  std::string library_;
  int version_ = 0;
};

}  // namespace ingot::cuda
