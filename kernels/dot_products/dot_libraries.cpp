#include "kernels/dot_products/dot_libraries.hpp"

#include <algorithm>
#include <array>
#include <limits>

#include "fmt/format.h"

#include "backends/cpu/gemm.hpp"
#include "runtime/tuning.hpp"

namespace ingot::kernels {
namespace {

constexpr double kNever = std::numeric_limits<double>::infinity();

// Multiply-adds of a call, q n d, from which on the device's library is faster than the kernel.
struct LibraryPolicy {
  double f32 = kNever;
  double f16 = kNever;  // and bf16
  int64_t few_f32 = 0;  // rows of a up to which it is not, whatever the size
};
constexpr LibraryPolicy kSafe;
constexpr std::array kTuned = {
    // The least that was measured: at each shape with more rows cuBLASLt was faster.
    Tuned<LibraryPolicy>{"sm_90",
                         {.f32 = 512.0 * 512 * 512, .f16 = 512.0 * 512 * 512, .few_f32 = 8},
                         "H200, 2026-11-20, kernel and cuBLASLt 13.1 in ms: 512^3 f32 0.093 and "
                         "0.016, f16 0.021 and 0.011; 1024 x 262144 x 128 f32 2.26 and 1.94, f16 "
                         "0.55 and 0.35; 8192^3 f32 33.1 and 21.5, f16 4.28 and 1.72; f32 of few "
                         "rows x 1048576 x 128: 1, 0.130 and 0.157; 8, 0.23 and 0.28 (TF32 0.22); "
                         "16, 0.41 and 0.30; f16 of 1, 0.068 and 0.070; of 8, 0.088 and 0.075"},
};

// Scores of floats that are stored as they are.
bool is_plain_product(const Call& call) {
  const auto has_any = [&](std::initializer_list<std::string_view> inputs) {
    return std::ranges::any_of(inputs, [&](std::string_view name) { return call.has(name); });
  };
  return call.choice("pairs") == "all" && call.in("a").dtype() != DType::kI8 &&
         !has_any({"a_scale", "b_scale", "a_bias", "at_least", "columns"}) &&
         std::min({call.extent("q"), call.extent("n"), call.extent("d")}) > 0;
}

MatrixProduct product_of(const Call& call) {
  const auto place = [](const Tensor& tensor) {
    return MatrixProduct::Place{tensor.buffer(), tensor.byte_offset()};
  };
  return {.dtype = call.in("a").dtype(),
          .m = static_cast<uint64_t>(call.extent("q")),
          .n = static_cast<uint64_t>(call.extent("n")),
          .k = static_cast<uint64_t>(call.extent("d")),
          .allow_tf32 = call.flag("allow_tf32"),
          .a = place(call.in("a")),
          .b = place(call.in("b")),
          .c = place(call.out("y"))};
}

bool is_worth_it(const DeviceInfo& device, const MatrixProduct& product) {
  switch (provider_use()) {
    case ProviderUse::kNever:
      return false;
    case ProviderUse::kAlways:
      return true;
    case ProviderUse::kMeasured:
      break;
  }
  const LibraryPolicy& policy = policy_for(device, kTuned, kSafe);
  const bool is_f32 = product.dtype == DType::kF32;
  if (is_f32 && product.m <= static_cast<uint64_t>(policy.few_f32)) {
    return false;
  }
  // The kernels do not use TF32.
  if (product.allow_tf32) {
    return true;
  }
  const double multiply_adds = static_cast<double>(product.m) * static_cast<double>(product.n) *
                               static_cast<double>(product.k);
  return multiply_adds >= (is_f32 ? policy.f32 : policy.f16);
}

}  // namespace

DotServer dot_server(GpuDevice& device, const Call& call) {
  if (!is_plain_product(call)) {
    return {};
  }
  MatrixProduct product = product_of(call);
  if (!is_worth_it(device.info(), product)) {
    return {};
  }
  const MatrixLibrary& library = device.matrix_library();
  if (library.provider == nullptr) {
    return {.name =
                library.problem.empty() ? "kernel" : fmt::format("kernel ({})", library.problem)};
  }
  MatrixProvider& provider = *library.provider;
  if (!provider.serves(product)) {
    return {.name = fmt::format("kernel ({} has no algorithm for this product)", provider.name())};
  }
  std::string name = provider.name() + (product.allow_tf32 ? ", TF32" : "");
  return {&provider, std::move(product), std::move(name)};
}

bool is_cpu_product(const Call& call) {
  // Up to this many rows of a, a product reads b at the speed of memory either way, and the
  // conversion and packing that a matrix product takes are a loss.
  constexpr int64_t kFewRows = 4;
  return call.choice("pairs") == "all" && !call.has("columns") && call.extent("q") > kFewRows;
}

std::string dot_served_by(Device& device, const Call& call) {
  if (GpuDevice* gpu = device.gpu()) {
    return dot_server(*gpu, call).name;
  }
  return is_cpu_product(call) ? std::string(cpu::gemm_provider(call.in("a").dtype())) : "cpu twin";
}

}  // namespace ingot::kernels
