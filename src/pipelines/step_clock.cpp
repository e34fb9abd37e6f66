#include "pipelines/step_clock.hpp"

#include <algorithm>

#include "ingot/error.hpp"

namespace ingot {
namespace {

// "cpu twin (AVX3)" from the CPU's fingerprint, "cpu/AVX3/..."; a GPU's kernels bear its name.
std::string own_kernels(const Backend& backend) {
  if (backend.info().kind != BackendKind::kCpu) {
    return std::string(backend.name());
  }
  const std::string& fingerprint = backend.info().fingerprint;
  const size_t begin = fingerprint.find('/') + 1;
  return "cpu twin (" + fingerprint.substr(begin, fingerprint.find('/', begin) - begin) + ")";
}

}  // namespace

StepClock::StepClock(const Backend& backend, std::span<const StepSpec> steps) : backend_(backend) {
  for (const StepSpec& step : steps) {
    reports_.push_back(
        {std::string(step.name), std::string(step.kernel), own_kernels(backend), 0, 0});
  }
}

StepReport& StepClock::find(std::string_view name) {
  const auto found = std::find_if(reports_.begin(), reports_.end(), [&](const StepReport& report) {
    return report.name == name;
  });
  if (found == reports_.end()) {
    throw Error(ErrorCode::kInternal, std::string(name), "the pipeline declares no such step");
  }
  return *found;
}

double bytes_of(std::initializer_list<Tensor> tensors) {
  double bytes = 0;
  for (const Tensor& tensor : tensors) {
    bytes += static_cast<double>(tensor.bytes());
  }
  return bytes;
}

void report_progress(const Progress& progress,
                     std::string_view job,
                     double fraction,
                     std::string_view text) {
  if (progress && !progress(fraction, text)) {
    throw Error(ErrorCode::kCancelled, std::string(job), "was stopped");
  }
}

}  // namespace ingot
