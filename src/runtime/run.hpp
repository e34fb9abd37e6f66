// Running a kernel.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "ingot/tensor.hpp"

#include "runtime/call.hpp"
#include "runtime/record.hpp"

namespace ingot {

/// The outputs of a run, by the names of the record.
class Results {
 public:
  Results(const Call& call, std::string served_by);
  /// The tensor at its capacity (see ArgSpec::count_in).
  const Tensor& operator[](std::string_view name) const;
  /// The tensor cut to the count that the kernel wrote; waits for it where there is one.
  Tensor fetch(std::string_view name) const;
  /// Who computed them, as KernelRecord::served_by.
  const std::string& served_by() const { return served_by_; }

 private:
  const KernelRecord* record_;
  std::vector<Tensor> tensors_;
  std::string served_by_;
};

/// Binds, allocates the outputs and runs the kernel on the device of its inputs (all must be on
/// one). Throws Error for arguments that the record does not accept; a GPU failure is reported by
/// the results.
Results run(const KernelRecord& record,
            const std::vector<NamedTensor>& inputs,
            const std::vector<NamedValue>& params = {});

/// The same for kernels without tensor inputs, on a given device.
Results run(const Backend& backend,
            const KernelRecord& record,
            const std::vector<NamedTensor>& inputs,
            const std::vector<NamedValue>& params);

}  // namespace ingot
