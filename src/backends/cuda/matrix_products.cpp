#include "backends/cuda/matrix_products.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <compare>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "ingot/error.hpp"

#include "backends/cuda/cublaslt.hpp"
#include "backends/cuda/cuda_encoder.hpp"

namespace ingot::cuda {
namespace {

// What NVIDIA recommends for Hopper, as the most (cuBLAS, "cublasSetWorkspace"); less is taken.
constexpr std::uint64_t kMaxWorkspace = std::uint64_t{32} << 20;
// Kinds of products whose algorithm is remembered; a program has few, and more are looked for anew.
constexpr size_t kMaxPlans = 1024;

cudaDataType data_type(DType dtype) {
  switch (dtype) {
    case DType::kF16:
      return CUDA_R_16F;
    case DType::kBF16:
      return CUDA_R_16BF;
    default:
      return CUDA_R_32F;
  }
}

CUdeviceptr address_of(const MatrixProduct::Place& place) {
  return std::bit_cast<CUdeviceptr>(place.buffer.native()) + place.byte_offset;
}

// The power of two that divides the address, as far as it matters to cuBLASLt.
std::uint32_t alignment_of(const MatrixProduct::Place& place) {
  constexpr CUdeviceptr kMost = 256;
  const CUdeviceptr bits = address_of(place) | kMost;
  return static_cast<std::uint32_t>(bits & -bits);
}

// An object of the library, made by `create` and freed by `destroy`.
template <class Handle>
class Owned {
 public:
  using Destroy = cublasStatus_t (*)(Handle);

  template <class Create, class... Arguments>
  Owned(const CublasLt& library, Create create, Destroy destroy, Arguments... arguments)
      : destroy_(destroy) {
    library.check(create(&handle_, arguments...), "describing a product");
  }
  ~Owned() { destroy_(handle_); }
  Owned(const Owned&) = delete;
  Owned& operator=(const Owned&) = delete;

  Handle get() const { return handle_; }

 private:
  Handle handle_ = nullptr;
  Destroy destroy_;
};

// What the choice of an algorithm depends on.
struct Kind {
  explicit Kind(const MatrixProduct& p)
      : dtype(p.dtype),
        allow_tf32(p.allow_tf32 && p.dtype == DType::kF32),
        m(p.m),
        n(p.n),
        k(p.k),
        alignments{alignment_of(p.a), alignment_of(p.b), alignment_of(p.c)} {}

  DType dtype;
  bool allow_tf32;
  std::uint64_t m, n, k;
  std::array<std::uint32_t, 3> alignments;  // of a, b and c
  auto operator<=>(const Kind&) const = default;
};

// cuBLASLt's matrices are column-major, so ours are their transposes: what it is asked for is
// c^T [n, m] = b a^T, with b as the transpose of its own first operand and a^T as its second.
class Plan {
 public:
  Plan(const CublasLt& library, cublasLtHandle_t handle, const Kind& kind)
      : library_(library),
        product_(library,
                 library.create_product,
                 library.destroy_product,
                 kind.allow_tf32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F,
                 CUDA_R_32F),
        first_(layout(data_type(kind.dtype), kind.k, kind.n)),
        second_(layout(data_type(kind.dtype), kind.k, kind.m)),
        result_(layout(CUDA_R_32F, kind.n, kind.m)) {
    const cublasOperation_t transposed = CUBLAS_OP_T;
    library.check(library.set_product(
                      product_.get(), CUBLASLT_MATMUL_DESC_TRANSA, &transposed, sizeof transposed),
                  "describing a product");
    find_algorithm(handle, kind);
  }

  bool has_algorithm() const { return algorithm_.has_value(); }
  size_t workspace_bytes() const { return algorithm_->workspaceSize; }

  void enqueue(cublasLtHandle_t handle,
               const MatrixProduct& product,
               CUdeviceptr workspace,
               CUstream stream) const {
    constexpr float kOne = 1;
    constexpr float kZero = 0;  // what is in c is not read
    const auto pointer = [](CUdeviceptr address) { return std::bit_cast<void*>(address); };
    void* c = pointer(address_of(product.c));
    library_.check(library_.multiply(handle,
                                     product_.get(),
                                     &kOne,
                                     pointer(address_of(product.b)),
                                     first_.get(),
                                     pointer(address_of(product.a)),
                                     second_.get(),
                                     &kZero,
                                     c,
                                     result_.get(),
                                     c,
                                     result_.get(),
                                     &algorithm_->algo,
                                     pointer(workspace),
                                     workspace_bytes(),
                                     stream),
                   "multiplying matrices");
  }

 private:
  Owned<cublasLtMatrixLayout_t> layout(cudaDataType type,
                                       std::uint64_t rows,
                                       std::uint64_t columns) const {
    return {library_,
            library_.create_layout,
            library_.destroy_layout,
            type,
            rows,
            columns,
            static_cast<std::int64_t>(rows)};
  }

  // Whatever is wrong with a kind of product, the kernel can do it.
  void find_algorithm(cublasLtHandle_t handle, const Kind& kind) {
    const Owned<cublasLtMatmulPreference_t> preference(
        library_, library_.create_preference, library_.destroy_preference);
    const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, auto value) {
      library_.check(library_.set_preference(preference.get(), attribute, &value, sizeof value),
                     "describing a product");
    };
    const auto [a, b, c] = kind.alignments;
    prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, kMaxWorkspace);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, b);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, a);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, c);
    prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, c);
    cublasLtMatmulHeuristicResult_t best = {};
    int found = 0;
    const cublasStatus_t status = library_.find_algorithms(handle,
                                                           product_.get(),
                                                           first_.get(),
                                                           second_.get(),
                                                           result_.get(),
                                                           result_.get(),
                                                           preference.get(),
                                                           1,
                                                           &best,
                                                           &found);
    if (status == CUBLAS_STATUS_SUCCESS && found > 0 && best.state == CUBLAS_STATUS_SUCCESS) {
      algorithm_ = best;
    }
  }

  const CublasLt& library_;
  Owned<cublasLtMatmulDesc_t> product_;
  Owned<cublasLtMatrixLayout_t> first_, second_, result_;
  std::optional<cublasLtMatmulHeuristicResult_t> algorithm_;
};

class CublasLtProducts final : public MatrixProvider {
 public:
  explicit CublasLtProducts(std::shared_ptr<const Context> context)
      : context_(std::move(context)), library_(CublasLt::get()) {
    const Context::Scope scope(*context_);
    library_.check(library_.create(&handle_), "starting");
  }

  ~CublasLtProducts() override {
    const Context::Scope scope(*context_);
    plans_.clear();
    library_.destroy(handle_);
  }
  CublasLtProducts(const CublasLtProducts&) = delete;
  CublasLtProducts& operator=(const CublasLtProducts&) = delete;

  const std::string& name() const override { return library_.name; }

  bool serves(const MatrixProduct& product) override { return plan(product)->has_algorithm(); }

  void encode(CommandEncoder& encoder, const MatrixProduct& product) override {
    const std::shared_ptr<const Plan> plan = this->plan(product);
    static_cast<StreamEncoder&>(encoder).enqueue(
        plan->workspace_bytes(), [&](CUstream stream, CUdeviceptr workspace) {
          plan->enqueue(handle_, product, workspace, stream);
        });
  }

 private:
  std::shared_ptr<const Plan> plan(const MatrixProduct& product) {
    const Kind kind(product);
    const std::lock_guard lock(mutex_);
    if (const auto found = plans_.find(kind); found != plans_.end()) {
      return found->second;
    }
    if (plans_.size() >= kMaxPlans) {
      plans_.clear();
    }
    const Context::Scope scope(*context_);
    return plans_.emplace(kind, std::make_shared<const Plan>(library_, handle_, kind))
        .first->second;
  }

  std::shared_ptr<const Context> context_;
  const CublasLt& library_;
  cublasLtHandle_t handle_ = nullptr;
  std::mutex mutex_;
  std::map<Kind, std::shared_ptr<const Plan>> plans_;
};

}  // namespace

MatrixLibrary open_cublaslt(std::shared_ptr<const Context> context) {
  try {
    return {std::make_unique<CublasLtProducts>(std::move(context)), {}};
  } catch (const Error& error) {
    return {nullptr, "no cuBLASLt: " + error.problem()};
  }
}

}  // namespace ingot::cuda
