#include "mcp/array_argument.hpp"

#include <cmath>
#include <limits>
#include <type_traits>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "ingot/error.hpp"

#include "core/host_array.hpp"
#include "core/npy.hpp"
#include "mcp/schema.hpp"

namespace ingot::mcp {
namespace {

[[noreturn]] void fail(const std::string& name, std::string problem, std::string remedy = {}) {
  throw Error(ErrorCode::kInvalidArgument, name, std::move(problem), std::move(remedy));
}

DType dtype_in(const Json& array) {
  return parse_dtype(array.value("dtype", "f32"));
}

// Whether an integer dtype has the value. A double holds integers exactly up to 2^53.
bool fits(DType dtype, double value) {
  return visit(dtype, [&]<class T>() {
    if constexpr (std::is_integral_v<T>) {
      constexpr double kExact = 9007199254740992.0;
      return value == std::trunc(value) && std::abs(value) <= kExact &&
             value >= static_cast<double>(std::numeric_limits<T>::min()) &&
             value <= static_cast<double>(std::numeric_limits<T>::max());
    } else {
      return true;
    }
  });
}

HostArray numbers_of(const std::string& name, const Json& array) {
  const Json& numbers = array["numbers"];
  std::vector<int64_t> extents = {static_cast<int64_t>(numbers.size())};
  if (array.contains("shape")) {
    extents = array["shape"].get<std::vector<int64_t>>();
  }
  const Shape shape(extents);
  if (shape.elements() != static_cast<int64_t>(numbers.size())) {
    fail(name, fmt::format("{} numbers do not fill {}", numbers.size(), to_string(shape)));
  }
  HostArray result(dtype_in(array), shape);
  for (size_t i = 0; i < numbers.size(); ++i) {
    const double value = numbers[i].get<double>();
    if (!fits(result.dtype(), value)) {
      fail(name, fmt::format("{} is no {}", numbers[i].dump(), to_string(result.dtype())));
    }
    result.set_real(static_cast<int64_t>(i), value);
  }
  return result;
}

std::string random_of(const std::string& name, const Json& array) {
  const Shape shape(array["random"].get<std::vector<int64_t>>());
  if (shape.elements() > kMostRandomElements) {
    fail(name,
         fmt::format("has {} elements, at most {} are made", shape.elements(), kMostRandomElements),
         "a file");
  }
  return fmt::format("random:{}{}{}",
                     to_string(dtype_in(array)),
                     shape.rank() == 0 ? "" : ":",
                     fmt::join(shape, "x"));
}

}  // namespace

Json array_schema() {
  const Json extent = {{"type", "integer"}, {"minimum", 1}};
  return object_of(
      {{"file", value_of("string", "a .npy file below a root")},
       {"numbers", array_of({{"type", "number"}}, "the elements, row by row", kMostNumbers)},
       {"random", array_of(extent, "shape to fill with random numbers", 8)},
       {"shape", array_of(extent, "of the numbers", 8)},
       {"dtype", value_of("string", "f32 (the default), f16, i32, u8, ...")}});
}

std::string file_of(const Environment& environment,
                    const std::filesystem::path& scratch,
                    const std::string& name,
                    const Json& array) {
  if (array.contains("file") == array.contains("numbers")) {
    fail(name, "give either file or numbers");
  }
  if (array.contains("file")) {
    return environment.roots.readable(array["file"].get<std::string>()).string();
  }
  const std::string path = (scratch / (plain_name(name) + ".npy")).string();
  write_npy(path, numbers_of(name, array));
  return path;
}

std::string source_of(const Environment& environment,
                      const std::filesystem::path& scratch,
                      const std::string& name,
                      const Json& array) {
  if (array.contains("random")) {
    if (array.contains("file") || array.contains("numbers")) {
      fail(name, "give one of file, numbers and random");
    }
    return random_of(name, array);
  }
  return file_of(environment, scratch, name, array);
}

}  // namespace ingot::mcp
