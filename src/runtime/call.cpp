#include "runtime/call.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/text.hpp"

namespace ingot {
namespace {

[[noreturn]] void reject(const KernelRecord& record,
                         std::string_view argument,
                         std::string problem,
                         std::string remedy = {}) {
  throw Error(ErrorCode::kInvalidArgument,
              fmt::format("{}: {}", record.id, argument),
              std::move(problem),
              std::move(remedy));
}

template <class Spec>
std::string names_of(const std::vector<Spec>& specs) {
  std::string names;
  for (const Spec& spec : specs) {
    names += (names.empty() ? "" : ", ") + std::string(spec.name);
  }
  return names.empty() ? "none" : names;
}

template <class Spec>
size_t index_of(const KernelRecord& record, const std::vector<Spec>& specs, std::string_view name) {
  const auto found =
      std::find_if(specs.begin(), specs.end(), [&](const Spec& spec) { return spec.name == name; });
  if (found == specs.end()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{}: {}", record.id, name),
                "the kernel asks for an argument that its record does not declare");
  }
  return static_cast<size_t>(found - specs.begin());
}

// The extent that a name of digits stands for.
std::optional<int64_t> literal_extent(std::string_view name) {
  int64_t extent = 0;
  const char* end = name.data() + name.size();
  const auto [rest, error] = std::from_chars(name.data(), end, extent);
  return error == std::errc{} && rest == end ? std::optional(extent) : std::nullopt;
}

}  // namespace

Value check_param(std::string_view owner, const ParamSpec& spec, const Value& value) {
  const auto refuse = [&](std::string problem, std::string remedy = {}) {
    throw Error(ErrorCode::kInvalidArgument,
                fmt::format("{}: {}", owner, spec.name),
                std::move(problem),
                std::move(remedy));
  };
  const auto as_number = [](const Value& v) -> std::optional<double> {
    if (const auto* integer = std::get_if<int64_t>(&v.get())) {
      return static_cast<double>(*integer);
    }
    if (const auto* real = std::get_if<double>(&v.get())) {
      return *real;
    }
    return std::nullopt;
  };
  switch (spec.type) {
    case ParamType::kFlag:
      if (!std::holds_alternative<bool>(value.get())) {
        refuse("is not a flag", "give true or false");
      }
      return value;
    case ParamType::kChoice: {
      const auto* word = std::get_if<std::string>(&value.get());
      if (word == nullptr || !contains_word(spec.choices, *word)) {
        refuse(word == nullptr ? "is not a word" : fmt::format("'{}' is not a choice", *word),
               fmt::format("use one of: {}", spec.choices));
      }
      return value;
    }
    case ParamType::kInteger:
      if (!std::holds_alternative<int64_t>(value.get())) {
        refuse("is not an integer");
      }
      break;
    case ParamType::kReal:
      if (!as_number(value)) {
        refuse("is not a number");
      }
      break;
  }
  const double number = *as_number(value);
  // Written so that NaN fails a limit.
  if ((spec.least && !(number >= *spec.least)) || (spec.most && !(number <= *spec.most))) {
    refuse(fmt::format("{} is out of range", number),
           spec.most
               ? fmt::format("the limits are {} and {}", spec.least.value_or(-INFINITY), *spec.most)
               : fmt::format("the least is {}", *spec.least));
  }
  return spec.type == ParamType::kReal ? Value(number) : value;
}

Call::Call(const KernelRecord& record,
           const std::vector<NamedTensor>& inputs,
           const std::vector<NamedValue>& params)
    : record_(&record), inputs_(record.inputs.size()), params_(record.params.size()) {
  bind_params(params);
  bind_inputs(inputs);
  infer_outputs();
}

void Call::bind_params(const std::vector<NamedValue>& params) {
  for (const NamedValue& given : params) {
    const auto spec = std::find_if(record_->params.begin(),
                                   record_->params.end(),
                                   [&](const ParamSpec& s) { return s.name == given.name; });
    if (spec == record_->params.end()) {
      reject(*record_,
             given.name,
             "no such parameter",
             fmt::format("the parameters are: {}", names_of(record_->params)));
    }
    params_[static_cast<size_t>(spec - record_->params.begin())] =
        check_param(record_->id, *spec, given.value);
  }
  for (size_t i = 0; i < params_.size(); ++i) {
    const ParamSpec& spec = record_->params[i];
    if (!params_[i] && spec.fallback.empty()) {
      reject(*record_, spec.name, "this parameter must be given", std::string(spec.summary));
    }
    if (!params_[i] && spec.fallback != "none") {
      params_[i] = parse_value(spec, spec.fallback);
    }
    if (params_[i]) {
      if (const auto* integer = std::get_if<int64_t>(&params_[i]->get())) {
        extents_[spec.name] = *integer;
      }
    }
  }
}

void Call::bind_inputs(const std::vector<NamedTensor>& inputs) {
  for (const NamedTensor& given : inputs) {
    const auto spec = std::find_if(record_->inputs.begin(),
                                   record_->inputs.end(),
                                   [&](const ArgSpec& s) { return s.name == given.name; });
    if (spec == record_->inputs.end()) {
      reject(*record_,
             given.name,
             "no such input",
             fmt::format("the inputs are: {}", names_of(record_->inputs)));
    }
    inputs_[static_cast<size_t>(spec - record_->inputs.begin())] = given.tensor;
  }
  for (size_t i = 0; i < inputs_.size(); ++i) {
    const ArgSpec& spec = record_->inputs[i];
    const Tensor& tensor = inputs_[i];
    if (!tensor) {
      if (!spec.optional) {
        reject(*record_, spec.name, "this input must be given", std::string(spec.summary));
      }
      continue;
    }
    if (spec.dtypes.starts_with('=')) {
      const DType wanted = in(spec.dtypes.substr(1)).dtype();
      if (tensor.dtype() != wanted) {
        reject(*record_,
               spec.name,
               fmt::format("is {}, but must be {} as {}",
                           to_string(tensor.dtype()),
                           to_string(wanted),
                           spec.dtypes.substr(1)));
      }
    } else if (!contains_word(spec.dtypes, to_string(tensor.dtype()))) {
      reject(*record_,
             spec.name,
             fmt::format("dtype {} is not supported", to_string(tensor.dtype())),
             fmt::format("use {}", spec.dtypes));
    }
    bind_shape(spec, tensor.shape());
  }
}

void Call::bind_shape(const ArgSpec& spec, const Shape& shape) {
  if (spec.shape.empty()) {
    return;
  }
  const std::vector<std::string_view> names = shape_names(spec.shape);
  const bool batched = !names.empty() && names.front() == "...";
  const int fixed = static_cast<int>(names.size()) - (batched ? 1 : 0);
  if (batched ? shape.rank() < fixed : shape.rank() != fixed) {
    reject(*record_,
           spec.name,
           fmt::format("shape {} has rank {}", to_string(shape), shape.rank()),
           fmt::format("the shape must be {}", spec.shape));
  }
  const auto leading = static_cast<size_t>(shape.rank() - fixed);
  if (batched) {
    const Shape batch(shape.extents().first(leading));
    if (batch_bound_ && batch != batch_) {
      reject(*record_,
             spec.name,
             fmt::format("its leading dimensions {} differ from {} of another argument",
                         to_string(batch),
                         to_string(batch_)));
    }
    batch_ = batch;
    batch_bound_ = true;
  }
  for (int i = 0; i < fixed; ++i) {
    const std::string_view name = names[static_cast<size_t>(i + (batched ? 1 : 0))];
    const int64_t extent = shape.extents()[leading + static_cast<size_t>(i)];
    const auto bound = extents_.emplace(name, literal_extent(name).value_or(extent)).first;
    if (bound->second != extent) {
      reject(*record_,
             spec.name,
             fmt::format("shape {} gives {} = {}, but {} is {}",
                         to_string(shape),
                         name,
                         extent,
                         name,
                         bound->second),
             fmt::format("the shape must be {}", spec.shape));
    }
  }
}

void Call::infer_outputs() {
  outputs_.reserve(record_->outputs.size());
  for (const ArgSpec& spec : record_->outputs) {
    Output& output = outputs_.emplace_back(Output{&spec, {}, {}, {}});
    if (spec.dtypes.starts_with('=')) {
      output.dtype = in(spec.dtypes.substr(1)).dtype();
    } else if (spec.dtypes.find(' ') == std::string_view::npos) {
      output.dtype = parse_dtype(spec.dtypes);
    }
    if (!spec.shape.empty()) {
      std::vector<int64_t> extents;
      for (const std::string_view name : shape_names(spec.shape)) {
        if (name == "...") {
          extents.insert(extents.end(), batch_.begin(), batch_.end());
        } else {
          extents.push_back(extent(name));
        }
      }
      output.shape = Shape(extents);
    }
  }
  if (record_->infer != nullptr) {
    record_->infer(*this);
  }
  for (const Output& output : outputs_) {
    if (!output.dtype || !output.shape) {
      throw Error(ErrorCode::kInternal,
                  fmt::format("{}: {}", record_->id, output.spec->name),
                  "the record leaves this output's dtype or shape open");
    }
  }
}

const Tensor& Call::in(std::string_view name) const {
  return inputs_[index_of(*record_, record_->inputs, name)];
}

const Tensor& Call::out(std::string_view name) const {
  return outputs_[index_of(*record_, record_->outputs, name)].tensor;
}

const Value& Call::param(std::string_view name) const {
  return params_[index_of(*record_, record_->params, name)].value();
}

int64_t Call::integer(std::string_view name) const {
  return std::get<int64_t>(param(name).get());
}
double Call::real(std::string_view name) const {
  return std::get<double>(param(name).get());
}
bool Call::flag(std::string_view name) const {
  return std::get<bool>(param(name).get());
}
std::string_view Call::choice(std::string_view name) const {
  return std::get<std::string>(param(name).get());
}
bool Call::has_param(std::string_view name) const {
  return params_[index_of(*record_, record_->params, name)].has_value();
}

int64_t Call::extent(std::string_view symbol) const {
  if (const auto literal = literal_extent(symbol)) {
    return *literal;
  }
  const auto found = extents_.find(symbol);
  if (found == extents_.end()) {
    throw Error(ErrorCode::kInternal,
                fmt::format("{}: {}", record_->id, symbol),
                "no argument binds this extent");
  }
  return found->second;
}

void Call::set_output(std::string_view name, DType dtype, const Shape& shape) {
  Output& output = outputs_[index_of(*record_, record_->outputs, name)];
  output.dtype = dtype;
  output.shape = shape;
}

Value parse_value(const ParamSpec& spec, std::string_view text) {
  const auto fail = [&](std::string_view kind) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(spec.name),
                fmt::format("'{}' is not {}", text, kind));
  };
  const char* end = text.data() + text.size();
  switch (spec.type) {
    case ParamType::kInteger: {
      int64_t integer = 0;
      const auto [rest, error] = std::from_chars(text.data(), end, integer);
      if (error == std::errc::result_out_of_range && rest == end) {
        fail(fmt::format("from {} to {}", INT64_MIN, INT64_MAX));
      }
      if (error != std::errc{} || rest != end) {
        fail("an integer");
      }
      return integer;
    }
    case ParamType::kReal: {
      const std::optional<double> real = parse_real(text);
      if (!real) {
        fail("a number");
      }
      return *real;
    }
    case ParamType::kFlag:
      if (text != "true" && text != "false") {
        fail("true or false");
      }
      return text == "true";
    case ParamType::kChoice:
      break;
  }
  return text;
}

Cost streaming_cost(const Call& call, double flops_per_output) {
  Cost cost;
  for (const Tensor& input : call.inputs()) {
    cost.bytes_read += input ? static_cast<double>(input.bytes()) : 0;
  }
  for (const Call::Output& output : call.outputs()) {
    cost.bytes_written +=
        static_cast<double>(output.shape->elements()) * static_cast<double>(size_of(*output.dtype));
  }
  cost.flops = flops_per_output * static_cast<double>(call.outputs().front().shape->elements());
  return cost;
}

}  // namespace ingot
