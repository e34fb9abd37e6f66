#include "kernels/elementwise_binary/map_compare.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/text.hpp"
#include "kernels/common/elementwise.hpp"
#include "runtime/run.hpp"

namespace ingot {
namespace {

constexpr std::string_view kWords = "lt le gt ge eq ne";  // in the order of Comparison

}  // namespace

namespace kernels {

void map_compare_cpu(const CpuContext& cpu, const Call& call);

namespace {

constexpr std::string_view kShader = "elementwise_binary/map_compare.metal";

void infer(Call& call) {
  const Tensor& a = call.in("a");
  if (call.has("b")) {
    infer_broadcast(call, "a", "b", "mask", DType::kU8);
  } else {
    scalar_param(call, "value", a.dtype());
    call.set_output("mask", DType::kU8, a.shape());
  }
}

void launch(GpuContext& gpu, const Call& call) {
  const Tensor& a = call.in("a");
  const Tensor& mask = call.out("mask");
  const std::vector<FunctionConstant> constants = {
      {1, static_cast<uint32_t>(parse_comparison(call.choice("op")))}};
  if (call.has("b")) {
    const std::string function = entry_point("map_compare", a.dtype());
    launch_binary(gpu, kShader, function, a, call.in("b"), mask, constants);
    return;
  }
  const std::string function = entry_point("map_compare_scalar", a.dtype());
  launch_unary(gpu, kShader, function, a, mask, constants, [&](Dispatch& dispatch) {
    const HostArray value = scalar_param(call, "value", a.dtype());
    visit(a.dtype(), [&]<class T>() { dispatch.value(value.as<T>().front()); });
  });
}

}  // namespace

extern const KernelRecord map_compare;
const KernelRecord map_compare = {
    .id = "MAP_COMPARE",
    .metal_function = "map_compare",
    .domain = "Elementwise Binary",
    .summary = "mask of a OP b, or of a OP value",
    .formula =
        "mask = 1 where a OP b, else 0; OP: lt <, le <=, gt >, ge >=, eq ==, ne !=. Without "
        "b, value rounded to the dtype of a is taken instead. NaN compares false, except "
        "that NaN ne x is true; -0.0 eq 0.0",
    .source = "IEEE 754-2008, comparison predicates; NumPy's broadcasting rules",
    .inputs =
        {{.name = "a", .dtypes = "f32 f16 bf16 i32 u32 u8", .shape = "", .summary = "left operand"},
         {.name = "b", .dtypes = "=a", .shape = "", .summary = "right operand", .optional = true}},
    .params = {{.name = "op",
                .type = ParamType::kChoice,
                .fallback = "",
                .summary = "the comparison",
                .choices = kWords},
               {.name = "value",
                .type = ParamType::kReal,
                .fallback = "0",
                .summary = "right operand when b is absent"}},
    .outputs = {{.name = "mask", .dtypes = "u8", .shape = "", .summary = "1 where it holds"}},
    .infer = infer,
    .cost = [](const Call& call) { return streaming_cost(call, 1); },
    .sample =
        [](int64_t elements) {
          return Sample{{{"a", DType::kF32, {elements}}}, {{"op", "gt"}, {"value", 0.5}}};
        },
    .launch = launch,
    .cpu = map_compare_cpu,
    .legacy_gflops = 500,
};

}  // namespace kernels

std::string_view to_string(Comparison comparison) {
  return split_words(kWords)[static_cast<size_t>(comparison)];
}

Comparison parse_comparison(std::string_view text) {
  const std::vector<std::string_view> words = split_words(kWords);
  const auto found = std::find(words.begin(), words.end(), text);
  if (found == words.end()) {
    throw Error(ErrorCode::kInvalidArgument,
                "comparison",
                fmt::format("'{}' is not one", text),
                fmt::format("use one of: {}", kWords));
  }
  return static_cast<Comparison>(found - words.begin());
}

Tensor compare(const Tensor& a, Comparison comparison, const Tensor& b) {
  if (!b) {
    throw Error(ErrorCode::kInvalidArgument, "MAP_COMPARE: b", "this input must be given");
  }
  return run(kernels::map_compare, {{"a", a}, {"b", b}}, {{"op", to_string(comparison)}})["mask"];
}

Tensor compare(const Tensor& a, Comparison comparison, double value) {
  return run(
      kernels::map_compare, {{"a", a}}, {{"op", to_string(comparison)}, {"value", value}})["mask"];
}

}  // namespace ingot
