#include "backends/cpu/gemm.hpp"

#include <algorithm>
#include <string>

#if defined(__APPLE__)
#include <Accelerate/Accelerate.h>
#else
#include <dlfcn.h>
#include <dnnl.h>
#endif

#include "ingot/error.hpp"

#include "backends/cpu/gemm_i8_simd.hpp"
#include "core/parallel.hpp"

namespace ingot::cpu {
namespace {

template <class T>
void fill_zeros(int64_t m, int64_t n, Matrix<T> c) {
  for (int64_t i = 0; i < m; ++i) {
    std::fill_n(c.data + i * c.stride, n, T{0});
  }
}

#if !defined(__APPLE__)

// Keeps oneDNN on the calling thread. Distributions build it with OpenMP, whose threads spin after
// each product on the very cores that oneTBB's threads then need. OpenMP's own setting counts per
// thread; it is looked up at run time because which OpenMP it is, is oneDNN's affair.
class OneThread {
 public:
  OneThread() : before_(get() != nullptr ? get()() : 0) {
    if (set() != nullptr) {
      set()(1);
    }
  }
  ~OneThread() {
    if (set() != nullptr && before_ > 0) {
      set()(before_);
    }
  }
  OneThread(const OneThread&) = delete;
  OneThread& operator=(const OneThread&) = delete;

 private:
  using Get = int (*)();
  using Set = void (*)(int);
  static Get get() {
    static const auto function = reinterpret_cast<Get>(dlsym(RTLD_DEFAULT, "omp_get_max_threads"));
    return function;
  }
  static Set set() {
    static const auto function = reinterpret_cast<Set>(dlsym(RTLD_DEFAULT, "omp_set_num_threads"));
    return function;
  }
  int before_;
};

void check(dnnl_status_t status, std::string_view function) {
  if (status != dnnl_success) {
    throw Error(status == dnnl_out_of_memory ? ErrorCode::kOutOfMemory : ErrorCode::kInternal,
                std::string(function),
                "oneDNN reports status " + std::to_string(status));
  }
}

// Without VNNI, oneDNN adds pairs of int8 products in saturating int16, which is not exact.
bool has_vnni() {
  static const bool has = [] {
    const auto isa = static_cast<unsigned>(dnnl_get_effective_cpu_isa());
    const auto contains = [isa](unsigned level) { return (isa & level) == level; };
    return contains(dnnl_cpu_isa_avx512_core_vnni) || contains(dnnl_cpu_isa_avx2_vnni);
  }();
  return has;
}

#endif

}  // namespace

#if defined(__APPLE__)

void gemm_f32(int64_t m,
              int64_t n,
              int64_t k,
              Matrix<const float> a,
              Matrix<const float> b,
              Matrix<float> c) {
  if (m == 0 || n == 0 || k == 0) {
    return fill_zeros(m, n, c);
  }
  const auto order = [](bool transposed) { return transposed ? CblasTrans : CblasNoTrans; };
  cblas_sgemm(CblasRowMajor,
              order(a.transposed),
              order(b.transposed),
              static_cast<int>(m),
              static_cast<int>(n),
              static_cast<int>(k),
              1.0f,
              a.data,
              static_cast<int>(a.stride),
              b.data,
              static_cast<int>(b.stride),
              0.0f,
              c.data,
              static_cast<int>(c.stride));
}

void gemm_i8(int64_t m,
             int64_t n,
             int64_t k,
             Matrix<const int8_t> a,
             Matrix<const int8_t> b,
             Matrix<int32_t> c) {
  gemm_i8_simd(m, n, k, a, b, c);
}

std::string_view gemm_provider(DType dtype) {
  return dtype == DType::kI8 ? "cpu int8 dots" : "Accelerate sgemm";
}

#else

void gemm_f32(int64_t m,
              int64_t n,
              int64_t k,
              Matrix<const float> a,
              Matrix<const float> b,
              Matrix<float> c) {
  if (m == 0 || n == 0 || k == 0) {
    return fill_zeros(m, n, c);
  }
  const OneThread one_thread;
  check(dnnl_sgemm(a.transposed ? 'T' : 'N',
                   b.transposed ? 'T' : 'N',
                   m,
                   n,
                   k,
                   1.0f,
                   a.data,
                   a.stride,
                   b.data,
                   b.stride,
                   0.0f,
                   c.data,
                   c.stride),
        "dnnl_sgemm");
}

void gemm_i8(int64_t m,
             int64_t n,
             int64_t k,
             Matrix<const int8_t> a,
             Matrix<const int8_t> b,
             Matrix<int32_t> c) {
  if (m == 0 || n == 0 || k == 0) {
    return fill_zeros(m, n, c);
  }
  if (!has_vnni()) {
    return gemm_i8_simd(m, n, k, a, b, c);
  }
  const OneThread one_thread;
  const int32_t offset = 0;
  check(dnnl_gemm_s8s8s32('N',
                          'T',
                          'F',
                          m,
                          n,
                          k,
                          1.0f,
                          a.data,
                          a.stride,
                          0,
                          b.data,
                          b.stride,
                          0,
                          0.0f,
                          c.data,
                          c.stride,
                          &offset),
        "dnnl_gemm_s8s8s32");
}

std::string_view gemm_provider(DType dtype) {
  if (dtype == DType::kI8) {
    return has_vnni() ? "oneDNN s8s8s32" : "cpu int8 dots";
  }
  return "oneDNN sgemm";
}

#endif

void for_each_tile(int64_t m,
                   int64_t n,
                   TileSize size,
                   const std::function<void(const Tile&)>& body) {
  constexpr int64_t kLeast = 64;  // still pays for packing the operands
  int64_t rows = std::min(size.rows, m);
  int64_t columns = std::min(size.columns, n);
  if (rows <= 0 || columns <= 0) {
    return;
  }
  // Pieces of `size` that cover an extent; also the size of that many pieces.
  const auto count = [](int64_t extent, int64_t size) { return (extent + size - 1) / size; };
  while (count(m, rows) * count(n, columns) < worker_count() && std::max(rows, columns) > kLeast) {
    int64_t& larger = rows > columns ? rows : columns;
    larger = (larger + 1) / 2;
  }
  // The same number of tiles for every core, and all about equal.
  int64_t down = count(m, rows);
  int64_t across = count(n, columns);
  if (down * across % worker_count() != 0) {
    int64_t& more = across >= down ? across : down;
    more = count(more, worker_count()) * worker_count();
  }
  rows = count(m, down);
  columns = count(n, across);
  down = count(m, rows);
  across = count(n, columns);
  parallel_for(down * across, 1, [&](int64_t begin, int64_t end) {
    for (int64_t tile = begin; tile < end; ++tile) {
      const int64_t m0 = tile / across * rows;
      const int64_t n0 = tile % across * columns;
      body({m0, std::min(m, m0 + rows), n0, std::min(n, n0 + columns)});
    }
  });
}

}  // namespace ingot::cpu
