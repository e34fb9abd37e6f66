// One call of a kernel: its record with tensors and parameters bound.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ingot/tensor.hpp"

#include "runtime/record.hpp"

namespace ingot {

struct NamedTensor {
  std::string_view name;
  Tensor tensor;
};

/// Binds arguments to a record: checks names, dtypes and shapes, fills in defaults, works out the
/// outputs' shapes. Kernels then read everything by the names of their record.
class Call {
 public:
  /// Throws Error(kInvalidArgument) that names the argument, what it is and what is accepted.
  /// Tensors without data (a default-made Tensor) count as not given.
  Call(const KernelRecord& record,
       const std::vector<NamedTensor>& inputs,
       const std::vector<NamedValue>& params);

  const KernelRecord& record() const { return *record_; }

  /// An input or output tensor by name; for an optional input that was not given, a Tensor that is
  /// false.
  const Tensor& in(std::string_view name) const;
  const Tensor& out(std::string_view name) const;
  bool has(std::string_view input) const { return static_cast<bool>(in(input)); }

  int64_t integer(std::string_view param) const;
  double real(std::string_view param) const;
  bool flag(std::string_view param) const;
  std::string_view choice(std::string_view param) const;
  /// False for a parameter whose default is "none" and that was not given.
  bool has_param(std::string_view param) const;

  /// Extent bound to a name in the record's shapes.
  int64_t extent(std::string_view symbol) const;
  /// Number of elements in the leading dimensions, the "..." of the record's shapes.
  int64_t batch() const { return batch_.elements(); }
  const Shape& batch_shape() const { return batch_; }

  /// For `infer`: sets what the declarations leave open.
  void set_output(std::string_view name, DType dtype, const Shape& shape);

  struct Output {
    const ArgSpec* spec;
    std::optional<DType> dtype;
    std::optional<Shape> shape;
    Tensor tensor;
  };
  const std::vector<Output>& outputs() const { return outputs_; }
  const std::vector<Tensor>& inputs() const { return inputs_; }
  /// Gives an output its memory.
  void attach(size_t output, Tensor tensor) { outputs_[output].tensor = std::move(tensor); }

 private:
  void bind_params(const std::vector<NamedValue>& params);
  void bind_inputs(const std::vector<NamedTensor>& inputs);
  void bind_shape(const ArgSpec& spec, const Shape& shape);
  void infer_outputs();
  const Value& param(std::string_view name) const;

  const KernelRecord* record_;
  std::vector<Tensor> inputs_;  // in the record's order
  std::vector<std::optional<Value>> params_;
  std::vector<Output> outputs_;
  std::map<std::string_view, int64_t> extents_;
  Shape batch_;
  bool batch_bound_ = false;
};

/// Reads a parameter's text ("10", "0.5", "true", "tanh") as its declared type. Throws
/// Error(kInvalidArgument).
Value parse_value(const ParamSpec& spec, std::string_view text);

/// The value as its parameter's declared type, checked against choices and limits. `owner` is the
/// kernel or pipeline that an error names. Throws Error(kInvalidArgument).
Value check_param(std::string_view owner, const ParamSpec& spec, const Value& value);

/// Cost of a call that reads every input once and writes every output once, with `flops_per_output`
/// operations for each element of the first output.
Cost streaming_cost(const Call& call, double flops_per_output);

}  // namespace ingot
