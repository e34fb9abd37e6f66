// Reads the machine's signals: natively, without privileges and without child processes.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <sys/types.h>

#include "health/snapshot.hpp"

namespace ingot::health {

struct SampleOptions {
  bool top_process = true;  // looks at every process: most of a sample's time
  bool gpus = true;
};

/// Keeps what later samples need: the GPU library, and counters that are compared with those of the
/// sample before. Not for several threads at once.
class Sampler {
 public:
  Sampler();
  ~Sampler();
  Sampler(const Sampler&) = delete;
  Sampler& operator=(const Sampler&) = delete;

  Snapshot sample(const SampleOptions& options = {});

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// One snapshot of this machine.
Snapshot sample();

/// Memory of a process and all its descendants, in GiB: the sum of their resident sets, in which
/// shared pages count once for each. Nothing once the process has ended, and where the system does
/// not list a process's children.
std::optional<double> process_tree_rss_gb(pid_t root);

}  // namespace ingot::health
