// What a kernel declares about itself. Everything that lists, checks, documents, runs or tests
// kernels is made from these records; there is no other list.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/dtype.hpp"
#include "ingot/shape.hpp"

#include "runtime/value.hpp"

namespace ingot {

class Call;
class CpuContext;
class Device;
class GpuContext;

/// A tensor argument.
struct ArgSpec {
  std::string_view name;
  /// Accepted dtypes, separated by blanks ("f32 f16"); "=x": the dtype of input x. An output that
  /// lists several dtypes, or none, gets its dtype from the record's `infer`.
  std::string_view dtypes;
  /// "[rows, cols]": each name stands for an extent, the same wherever it appears in the record's
  /// arguments; "[..., n]": any number of leading dimensions, the same in every argument; a
  /// parameter's name stands for its value, a number for itself; "[]" is a scalar. Empty: any
  /// shape; an output's is then set by `infer`.
  std::string_view shape;
  std::string_view summary;
  bool optional = false;
  /// Outputs whose first extent is known only after the run: the scalar u64 output that holds it.
  /// The tensor is allocated at its capacity, `shape`.
  std::string_view count_in = {};
};

enum class ParamType : uint8_t { kInteger, kReal, kFlag, kChoice };

/// A plain parameter.
struct ParamSpec {
  std::string_view name;
  ParamType type;
  /// Default as text; empty: the parameter must be given; "none": it may be absent.
  std::string_view fallback;
  std::string_view summary;
  /// For kChoice: the accepted words, separated by blanks.
  std::string_view choices = {};
  /// For kInteger and kReal: the least and greatest accepted value.
  std::optional<double> least = {};
  std::optional<double> most = {};
};

/// Work of one call, for rooflines: every input byte read once, every output byte written once.
struct Cost {
  double flops = 0;
  double bytes_read = 0;
  double bytes_written = 0;
  double bytes() const { return bytes_read + bytes_written; }
};

/// A typical call, for benchmarks and estimates. Inputs are filled by dtype: normal floating-point
/// numbers, u8 masks of zeros and ones, other integers over their whole range.
struct Sample {
  struct Input {
    std::string_view name;
    DType dtype;
    Shape shape;
  };
  std::vector<Input> inputs;
  std::vector<NamedValue> params;
};

struct KernelRecord {
  std::string_view id;              // "REDUCE_SUM"
  std::string_view metal_function;  // stem of the entry points' names: "reduce_sum" (+ "_f32", ...)
  std::string_view domain;          // "Reductions"
  std::string_view summary;         // one line
  std::string_view formula;         // what is computed, exactly; NaN, ties, empty input
  std::string_view source;          // paper, standard or library whose definition it follows
  std::vector<ArgSpec> inputs;
  std::vector<ParamSpec> params;
  std::vector<ArgSpec> outputs;
  /// Checks beyond the declarations above, and output shapes and dtypes they cannot express. May be
  /// null.
  void (*infer)(Call&);
  Cost (*cost)(const Call&);
  /// A call whose largest tensor has about `elements` elements.
  Sample (*sample)(int64_t elements);
  void (*launch)(GpuContext&, const Call&);
  void (*cpu)(const CpuContext&, const Call&);
  /// Who serves the call, whose outputs have memory, on this device: a library ("cuBLASLt 13.1"),
  /// "kernel" or "cpu twin", with the reason where another was meant to. Null: always one of the
  /// last two.
  std::string (*served_by)(Device&, const Call&) = nullptr;
  /// The rate, in 1e9 operations a second, that the legacy model of `ingot estimate` takes the
  /// kernel to have everywhere; 0: none.
  double legacy_gflops = 0;
};

}  // namespace ingot
