#include "backends/cuda/cuda_device.hpp"

#include <atomic>
#include <bit>
#include <fmt/format.h>
#include <mutex>
#include <string>
#include <thread>

#include "ingot/error.hpp"

#include "backends/cuda/context.hpp"
#include "backends/cuda/cuda_encoder.hpp"
#include "backends/cuda/cuda_graph.hpp"
#include "backends/cuda/cuda_library.hpp"
#include "backends/cuda/cuda_work.hpp"
#include "backends/cuda/embedded_kernels.hpp"
#include "backends/cuda/matrix_products.hpp"
#include "backends/cuda/nvrtc.hpp"
#include "backends/cuda/staging.hpp"
#include "core/disk_cache.hpp"

namespace ingot::cuda {
namespace {

std::string uuid_text(const CUuuid& uuid) {
  std::string text;
  for (const char byte : uuid.bytes) {
    text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  }
  return text;
}

class CudaDevice final : public GpuDevice {
 public:
  explicit CudaDevice(int ordinal)
      : context_(std::make_shared<const Context>(ordinal)),
        staging_(context_),
        pool_([context = context_](size_t bytes) { return allocate_on(*context, bytes); },
              [context = context_](const Allocation& block) {
                const Context::Scope scope(*context);
                context->driver().memory_free(std::bit_cast<CUdeviceptr>(block.native));
              }) {
    const Driver& driver = context_->driver();
    char name[256] = {};
    driver.device_name(name, sizeof name, context_->device());
    CUuuid uuid = {};
    driver.device_uuid(&uuid, context_->device());
    info_.kind = BackendKind::kCuda;
    info_.ordinal = ordinal;
    info_.name = name;
    info_.family = fmt::format("sm_{}", context_->architecture());
    info_.fingerprint = fmt::format(
        "cuda/{}/{}/driver {}/{}", info_.name, info_.family, driver.version, uuid_text(uuid));
    driver.device_total_memory(&info_.memory_bytes, context_->device());
    info_.cores = context_->attribute(CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT);
    const auto attribute = [&](CUdevice_attribute which) {
      return static_cast<std::uint32_t>(context_->attribute(which));
    };
    info_.simd_width = attribute(CU_DEVICE_ATTRIBUTE_WARP_SIZE);
    info_.max_threads_per_threadgroup = attribute(CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK);
    info_.max_threadgroup_memory = attribute(CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN);
    info_.max_buffer_bytes = info_.memory_bytes;
    open_cache();
  }

  const DeviceInfo& info() const override { return info_; }
  BufferPool& pool() override {
    return capturing_thread_ == std::this_thread::get_id() ? *reserve_ : pool_;
  }

  // The host's memory is the other side of a bus.
  Buffer import_host(void*, size_t, std::shared_ptr<void>) override { return {}; }

  void upload(const Buffer& to, size_t offset, const void* from, size_t bytes) override {
    staging_.upload(std::bit_cast<CUdeviceptr>(to.native()) + offset,
                    static_cast<const std::byte*>(from),
                    bytes);
  }
  void download(void* to, const Buffer& from, size_t offset, size_t bytes) override {
    staging_.download(
        static_cast<std::byte*>(to), std::bit_cast<CUdeviceptr>(from.native()) + offset, bytes);
  }

  bool copy_from(
      const Buffer& to, Device& source, const Buffer& from, size_t offset, size_t bytes) override {
    const auto* other = dynamic_cast<const CudaDevice*>(&source);
    if (other == nullptr || !context_->reach(*other->context_)) {
      return false;
    }
    finish(other->context_);  // what fills `from` may still be in its stream
    const Context::Scope scope(*context_);
    context_->check(
        context_->driver().copy_between_peers(std::bit_cast<CUdeviceptr>(to.native()),
                                              context_->get(),
                                              std::bit_cast<CUdeviceptr>(from.native()) + offset,
                                              other->context_->get(),
                                              bytes,
                                              context_->stream()),
        "copying between devices");
    finish(context_);
    return true;
  }

  void require_compiler() const override {
    if (!has_embedded_kernels(context_->architecture())) {
      Nvrtc::get();
    }
  }

  std::shared_ptr<Library> compile(const msl::Source& source) override {
    return std::make_shared<CudaLibrary>(source);
  }

  std::shared_ptr<Pipeline> pipeline(const Library& library,
                                     std::string_view function,
                                     const std::vector<FunctionConstant>& constants) override {
    context_->require_alive();
    return std::make_shared<CudaPipeline>(context_,
                                          static_cast<const CudaLibrary&>(library).source(),
                                          std::string(function),
                                          constants,
                                          cache_);
  }

  std::unique_ptr<CommandEncoder> encoder() override { return make_encoder(context_, pool_); }

  const MatrixLibrary& matrix_library() override {
    std::call_once(matrix_library_opened_, [&] { matrix_library_ = open_cublaslt(context_); });
    return matrix_library_;
  }

  std::unique_ptr<ReplayableWork> make_replayable(Encode encode) override {
    auto reserve = make_reserve(pool_);
    const ScratchFrom scratch(*this, *reserve);
    return make_graph(context_, std::move(reserve), std::move(encode));
  }

 private:
  // While it lives, the calling thread allocates from another pool.
  class ScratchFrom {
   public:
    ScratchFrom(CudaDevice& device, BufferPool& reserve) : device_(device) {
      device_.reserve_ = &reserve;
      device_.capturing_thread_ = std::this_thread::get_id();
    }
    ~ScratchFrom() { device_.capturing_thread_ = std::thread::id(); }
    ScratchFrom(const ScratchFrom&) = delete;
    ScratchFrom& operator=(const ScratchFrom&) = delete;

   private:
    CudaDevice& device_;
  };

  void open_cache() {
    std::string problem;
    try {
      cache_ = std::make_shared<const DiskCache>("cuda");
      problem = cache_->fallback_reason();
    } catch (const Error& error) {
      problem = error.what();
    }
    if (!problem.empty()) {
      info_.notice = problem + "; compiled kernels are not kept";
    }
  }

  // Waits for all that the context's stream was given.
  static void finish(const std::shared_ptr<const Context>& context) {
    const Context::Scope scope(*context);
    Moment now(context);
    now.record();
    context->check(context->driver().event_synchronize(now.get()), "copying between devices");
  }

  static Allocation allocate_on(const Context& context, size_t bytes) {
    const Context::Scope scope(context);
    context.require_alive();
    CUdeviceptr address = 0;
    const CUresult result = context.driver().memory_allocate(&address, bytes);
    if (result == CUDA_ERROR_OUT_OF_MEMORY) {
      return {};
    }
    context.check(result, "allocating memory");
    return {nullptr, std::bit_cast<void*>(address), bytes};
  }

  std::shared_ptr<const Context> context_;
  std::shared_ptr<const DiskCache> cache_;  // null where no directory takes it
  Staging staging_;
  DeviceInfo info_;
  BufferPool pool_;
  std::once_flag matrix_library_opened_;
  MatrixLibrary matrix_library_;
  std::atomic<std::thread::id> capturing_thread_;
  BufferPool* reserve_ = nullptr;  // for that thread
};

}  // namespace

int count_cuda_devices() {
  int count = 0;
  check(Driver::get().device_count(&count), "counting devices");
  return count;
}

std::unique_ptr<Device> make_cuda_device(int ordinal) {
  const int count = count_cuda_devices();
  if (ordinal < 0 || ordinal >= count) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("cuda:{}", ordinal),
                fmt::format("there is no such device; the driver shows {}, from cuda:0 on", count),
                "see `ingot devices` and CUDA_VISIBLE_DEVICES");
  }
  return std::make_unique<CudaDevice>(ordinal);
}

}  // namespace ingot::cuda
