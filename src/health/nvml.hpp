// NVIDIA GPUs, through the driver's management library.
#pragma once

#include <memory>
#include <string>

#include "health/snapshot.hpp"

namespace ingot::health {

/// Opened when first asked, so that one program serves machines with and without NVIDIA's driver.
class Nvml {
 public:
  /// `library` is for tests.
  explicit Nvml(std::string library = "libnvidia-ml.so.1");
  ~Nvml();
  Nvml(const Nvml&) = delete;
  Nvml& operator=(const Nvml&) = delete;

  /// Fills in gpus and gpu_source, which says why there are none.
  void sample(Snapshot& snapshot);

 private:
  class Library;
  std::string name_;
  std::string failure_;  // why it could not be opened, once tried
  std::unique_ptr<Library> library_;
};

}  // namespace ingot::health
