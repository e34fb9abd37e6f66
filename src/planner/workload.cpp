#include "planner/workload.hpp"

#include <algorithm>
#include <cmath>
#include <variant>

#include "fmt/format.h"

#include "core/text.hpp"
#include "planner/refuse.hpp"

namespace ingot::planner {
namespace {

// An item that nothing is said about is one f32 number.
constexpr double kBytesPerItem = 4;
constexpr double kFlopsPerItem = 1;
// Beyond this, and below its inverse, products of quantities would no longer be numbers.
constexpr double kMost = 1e30;
// Rounded figures may disagree a little: local_time_hours = 22 for 22.7.
constexpr double kTolerance = 0.05;

enum class Range : uint8_t { kPositive, kNotNegative, kCount };

struct Quantity {
  std::optional<double> WorkloadDescription::* given;
  double Workload::* value;
  Range range;
};
struct Flag {
  std::optional<bool> WorkloadDescription::* given;
  bool Workload::* value;
};
struct Coverage {};

struct Field : WorkloadField {
  std::variant<Quantity, Flag, Coverage> member;
};

using Given = WorkloadDescription;

const Field kFields[] = {
    {{"machine_ram_gb",
      "number",
      "GiB",
      "memory that the machine's processors share",
      "this machine's"},
     Quantity{&Given::machine_ram_gb, &Workload::machine_ram_gb, Range::kPositive}},
    {{"data_size_gb",
      "number",
      "GB",
      "the whole working set: inputs, outputs and intermediate results, in 1e9 bytes",
      "4 bytes an item"},
     Quantity{&Given::data_size_gb, &Workload::data_size_gb, Range::kNotNegative}},
    {{"item_count",
      "number",
      "items",
      "discrete work items: elements, keys, seeds, rows",
      "local_time_hours * local_rate, else one item for each 4 bytes of data_size_gb"},
     Quantity{&Given::item_count, &Workload::item_count, Range::kCount}},
    {{"flops_per_item", "number", "flops", "floating-point operations of one item", "1"},
     Quantity{&Given::flops_per_item, &Workload::flops_per_item, Range::kNotNegative}},
    {{"local_rate",
      "number",
      "items/s",
      "items that this machine does in a second",
      "from local_time_hours, else from the machine's memory and arithmetic rates"},
     Quantity{&Given::local_rate, &Workload::local_rate, Range::kPositive}},
    {{"local_time_hours",
      "number",
      "h",
      "time for all items on this machine",
      "item_count / local_rate / 3600"},
     Quantity{&Given::local_time_hours, &Workload::local_time_hours, Range::kNotNegative}},
    {{"requires_cuda",
      "flag",
      "",
      "needs cuDNN, NCCL, TensorRT or other libraries of CUDA",
      "false"},
     Flag{&Given::requires_cuda, &Workload::requires_cuda}},
    {{"is_sequential", "flag", "", "an item is a chain of dependent steps", "false"},
     Flag{&Given::is_sequential, &Workload::is_sequential}},
    {{"is_parallel", "flag", "", "items are independent of each other", "false"},
     Flag{&Given::is_parallel, &Workload::is_parallel}},
    {{"outer_parallel",
      "flag",
      "",
      "items are sequential inside, but independent of each other",
      "false"},
     Flag{&Given::outer_parallel, &Workload::outer_parallel}},
    {{"chunkable",
      "flag",
      "",
      "can stream through memory in pieces, without random access",
      "false"},
     Flag{&Given::chunkable, &Workload::chunkable}},
    {{"mlx_expressible",
      "all | mostly | none",
      "",
      "whether MLX has the operations; true means all, false means none",
      "none"},
     Coverage{}},
    {{"needs_pytorch_eco",
      "flag",
      "",
      "needs Hugging Face, torchvision or PyTorch's own autograd",
      "false"},
     Flag{&Given::needs_pytorch_eco, &Workload::needs_pytorch_eco}},
    {{"needs_custom_gpu",
      "flag",
      "",
      "has operations that MLX lacks: stencils, compaction, N-body",
      "false"},
     Flag{&Given::needs_custom_gpu, &Workload::needs_custom_gpu}},
    {{"python_acceptable", "flag", "", "the result may be a Python program", "true"},
     Flag{&Given::python_acceptable, &Workload::python_acceptable}},
};

std::string subject_of(const std::string& name, std::string_view field) {
  return name.empty() ? std::string(field) : fmt::format("{}: {}", name, field);
}

double parse_quantity(const Json& value, Range range, const std::string& subject) {
  if (!value.is_number()) {
    refuse(subject,
           fmt::format("is {}, not a number", value.is_null() ? "null" : value.type_name()),
           "leave it out to have it filled in");
  }
  const double number = value.get<double>();
  if (!std::isfinite(number)) {
    refuse(subject, fmt::format("{} is not finite", number));
  }
  if (number < 0) {
    refuse(subject, fmt::format("{} is negative", number));
  }
  if (number > kMost || (number > 0 && number < 1 / kMost)) {
    refuse(subject, fmt::format("{:g} is beyond any machine", number));
  }
  if (range == Range::kPositive && number == 0) {
    refuse(subject, "must be greater than 0");
  }
  if (range == Range::kCount && (number < 1 || number != std::floor(number))) {
    refuse(subject, fmt::format("{} is not a count: a whole number from 1", number));
  }
  return number;
}

MlxCoverage parse_coverage(const Json& value, const std::string& subject) {
  if (value.is_boolean()) {
    return value.get<bool>() ? MlxCoverage::kAll : MlxCoverage::kNone;
  }
  if (value.is_string()) {
    for (const MlxCoverage coverage :
         {MlxCoverage::kNone, MlxCoverage::kMostly, MlxCoverage::kAll}) {
      if (value.get_ref<const std::string&>() == to_string(coverage)) {
        return coverage;
      }
    }
  }
  refuse(subject, "is none of all, mostly, none, true and false");
}

void parse_field(const Field& field, const Json& value, const std::string& name, Given& into) {
  if (const auto* quantity = std::get_if<Quantity>(&field.member)) {
    into.*quantity->given = parse_quantity(value, quantity->range, subject_of(name, field.name));
  } else if (const auto* flag = std::get_if<Flag>(&field.member)) {
    if (!value.is_boolean()) {
      refuse(subject_of(name, field.name), "is not true or false");
    }
    into.*flag->given = value.get<bool>();
  } else {
    into.mlx_expressible = parse_coverage(value, subject_of(name, field.name));
  }
}

void check_contradictions(const Given& given, const std::string& name) {
  if (given.is_sequential.value_or(false) && given.is_parallel.value_or(false)) {
    refuse(subject_of(name, "is_sequential"),
           "contradicts is_parallel: an item cannot both depend on others and be independent",
           "for items that are sequential inside but independent of each other, set is_sequential "
           "and outer_parallel");
  }
  if (given.needs_custom_gpu.value_or(false) && given.mlx_expressible == MlxCoverage::kAll) {
    refuse(subject_of(name, "needs_custom_gpu"),
           "contradicts mlx_expressible: MLX cannot have all operations and lack some",
           "set mlx_expressible to \"mostly\" or \"none\"");
  }
  if (given.local_time_hours && given.local_rate && given.item_count) {
    const double hours = *given.item_count / *given.local_rate / 3600;
    if (std::abs(hours - *given.local_time_hours) >
        kTolerance * std::max(hours, *given.local_time_hours)) {
      refuse(subject_of(name, "local_time_hours"),
             fmt::format("{:g} contradicts item_count / local_rate / 3600 = {:g}",
                         *given.local_time_hours,
                         hours),
             "give two of the three");
    }
  }
}

// Fills the quantities in, in an order in which each finds what it is made from.
class Completion {
 public:
  Completion(const Given& given, const LocalMachine& machine, Workload& workload)
      : given_(given), machine_(machine), workload_(workload) {}

  void run() {
    if (!given_.item_count && !given_.data_size_gb) {
      refuse("workload",
             "neither item_count nor data_size_gb is given",
             "say how many items there are, or how many GB they take");
    }
    take(
        "machine_ram_gb",
        given_.machine_ram_gb,
        workload_.machine_ram_gb,
        [&] { return machine_.ram_gb; },
        machine_.ram_source);
    take_items();
    take(
        "data_size_gb",
        given_.data_size_gb,
        workload_.data_size_gb,
        [&] { return workload_.item_count * kBytesPerItem / 1e9; },
        "4 bytes an item");
    take(
        "flops_per_item",
        given_.flops_per_item,
        workload_.flops_per_item,
        [] { return kFlopsPerItem; },
        "default");
    take_rate();
    take(
        "local_time_hours",
        given_.local_time_hours,
        workload_.local_time_hours,
        [&] { return workload_.item_count / workload_.local_rate / 3600; },
        "item_count / local_rate / 3600");
  }

 private:
  template <class Make>
  void take(std::string_view field,
            const std::optional<double>& given,
            double& value,
            const Make& make,
            const std::string& source) {
    value = given ? *given : make();
    if (!given) {
      workload_.assumptions.push_back({field, value, source});
    }
  }

  void take_items() {
    if (!given_.item_count && given_.local_rate && given_.local_time_hours) {
      take(
          "item_count",
          {},
          workload_.item_count,
          [&] { return std::ceil(*given_.local_rate * *given_.local_time_hours * 3600); },
          "local_time_hours * local_rate");
      return;
    }
    take(
        "item_count",
        given_.item_count,
        workload_.item_count,
        [&] { return std::max(1.0, std::ceil(*given_.data_size_gb * 1e9 / kBytesPerItem)); },
        "one item for each 4 bytes of data_size_gb");
  }

  void take_rate() {
    if (!given_.local_rate && given_.local_time_hours.value_or(0) > 0) {
      take(
          "local_rate",
          {},
          workload_.local_rate,
          [&] { return workload_.item_count / *given_.local_time_hours / 3600; },
          "item_count / local_time_hours");
      return;
    }
    // The roofline of one pass over the data.
    take(
        "local_rate",
        given_.local_rate,
        workload_.local_rate,
        [&] {
          const double seconds =
              std::max(workload_.data_size_gb * 1e9 / machine_.bytes_per_second,
                       workload_.item_count * workload_.flops_per_item / machine_.flops_per_second);
          return seconds > 0 ? workload_.item_count / seconds : machine_.flops_per_second;
        },
        workload_.is_sequential && !workload_.outer_parallel
            ? machine_.rate_source + ", as if the items were independent: an upper bound"
            : machine_.rate_source);
  }

  const Given& given_;
  const LocalMachine& machine_;
  Workload& workload_;
};

}  // namespace

std::string_view to_string(MlxCoverage coverage) {
  switch (coverage) {
    case MlxCoverage::kAll:
      return "all";
    case MlxCoverage::kMostly:
      return "mostly";
    case MlxCoverage::kNone:
      break;
  }
  return "none";
}

std::span<const WorkloadField> workload_fields() {
  static const std::vector<WorkloadField> fields(std::begin(kFields), std::end(kFields));
  return fields;
}

WorkloadDescription parse_workload(std::string_view text, const std::string& name) {
  return workload_of(read_document(text, name), name);
}

WorkloadDescription workload_of(const Json& document, const std::string& name) {
  if (!document.is_object()) {
    refuse(name, "is not an object with the fields of a workload");
  }
  WorkloadDescription description;
  for (const auto& [key, value] : document.items()) {
    const Field* field = std::ranges::find(kFields, key, &Field::name);
    if (field == std::end(kFields)) {
      std::vector<std::string> names;
      for (const Field& known : kFields) {
        names.emplace_back(known.name);
      }
      refuse(subject_of(name, key), "is not a field of a workload", suggestion(key, names));
    }
    parse_field(*field, value, name, description);
  }
  check_contradictions(description, name);
  return description;
}

Workload complete(const WorkloadDescription& description, const LocalMachine& machine) {
  Workload workload;
  for (const Field& field : kFields) {
    if (const auto* flag = std::get_if<Flag>(&field.member)) {
      const std::optional<bool>& given = description.*flag->given;
      if (given) {
        workload.*flag->value = *given;
      } else {
        workload.assumptions.push_back({field.name, workload.*flag->value, "default"});
      }
    }
  }
  workload.mlx_expressible = description.mlx_expressible.value_or(MlxCoverage::kNone);
  if (!description.mlx_expressible) {
    workload.assumptions.push_back({"mlx_expressible", to_string(MlxCoverage::kNone), "default"});
  }
  Completion(description, machine, workload).run();
  return workload;
}

}  // namespace ingot::planner
