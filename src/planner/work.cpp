#include "planner/work.hpp"

#include <algorithm>
#include <charconv>
#include <functional>
#include <numeric>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

#include "backends/event.hpp"
#include "catalogue/catalogue.hpp"
#include "core/text.hpp"
#include "planner/refuse.hpp"
#include "runtime/call.hpp"
#include "runtime/stream.hpp"

namespace ingot::planner {
namespace {

// Tensors that have a shape and no data: costs depend on nothing else.
class Shapes {
 public:
  Shapes()
      : stream_(init_backend(BackendPreference::kCpu).stream()),
        buffer_(stream_->device().allocate(256)),
        event_(std::make_shared<const Event>()) {}

  Tensor tensor(DType dtype, const Shape& shape) const {
    return {stream_, buffer_, 0, dtype, shape, event_};
  }

 private:
  std::shared_ptr<Stream> stream_;
  Buffer buffer_;
  std::shared_ptr<const Event> event_;
};

// Gives the shapes of declared inputs the extents of a text, in the order of their names.
class Extents {
 public:
  Extents(std::string_view owner,
          const std::vector<ArgSpec>& inputs,
          const std::vector<int64_t>& extents)
      : owner_(owner), extents_(extents) {
    for (const ArgSpec& input : inputs) {
      for (const std::string_view name : shape_names(input.optional ? "" : input.shape)) {
        if (name != "..." && std::ranges::find(names_, name) == names_.end()) {
          names_.push_back(name);
        }
      }
    }
    if (extents.size() < names_.size()) {
      refuse(owner_,
             fmt::format("{} extents are too few", extents.size()),
             fmt::format("it needs {}", fmt::join(names_, " x ")));
    }
  }

  Shape shape_of(const ArgSpec& input) const {
    if (input.shape.empty()) {
      return Shape(extents_);
    }
    const size_t leading = extents_.size() - names_.size();
    std::vector<int64_t> shape;
    for (const std::string_view name : shape_names(input.shape)) {
      if (name == "...") {
        shape.insert(
            shape.end(), extents_.begin(), extents_.begin() + static_cast<ptrdiff_t>(leading));
        continue;
      }
      const auto place = static_cast<size_t>(std::ranges::find(names_, name) - names_.begin());
      shape.push_back(extents_[leading + place]);
    }
    if (leading > 0 && !input.shape.starts_with("[...")) {
      refuse(owner_,
             fmt::format("{} extents are too many", extents_.size()),
             fmt::format("it needs {}", fmt::join(names_, " x ")));
    }
    return Shape(shape);
  }

 private:
  std::string owner_;
  const std::vector<int64_t>& extents_;
  std::vector<std::string_view> names_;
};

// The required ones of `inputs`, by the extents of a text.
std::vector<Sample::Input> sized(std::string_view owner,
                                 const std::vector<ArgSpec>& inputs,
                                 const std::vector<int64_t>& extents,
                                 DType dtype) {
  const Extents shapes(owner, inputs, extents);
  std::vector<Sample::Input> result;
  for (const ArgSpec& input : inputs) {
    if (!input.optional) {
      const bool takes_it =
          input.dtypes.starts_with('=') || contains_word(input.dtypes, to_string(dtype));
      result.push_back(
          {input.name,
           takes_it || result.empty() ? dtype : parse_dtype(split_words(input.dtypes).front()),
           shapes.shape_of(input)});
    }
  }
  return result;
}

// 64-bit products of extents overflow long before a machine exists that holds them.
int64_t elements_of(std::string_view owner, const std::vector<int64_t>& extents) {
  const double elements =
      std::accumulate(extents.begin(), extents.end(), 1.0, [](double a, int64_t b) {
        return a * static_cast<double>(b);
      });
  if (!(elements < 1e18)) {
    refuse(std::string(owner), fmt::format("{:g} elements are too many", elements));
  }
  return std::max<int64_t>(1, static_cast<int64_t>(elements));
}

}  // namespace

Work work_of(const KernelRecord& record, Sample sample) {
  static const Shapes shapes;
  std::vector<NamedTensor> inputs;
  for (const Sample::Input& input : sample.inputs) {
    inputs.push_back({input.name, shapes.tensor(input.dtype, input.shape)});
  }
  const Call call(record, inputs, sample.params);
  const Call::Output& output = call.outputs().front();
  return {.kernel = &record,
          .cost = record.cost(call),
          .dtype = sample.inputs.empty() ? *output.dtype : sample.inputs.front().dtype,
          .items = static_cast<double>(output.shape->elements()),
          .inputs = std::move(sample.inputs),
          .params = std::move(sample.params)};
}

Work work_of(const KernelRecord& record, int64_t elements) {
  return work_of(record, record.sample(elements));
}

Sample sample_of(const KernelRecord& record, const std::vector<int64_t>& extents, DType dtype) {
  Sample sample = record.sample(elements_of(record.id, extents));
  sample.inputs = sized(record.id, record.inputs, extents, dtype);
  return sample;
}

Sample sample_of(const PipelineRecord& record, const std::vector<int64_t>& extents, DType dtype) {
  elements_of(record.name, extents);
  return {sized(record.name, record.inputs, extents, dtype), {}};
}

const KernelRecord& find_operation(std::string_view name) {
  const std::string wanted = upper_case(name);
  const auto words = split_words(wanted, "_- ");
  std::vector<const KernelRecord*> found;
  for (const KernelRecord* record : catalogue()) {
    if (record->id == wanted) {
      return *record;
    }
    const auto parts = split_words(record->id, "_");
    const auto has = [&](std::string_view word) {
      return std::ranges::find(parts, word) != parts.end();
    };
    if (!words.empty() && std::ranges::all_of(words, has)) {
      found.push_back(record);
    }
  }
  if (found.empty() && wanted == "MATMUL") {
    return find_kernel("DOT_BATCHED");
  }
  if (found.size() == 1) {
    return *found.front();
  }
  if (found.empty()) {
    return find_kernel(name);  // names the closest
  }
  std::string ids;
  for (const KernelRecord* record : found) {
    ids += fmt::format("{}{}", ids.empty() ? "" : ", ", record->id);
  }
  throw Error(ErrorCode::kNotFound,
              "operation",
              fmt::format("'{}' may be several kernels", name),
              "use one of: " + ids);
}

std::vector<int64_t> parse_extents(std::string_view text) {
  std::vector<int64_t> extents;
  for (std::string_view rest = text;;) {
    const size_t end = rest.find('x');
    const std::string_view part = rest.substr(0, end);
    int64_t extent = 0;
    const auto [last, error] = std::from_chars(part.data(), part.data() + part.size(), extent);
    if (error != std::errc() || last != part.data() + part.size() || extent < 1) {
      refuse("shape", fmt::format("'{}' is not an extent", part), "write it as 4096x4096");
    }
    extents.push_back(extent);
    if (end == std::string_view::npos) {
      return extents;
    }
    rest.remove_prefix(end + 1);
  }
}

}  // namespace ingot::planner
