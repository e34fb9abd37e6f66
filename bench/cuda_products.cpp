// Matrix products on an NVIDIA GPU by the kernel and by cuBLASLt: what the policy of
// kernels/dot_products/dot_libraries.cpp is set by. Prints a table.
//
//   cuda_products_bench [--json FILE]
#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <ctime>
#include <string>
#include <vector>

#include "fmt/chrono.h"
#include "fmt/format.h"
#include "nlohmann/json.hpp"

#include "ingot/ops.hpp"

#include "catalogue/catalogue.hpp"
#include "core/output_file.hpp"
#include "runtime/measure.hpp"
#include "runtime/run.hpp"
#include "runtime/throughput.hpp"

namespace {

using Json = nlohmann::ordered_json;

struct Extents {
  int64_t q, n, d;
};
constexpr Extents kProducts[] = {{1, 1 << 20, 128},    {2, 1 << 20, 128},  {4, 1 << 20, 128},
                                 {8, 1 << 20, 128},    {16, 1 << 20, 128}, {32, 1 << 20, 128},
                                 {64, 1 << 20, 128},   {1, 1 << 18, 768},  {8, 1 << 18, 768},
                                 {1, 1 << 15, 4096},   {4, 1 << 15, 4096}, {1, 4096, 4096},
                                 {128, 1 << 16, 128},  {1000, 16384, 128}, {1024, 1 << 18, 128},
                                 {1024, 1 << 16, 768}, {512, 512, 512},    {1024, 1024, 1024},
                                 {2048, 2048, 2048},   {4096, 4096, 4096}, {8192, 8192, 8192}};

struct Served {
  double milliseconds;
  std::string by;
  std::vector<float> first_row;
};

Served measure(const ingot::Tensor& a,
               const ingot::Tensor& b,
               const char* providers,
               bool allow_tf32) {
  setenv("INGOT_PROVIDERS", providers, 1);
  const ingot::Backend backend(a.stream());
  const auto product = [&] {
    return ingot::run(ingot::find_kernel("DOT_BATCHED"),
                      {{"a", a}, {"b", b}},
                      {{"pairs", "all"}, {"allow_tf32", allow_tf32}});
  };
  const ingot::Results warm_up = product();
  const auto row = warm_up["y"].rows(0, 1).to_vector<float>();
  // Several in one batch, so that the gap before the first does not count.
  const double flops = 2.0 * static_cast<double>(warm_up["y"].elements() * a.shape()[1]);
  const int calls = std::clamp(static_cast<int>(1e11 / flops), 1, 20);
  const ingot::Timings time = ingot::repeat({0.2, 5}, [&] {
    return ingot::time_on(backend,
                          [&] {
                            for (int i = 0; i < calls; ++i) {
                              product();
                            }
                          }) /
           calls;
  });
  return {time.median * 1e3, warm_up.served_by(), row};
}

// The error of a row relative to the kernel's.
double difference(const std::vector<float>& row, const std::vector<float>& kernel) {
  double error = 0;
  double norm = 0;
  for (size_t i = 0; i < row.size(); ++i) {
    const double wanted = kernel[i];
    error += (row[i] - wanted) * (row[i] - wanted);
    norm += wanted * wanted;
  }
  return norm == 0 ? 0 : std::sqrt(error / norm);
}

Json measure(const ingot::Backend& backend, ingot::DType dtype, const Extents& extents) {
  const auto random = [&](int64_t rows, uint64_t seed) {
    const ingot::HostArray array = ingot::repeated_random_array(dtype, {rows, extents.d}, seed);
    return backend.copy_from_host(array.data(), array.bytes(), dtype, array.shape());
  };
  const ingot::Tensor a = random(extents.q, 1);
  const ingot::Tensor b = random(extents.n, 2);
  const Served kernel = measure(a, b, "off", false);
  const Served library = measure(a, b, "always", false);
  Json row = {{"dtype", ingot::to_string(dtype)},
              {"q", extents.q},
              {"n", extents.n},
              {"d", extents.d},
              {"kernel_ms", kernel.milliseconds},
              {"library_ms", library.milliseconds},
              {"library", library.by},
              {"library_difference", difference(library.first_row, kernel.first_row)}};
  if (dtype == ingot::DType::kF32) {
    const Served tf32 = measure(a, b, "always", true);
    row["tf32_ms"] = tf32.milliseconds;
    row["tf32_difference"] = difference(tf32.first_row, kernel.first_row);
  }
  return row;
}

Json measure_all() {
  const ingot::Backend backend = ingot::init_backend(ingot::BackendPreference::kCuda);
  Json result = {{"device", backend.device_name()},
                 {"fingerprint", backend.info().fingerprint},
                 {"date", fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)))}};
  fmt::print("{}\n\n{:<6}{:<24}{:>12}{:>12}{:>12}{:>12}  {}\n",
             backend.device_name(),
             "dtype",
             "q x n x d",
             "kernel ms",
             "library ms",
             "TF32 ms",
             "difference",
             "library");
  for (const ingot::DType dtype : {ingot::DType::kF32, ingot::DType::kF16, ingot::DType::kBF16}) {
    for (const Extents& extents : kProducts) {
      const Json row = measure(backend, dtype, extents);
      fmt::print("{:<6}{:<24}{:>12.4f}{:>12.4f}{:>12.4f}{:>12.1e}  {}\n",
                 row["dtype"].get<std::string>(),
                 fmt::format("{} x {} x {}", extents.q, extents.n, extents.d),
                 row["kernel_ms"].get<double>(),
                 row["library_ms"].get<double>(),
                 row.value("tf32_ms", 0.0),
                 row["library_difference"].get<double>(),
                 row["library"].get<std::string>());
      result["products"].push_back(row);
      backend.trim_memory();
    }
  }
  return result;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    if (argc != 1 && (argc != 3 || std::string(argv[1]) != "--json")) {
      fmt::print(stderr, "usage: cuda_products_bench [--json FILE]\n");
      return 2;
    }
    const Json result = measure_all();
    if (argc == 3) {
      const std::string text = result.dump(2) + "\n";
      ingot::OutputFile file(argv[2]);
      file.write(text.data(), text.size());
      file.commit();
    }
  } catch (const std::exception& error) {
    fmt::print(stderr, "cuda_products_bench: {}\n", error.what());
    return 1;
  }
  return 0;
}
