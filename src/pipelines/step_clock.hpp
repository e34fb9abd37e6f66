// Time and traffic of a pipeline's steps.
#pragma once

#include <chrono>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "pipelines/pipeline.hpp"

namespace ingot {

/// Seconds of wall time.
class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

class StepClock {
 public:
  StepClock(const Backend& backend, std::span<const StepSpec> steps);

  /// Runs `work`, which is part of the step `name` and reads and writes `bytes`, and returns its
  /// result. On a GPU this waits for the work: without that, a step's time could not be told from
  /// its neighbours'.
  template <class Work>
  auto measure(std::string_view name, double bytes, Work&& work) {
    const Stopwatch watch;
    auto result = work();
    backend_.synchronize();
    StepReport& report = find(name);
    report.seconds += watch.seconds();
    report.bytes += bytes;
    return result;
  }

  /// Says who does a step, where that is not the device's own kernel.
  void set_served_by(std::string_view name, std::string served_by) {
    find(name).served_by = std::move(served_by);
  }

  const std::vector<StepReport>& reports() const { return reports_; }

 private:
  StepReport& find(std::string_view name);

  Backend backend_;
  std::vector<StepReport> reports_;
};

/// Bytes of tensors that a step reads or writes.
double bytes_of(std::initializer_list<Tensor> tensors);

/// Tells `progress` and throws Error(kCancelled) for `job` when it asks to stop.
void report_progress(const Progress& progress,
                     std::string_view job,
                     double fraction,
                     std::string_view text);

}  // namespace ingot
