// The conformance suite: every kernel on every backend of this machine, against oracles that are
// not the code under test.
//
// A kernel's test file, kernels/<domain>/<name>_test.cpp, holds its cases and its oracle:
//
//   void check_relu(Check& check) {
//     for (const DType dtype : check.input_dtypes("x")) {
//       for (const int64_t n : check.sizes()) {
//         const HostArray x = check.normal(dtype, {n});
//         check.run({{"x", x}}, {}, {elementwise("y", x.shape(), relu_in_double(x))});
//       }
//     }
//     check.rejects({{"x", check.normal(DType::kI32, {4})}}, {}, "x");
//   }
//   INGOT_CONFORMANCE(map_relu, check_relu);
#pragma once

#include <random>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingot/tensor.hpp"

#include "core/host_array.hpp"
#include "runtime/call.hpp"
#include "runtime/record.hpp"

namespace ingot::conformance {

/// What an output must be. Outputs that a run produces and that no reference names fail the case.
struct Reference {
  enum class Match {
    kExact,        // bit for bit, except that any NaN equals any NaN
    kElementwise,  // |y - r| <= atol + rtol |r|; NaN only where r is NaN, infinities equal
    kL2,  // ||y - r|| <= tolerance ||m|| over each row of the last dimension, with m = magnitudes,
          // or r; NaN and infinities as above
  };
  std::string name;
  Shape shape;
  Match match;
  std::vector<double> real;             // for floating-point outputs
  std::vector<int64_t> whole;           // for integer outputs (u64 by its bits)
  double scale = 1;                     // multiplies the tolerance: a record says why it is looser
  std::vector<double> magnitudes = {};  // of sums whose terms may cancel: of the terms, ||.||_2
};

/// References with the tolerances of the output's dtype: f32 1.3e-6/1e-5, f16 1e-3/1e-3,
/// bf16 1.6e-2/1e-3 elementwise; f32 1e-6 sqrt(log2 n), f16 2e-3, bf16 1.6e-2 for L2 (n: elements
/// that one output element is made from).
Reference elementwise(std::string name, const Shape& shape, std::vector<double> values);
Reference l2(std::string name, const Shape& shape, std::vector<double> values, double scale = 1);
Reference exact(std::string name, const Shape& shape, std::vector<double> values);
Reference exact_integers(std::string name, const Shape& shape, std::vector<int64_t> values);

using HostInputs = std::vector<std::pair<std::string_view, HostArray>>;

/// Runs cases of one kernel on one backend.
class Check {
 public:
  Check(const KernelRecord& record, const Backend& backend, uint64_t seed);

  const KernelRecord& record() const { return record_; }

  /// Dtypes that the record accepts for an input ("=x": those of x).
  std::vector<DType> input_dtypes(std::string_view input) const;
  /// 0, 1, around 32, 256 and 1024, and a prime above a million: lengths where kernels go wrong.
  std::vector<int64_t> sizes() const;

  /// Random arrays. The seed is printed when a case fails.
  HostArray uniform(DType dtype, const Shape& shape, double low, double high);
  HostArray normal(DType dtype, const Shape& shape, double mean = 0, double deviation = 1);
  /// Repeats `values`, the hard cases of a definition, to fill the shape.
  static HostArray filled(DType dtype, const Shape& shape, const std::vector<double>& values);
  /// -0.0, infinities, NaN, subnormals, huge and tiny magnitudes of the dtype, and ordinary
  /// numbers.
  static std::vector<double> special_values(DType dtype);

  std::mt19937_64& random() { return random_; }

  /// Runs the kernel and compares all outputs; memory is poisoned before, so an element not written
  /// is seen.
  void run(const HostInputs& inputs,
           const std::vector<NamedValue>& params,
           const std::vector<Reference>& references);
  /// Expects Error(kInvalidArgument) whose subject or problem names `argument`.
  void rejects(const HostInputs& inputs,
               const std::vector<NamedValue>& params,
               std::string_view argument);

  /// Dtypes of the inputs of all cases so far: ("x", f32).
  const std::set<std::pair<std::string_view, DType>>& covered() const { return covered_; }
  int cases() const { return cases_; }

 private:
  std::vector<NamedTensor> upload(const HostInputs& inputs);

  const KernelRecord& record_;
  Backend backend_;
  uint64_t seed_;
  std::mt19937_64 random_;
  std::set<std::pair<std::string_view, DType>> covered_;
  int cases_ = 0;
};

/// Adds a kernel's cases to the suite.
struct Registration {
  Registration(const KernelRecord& record, void (*check)(Check&));
};

/// At namespace scope, outside of any namespace: INGOT_CONFORMANCE(map_relu, check_relu);
#define INGOT_CONFORMANCE(kernel, function)                                                   \
  namespace ingot::kernels {                                                                  \
  extern const KernelRecord kernel;                                                           \
  }                                                                                           \
  static const ingot::conformance::Registration registration_##kernel(ingot::kernels::kernel, \
                                                                      function)

}  // namespace ingot::conformance
