// Times CUB on what `ingot bench --device cuda` runs: nvcc -O3 -arch=native cub_peers.cu -o cub_peers
// Prints "KERNEL seconds" lines: medians of event times, over arrays of random values many times the L2 cache.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <cub/cub.cuh>

#define CHECK(call)                                                        \
  if (const cudaError_t error = (call); error != cudaSuccess) {            \
    std::fprintf(stderr, "%s: %s\n", #call, cudaGetErrorString(error));    \
    std::exit(1);                                                          \
  }

__global__ void fill(float* x, unsigned char* flags, size_t n) {
  for (size_t i = blockIdx.x * size_t{256} + threadIdx.x; i < n; i += gridDim.x * size_t{256}) {
    unsigned long long v = i * 0x9e3779b97f4a7c15ull;
    v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9ull;
    x[i] = float(v >> 40) * 0x1p-23f - 1;
    flags[i] = v & 1;
  }
}

// `call` is CUB's usual pair: once for the size of its temporary memory, then to work.
template <class Call>
void report(const char* name, const Call& call) {
  size_t bytes = 0;
  CHECK(call(nullptr, bytes));
  void* memory = nullptr;
  CHECK(cudaMalloc(&memory, bytes));
  cudaEvent_t begin, end;
  CHECK(cudaEventCreate(&begin));
  CHECK(cudaEventCreate(&end));
  std::vector<float> times;
  for (int i = 0; i < 32; ++i) {
    CHECK(cudaEventRecord(begin));
    CHECK(call(memory, bytes));
    CHECK(cudaEventRecord(end));
    CHECK(cudaEventSynchronize(end));
    float milliseconds = 0;
    CHECK(cudaEventElapsedTime(&milliseconds, begin, end));
    if (i >= 2) {
      times.push_back(milliseconds);
    }
  }
  std::nth_element(times.begin(), times.begin() + times.size() / 2, times.end());
  std::printf("%s %.9f\n", name, times[times.size() / 2] * 1e-3);
  CHECK(cudaFree(memory));
}

int main(int, char** argv) {
  const size_t n = std::strtoull(argv[1], nullptr, 10);
  float *x, *y;
  unsigned char* flags;
  unsigned long long* count;
  CHECK(cudaMalloc(&x, 4 * n));
  CHECK(cudaMalloc(&y, 4 * n));
  CHECK(cudaMalloc(&flags, n));
  CHECK(cudaMalloc(&count, sizeof *count));
  fill<<<4096, 256>>>(x, flags, n);
  CHECK(cudaDeviceSynchronize());
  report("REDUCE_SUM", [&](void* m, size_t& b) { return cub::DeviceReduce::Sum(m, b, x, y, n); });
  report("SCAN_INCLUSIVE", [&](void* m, size_t& b) { return cub::DeviceScan::InclusiveSum(m, b, x, y, n); });
  report("SCAN_EXCLUSIVE", [&](void* m, size_t& b) { return cub::DeviceScan::ExclusiveSum(m, b, x, y, n); });
  report("COMPACT_MASK", [&](void* m, size_t& b) { return cub::DeviceSelect::Flagged(m, b, x, flags, y, count, n); });
  const auto* u = reinterpret_cast<unsigned*>(x);
  auto* v = reinterpret_cast<unsigned*>(y);
  report("SCAN_INCLUSIVE_u32", [&](void* m, size_t& b) { return cub::DeviceScan::InclusiveSum(m, b, u, v, n); });
}
