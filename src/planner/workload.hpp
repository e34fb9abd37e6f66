// What is to be computed, in the quantities and flags that placement depends on.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "planner/document.hpp"
#include "runtime/value.hpp"

namespace ingot::planner {

/// Whether MLX has the operations of a workload.
enum class MlxCoverage : uint8_t { kNone, kMostly, kAll };
std::string_view to_string(MlxCoverage coverage);

/// A workload as somebody described it; what was left out is empty.
struct WorkloadDescription {
  std::optional<double> machine_ram_gb;    // GiB of memory that the machine's processors share
  std::optional<double> data_size_gb;      // 1e9 bytes: inputs, outputs and intermediate results
  std::optional<double> item_count;        // discrete work items
  std::optional<double> flops_per_item;    // floating-point operations of an item
  std::optional<double> local_rate;        // items per second on the machine
  std::optional<double> local_time_hours;  // of all items on the machine
  std::optional<bool> requires_cuda;       // needs libraries that exist for CUDA only
  std::optional<bool> is_sequential;       // an item depends on the one before, or on its own steps
  std::optional<bool> is_parallel;         // items are independent
  std::optional<bool> outer_parallel;      // sequential inside an item, items independent
  std::optional<bool> chunkable;           // can stream through memory in pieces
  std::optional<MlxCoverage> mlx_expressible;
  std::optional<bool> needs_pytorch_eco;  // Hugging Face, torchvision, PyTorch's autograd, ...
  std::optional<bool> needs_custom_gpu;   // operations that MLX lacks
  std::optional<bool> python_acceptable;  // false: the result must be a compiled program
};

/// A field that was filled in: its value and where the value comes from.
struct Assumption {
  std::string_view field;
  Value value;
  std::string source;
};

/// A complete workload. All quantities are finite, and positive where they are divisors.
struct Workload {
  double machine_ram_gb = 0;
  double data_size_gb = 0;
  double item_count = 0;
  double flops_per_item = 0;
  double local_rate = 0;
  double local_time_hours = 0;
  bool requires_cuda = false;
  bool is_sequential = false;
  bool is_parallel = false;
  bool outer_parallel = false;
  bool chunkable = false;
  MlxCoverage mlx_expressible = MlxCoverage::kNone;
  bool needs_pytorch_eco = false;
  bool needs_custom_gpu = false;
  bool python_acceptable = true;

  std::vector<Assumption> assumptions;
};

/// What the machine at hand offers, to fill in what a description leaves out.
struct LocalMachine {
  double ram_gb = 0;            // GiB
  double flops_per_second = 0;  // f32
  double bytes_per_second = 0;  // of a copy, read plus written
  std::string ram_source;       // "this machine"
  std::string rate_source;      // "calibration of 2026-11-20", "profile m4-max"
};

/// A field of the documents that workloads are read from.
struct WorkloadField {
  std::string_view name;
  std::string_view type;  // "number", "flag", "all | mostly | none"
  std::string_view unit;  // of numbers: "GiB", "items/s"
  std::string_view summary;
  std::string_view fallback;  // what is taken when the field is left out
};
std::span<const WorkloadField> workload_fields();

/// Reads a workload from JSON or TOML: one object with the fields above and no others. Throws
/// Error(kInvalidArgument) that names the field: unknown (with the nearest known one), of another
/// type, negative, not finite, out of range, or contradicting another.
WorkloadDescription parse_workload(std::string_view text, const std::string& name);
WorkloadDescription workload_of(const Json& document, const std::string& name);

/// Fills in what is left out, as `workload_fields()` says, and records each value in `assumptions`.
/// Throws Error(kInvalidArgument) when neither item_count nor data_size_gb is known.
Workload complete(const WorkloadDescription& description, const LocalMachine& machine);

}  // namespace ingot::planner
