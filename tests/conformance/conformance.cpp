#include "tests/conformance/conformance.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <string_view>

#include "fmt/format.h"
#include "gtest/gtest.h"

#include "catalogue/catalogue.hpp"
#include "core/text.hpp"
#include "runtime/run.hpp"
#include "runtime/stream.hpp"
#include "tests/conformance/backend_checks.hpp"

namespace ingot::conformance {
namespace {

std::map<const KernelRecord*, void (*)(Check&)>& registrations() {
  static std::map<const KernelRecord*, void (*)(Check&)> all;
  return all;
}

bool compiles_only() {
  return std::getenv("INGOT_TEST_COMPILE_ONLY") != nullptr;
}

std::string_view chosen_sizes() {
  const char* chosen = std::getenv("INGOT_TEST_SIZES");
  return chosen != nullptr ? chosen : "";
}

struct Tolerance {
  double relative, absolute, l2;
};

// PyTorch's published defaults for elementwise results; for sums, an error relative to the norm of
// the reference.
Tolerance tolerance_of(DType dtype, double terms) {
  switch (dtype) {
    case DType::kF16:
      return {1e-3, 1e-3, 2e-3};
    case DType::kBF16:
      return {1.6e-2, 1e-3, 1.6e-2};
    default:
      return {1.3e-6, 1e-5, 1e-6 * std::sqrt(std::log2(std::max(2.0, terms)))};
  }
}

bool same_special(double value, double reference) {
  if (std::isnan(reference)) {
    return std::isnan(value);
  }
  return value == reference;
}

void compare_real(const Reference& reference, const HostArray& actual, double terms) {
  const Tolerance tolerance = tolerance_of(actual.dtype(), terms);
  const int64_t row = reference.match == Reference::Match::kL2 && reference.shape.rank() > 0
                          ? reference.shape[-1]
                          : 1;
  double error = 0;
  double norm = 0;
  for (int64_t i = 0; i < actual.elements(); ++i) {
    const double value = actual.real(i);
    const double wanted = reference.real[static_cast<size_t>(i)];
    const auto where = [&] {
      return fmt::format("{}[{}] = {:.9g}, but must be {:.9g}", reference.name, i, value, wanted);
    };
    if (!std::isfinite(wanted) || !std::isfinite(value)) {
      ASSERT_TRUE(same_special(value, wanted)) << where();
    } else if (reference.match == Reference::Match::kExact) {
      ASSERT_TRUE(value == wanted && std::signbit(value) == std::signbit(wanted)) << where();
    } else if (reference.match == Reference::Match::kElementwise) {
      const double allowed =
          reference.scale * (tolerance.absolute + tolerance.relative * std::abs(wanted));
      ASSERT_LE(std::abs(value - wanted), allowed) << where();
    } else {
      const double magnitude =
          reference.magnitudes.empty() ? wanted : reference.magnitudes[static_cast<size_t>(i)];
      error += (value - wanted) * (value - wanted);
      norm += magnitude * magnitude;
    }
    if (reference.match == Reference::Match::kL2 && (i + 1) % row == 0) {
      ASSERT_LE(std::sqrt(error), reference.scale * tolerance.l2 * std::sqrt(norm))
          << where() << " (the last of its row)";
      error = norm = 0;
    }
  }
}

void compare_whole(const Reference& reference, const HostArray& actual) {
  visit(actual.dtype(), [&]<class T>() {
    for (int64_t i = 0; i < actual.elements(); ++i) {
      const T wanted = static_cast<T>(reference.whole[static_cast<size_t>(i)]);
      ASSERT_EQ(static_cast<double>(actual.as<T>()[static_cast<size_t>(i)]),
                static_cast<double>(wanted))
          << reference.name << "[" << i << "]";
      ASSERT_TRUE(actual.as<T>()[static_cast<size_t>(i)] == wanted);
    }
  });
}

std::string describe(const HostInputs& inputs, const std::vector<NamedValue>& params) {
  std::string text;
  for (const auto& [name, array] : inputs) {
    text += fmt::format(" {}: {} {}", name, to_string(array.dtype()), to_string(array.shape()));
  }
  for (const NamedValue& param : params) {
    std::visit([&](const auto& value) { text += fmt::format(" {}={}", param.name, value); },
               param.value.get());
  }
  return text;
}

}  // namespace

Reference elementwise(std::string name, const Shape& shape, std::vector<double> values) {
  return {std::move(name), shape, Reference::Match::kElementwise, std::move(values), {}, 1};
}

Reference l2(std::string name, const Shape& shape, std::vector<double> values, double scale) {
  return {std::move(name), shape, Reference::Match::kL2, std::move(values), {}, scale};
}

Reference exact(std::string name, const Shape& shape, std::vector<double> values) {
  return {std::move(name), shape, Reference::Match::kExact, std::move(values), {}, 1};
}

Reference exact_integers(std::string name, const Shape& shape, std::vector<int64_t> values) {
  return {std::move(name), shape, Reference::Match::kExact, {}, std::move(values), 1};
}

Check::Check(const KernelRecord& record, const Backend& backend, uint64_t seed)
    : record_(record), backend_(backend), seed_(seed), random_(seed) {}

std::vector<DType> Check::input_dtypes(std::string_view input) const {
  std::vector<DType> dtypes;
  for (const ArgSpec& spec : record_.inputs) {
    if (spec.name == input && spec.dtypes.starts_with('=')) {
      return input_dtypes(spec.dtypes.substr(1));
    }
    if (spec.name == input) {
      for (const std::string_view word : split_words(spec.dtypes)) {
        dtypes.push_back(parse_dtype(word));
      }
    }
  }
  return dtypes;
}

std::vector<int64_t> Check::sizes() const {
  const int64_t largest = chosen_sizes() == "small" ? 10'007 : 1'000'003;
  return {0, 1, 2, 31, 32, 33, 255, 256, 257, 1023, 1024, 1025, largest};
}

HostArray Check::uniform(DType dtype, const Shape& shape, double low, double high) {
  HostArray array(dtype, shape);
  std::uniform_real_distribution<double> distribution(low, high);
  for (int64_t i = 0; i < array.elements(); ++i) {
    array.set_real(i, distribution(random_));
  }
  return array;
}

HostArray Check::normal(DType dtype, const Shape& shape, double mean, double deviation) {
  HostArray array(dtype, shape);
  std::normal_distribution<double> distribution(mean, deviation);
  for (int64_t i = 0; i < array.elements(); ++i) {
    array.set_real(i, distribution(random_));
  }
  return array;
}

HostArray Check::filled(DType dtype, const Shape& shape, const std::vector<double>& values) {
  HostArray array(dtype, shape);
  for (int64_t i = 0; i < array.elements(); ++i) {
    array.set_real(i, values[static_cast<size_t>(i) % values.size()]);
  }
  return array;
}

std::vector<double> Check::special_values(DType dtype) {
  const double inf = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> values = {
      0.0, -0.0, 1.0, -1.0, 0.5, -3.25, inf, -inf, nan, 1e-3, 100.0, -100.0};
  if (dtype == DType::kF16) {
    values.insert(values.end(), {65504.0, -65504.0, 0x1p-24, -0x1p-24, 0x1p-14, 0x1.ffcp-15});
  } else {
    values.insert(values.end(),
                  {0x1.fep127, -0x1.fep127, 0x1p-133, -0x1p-133, 0x1p-126, 1e30, -1e-30});
  }
  return values;
}

std::vector<NamedTensor> Check::upload(const HostInputs& inputs) {
  std::vector<NamedTensor> tensors;
  for (const auto& [name, array] : inputs) {
    tensors.push_back(
        {name, backend_.copy_from_host(array.data(), array.bytes(), array.dtype(), array.shape())});
  }
  return tensors;
}

void Check::run(const HostInputs& inputs,
                const std::vector<NamedValue>& params,
                const std::vector<Reference>& references) {
  SCOPED_TRACE(fmt::format("case {}:{} (seed {})", cases_, describe(inputs, params), seed_));
  ++cases_;
  backend_.stream()->device().pool().set_poison(true);
  try {
    const Results results = ingot::run(backend_, record_, upload(inputs), params);
    double largest = 1;
    for (const auto& [name, array] : inputs) {
      covered_.emplace(name, array.dtype());
      largest = std::max(largest, static_cast<double>(array.elements()));
    }
    if (compiles_only()) {
      backend_.synchronize();
      return;
    }
    ASSERT_EQ(references.size(), record_.outputs.size()) << "each output needs a reference";
    for (const Reference& reference : references) {
      const Tensor tensor = results.fetch(reference.name);
      ASSERT_EQ(to_string(tensor.shape()), to_string(reference.shape)) << reference.name;
      HostArray actual(tensor.dtype(), tensor.shape());
      tensor.copy_to_host(actual.data());
      const auto count = static_cast<size_t>(actual.elements());
      if (is_floating_point(tensor.dtype())) {
        ASSERT_EQ(reference.real.size(), count) << reference.name;
        compare_real(reference, actual, largest / std::max<double>(1, static_cast<double>(count)));
      } else {
        ASSERT_EQ(reference.whole.size(), count) << reference.name;
        compare_whole(reference, actual);
      }
      if (testing::Test::HasFatalFailure()) {
        return;
      }
    }
  } catch (const Error& error) {
    FAIL() << error.what();
  }
}

void Check::rejects(const HostInputs& inputs,
                    const std::vector<NamedValue>& params,
                    std::string_view argument) {
  SCOPED_TRACE(fmt::format("must be rejected:{}", describe(inputs, params)));
  try {
    ingot::run(backend_, record_, upload(inputs), params);
    FAIL() << "was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument) << error.what();
    EXPECT_NE(std::string(error.what()).find(argument), std::string::npos)
        << "'" << error.what() << "' does not name " << argument;
  }
}

Registration::Registration(const KernelRecord& record, void (*check)(Check&)) {
  registrations()[&record] = check;
}

namespace {

class KernelTest : public testing::Test {
 public:
  KernelTest(const KernelRecord& record, const Backend& backend)
      : record_(record), backend_(backend) {}

  void TestBody() override {
    const auto found = registrations().find(&record_);
    ASSERT_NE(found, registrations().end()) << record_.id << " has no conformance test";
    const char* seed = std::getenv("INGOT_TEST_SEED");
    Check check(record_, backend_, seed != nullptr ? std::strtoull(seed, nullptr, 10) : 20260101);
    found->second(check);
    EXPECT_GT(check.cases(), 0);
    for (const ArgSpec& input : record_.inputs) {
      for (const DType dtype : check.input_dtypes(input.name.data())) {
        if (!input.dtypes.starts_with('=')) {
          EXPECT_TRUE(check.covered().contains({input.name, dtype}))
              << record_.id << ": no case gives " << input.name << " as " << to_string(dtype);
        }
      }
    }
  }

 private:
  const KernelRecord& record_;
  Backend backend_;
};

// A check of a backend that is no kernel's.
class BackendTest : public testing::Test {
 public:
  BackendTest(void (*check)(const Backend&), const Backend& backend)
      : check_(check), backend_(backend) {}
  void TestBody() override { check_(backend_); }

 private:
  void (*check_)(const Backend&);
  Backend backend_;
};

void register_checks(std::span<const BackendCheck> checks, const Backend& backend) {
  for (const BackendCheck& check : checks) {
    testing::RegisterTest(
        fmt::format("{}_{}", check.suite, backend.name()).c_str(),
        check.name,
        nullptr,
        nullptr,
        __FILE__,
        __LINE__,
        [backend, body = check.check]() -> BackendTest* { return new BackendTest(body, backend); });
  }
}

}  // namespace

// One test per kernel and backend: Conformance_softmetal.REDUCE_SUM. On a GPU, also what kernels
// rely on.
void register_tests(DeviceChoice device) {
  const Backend backend = init_backend(device);
  if (chosen_sizes() == "large") {
    register_checks(large_tensor_checks(), backend);
    return;
  }
  const bool runs_shaders = backend.info().kind != BackendKind::kCpu && !compiles_only();
  if (runs_shaders) {
    register_checks(simd_checks(), backend);
  }
  for (const KernelRecord* record : catalogue()) {
    testing::RegisterTest(
        fmt::format("Conformance_{}", backend.name()).c_str(),
        std::string(record->id).c_str(),
        nullptr,
        nullptr,
        __FILE__,
        __LINE__,
        [record, backend]() -> KernelTest* { return new KernelTest(*record, backend); });
  }
  if (runs_shaders) {
    register_checks(failure_checks(), backend);  // the last, see there
  }
}

}  // namespace ingot::conformance

// Usage: conformance_tests DEVICE [GoogleTest flags]. INGOT_TEST_SEED sets another seed,
// INGOT_TEST_SIZES=small leaves out the largest size, INGOT_TEST_SIZES=large runs only what has
// more than 2^32 elements. INGOT_TEST_COMPILE_ONLY=1 looks at no result: for a device that only
// compiles.
int main(int argc, char** argv) {
  testing::InitGoogleTest(&argc, argv);
  try {
    ingot::conformance::register_tests(ingot::parse_device(argc > 1 ? argv[1] : "cpu"));
  } catch (const ingot::Error& error) {
    fmt::print(stderr, "conformance_tests: {}\n", error.what());
    return 2;
  }
  return RUN_ALL_TESTS();
}
