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

  /// Machine code (a cubin) for `architecture` (90 for compute capability 9.0); for one that is
  /// newer than this NVRTC, PTX of the closest that it knows, which the driver compiles. The
  /// headers are those that a translated kernel includes. Throws Error(kCompile) with the
  /// compiler's diagnostics, and Error(kUnsupported) for an architecture that is too old.
  std::string compile(const std::string& text, const std::string& name, int architecture) const;

 private:
  struct Functions;
  Nvrtc();
  std::vector<int> architectures() const;

  const Functions* functions_ = nullptr;
  int version_ = 0;  // 12040 is 12.4
};

}  // namespace ingot::cuda
