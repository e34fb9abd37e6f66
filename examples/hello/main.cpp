// Ingot as a stranger uses it: a catalogue operation on the best device, then a Metal kernel of one's own.
#include <cstdio>
#include <string>
#include <vector>

#include <ingot/msl_kernel.hpp>
#include <ingot/ops.hpp>
#include <ingot/tensor.hpp>

namespace {

constexpr const char* kScale = R"(
#include <metal_stdlib>
using namespace metal;

kernel void scale(device const float* x [[buffer(0)]],
                  device float* y [[buffer(1)]],
                  constant float& factor [[buffer(2)]],
                  uint i [[thread_position_in_grid]]) {
  y[i] = factor * x[i];
}
)";

void print(const char* label, const std::vector<float>& values) {
  std::printf("%s", label);
  for (const float value : values) {
    std::printf(" %.4f", value);
  }
  std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const ingot::Backend backend =
        ingot::init_backend(ingot::parse_device(argc > 1 ? argv[1] : "auto"));
    const ingot::Tensor x = backend.to_device<float>({1, 2, 3, 4});
    const ingot::Tensor y = ingot::softmax(x);
    print("softmax", y.to_vector<float>());

    if (backend.info().kind != ingot::BackendKind::kCpu) {
      const auto scaled = ingot::run_msl(backend,
                                         {kScale, "scale"},
                                         {y, ingot::MslOutput{ingot::DType::kF32, y.shape()}, 100.0f},
                                         {{4, 1, 1}, {4, 1, 1}});
      print("scale  ", scaled[0].to_vector<float>());
    }
  } catch (const ingot::Error& error) {
    std::fprintf(stderr, "hello: %s\n", error.what());
    return 1;
  }
}
