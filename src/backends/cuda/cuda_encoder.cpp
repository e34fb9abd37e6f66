#include "backends/cuda/cuda_encoder.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <string>
#include <vector>

#include "ingot/error.hpp"

#include "backends/cuda/cuda_library.hpp"
#include "backends/cuda/cuda_work.hpp"
#include "backends/cuda/launch.hpp"

namespace ingot::cuda {
namespace {

constexpr size_t kMaxBytes = 4096;  // of set_bytes, as in Metal
constexpr size_t kBuffers = 31;     // as in Metal

// What is bound to a buffer index.
struct Binding {
  Binding() {}  // leaves `data` as it is

  enum Kind : std::uint8_t { kNothing, kMemory, kBytes };
  Kind kind = kNothing;
  CUdeviceptr address = 0;
  Buffer memory;               // keeps it
  size_t bytes = 0;            // of `data`
  size_t written = kMaxBytes;  // the bytes behind are 0
  // The driver reads as many bytes as the kernel's parameter has.
  alignas(16) std::array<std::byte, kMaxBytes> data;
};

class CudaEncoder final : public StreamEncoder {
 public:
  CudaEncoder(std::shared_ptr<const Context> context, BufferPool& memory)
      : context_(std::move(context)),
        memory_(memory),
        stream_(context_->stream()),
        bindings_(kBuffers) {
    attempt([&] {
      begin_ = std::make_unique<Moment>(context_);
      begin_->record();
    });
  }

  CudaEncoder(std::shared_ptr<const Context> context,
              BufferPool& memory,
              CUstream capturing,
              std::vector<Buffer>& kept)
      : context_(std::move(context)),
        memory_(memory),
        stream_(capturing),
        kept_(&kept),
        bindings_(kBuffers) {}

  void set_pipeline(const Pipeline& pipeline) override {
    pipeline_ = &static_cast<const CudaPipeline&>(pipeline);
    bindings_used_ = 0;
    launch_ = {};
    shared_bytes_ = 0;
  }

  // Memory goes back to its pool when its last handle goes, and work that is enqueued later runs
  // later: nothing needs to be kept beyond the launch.
  void set_buffer(std::uint32_t index, const Buffer& buffer, size_t offset) override {
    Binding& binding = at(index);
    binding.kind = Binding::kMemory;
    binding.memory = buffer;
    binding.address = std::bit_cast<CUdeviceptr>(buffer.native()) + offset;
  }

  void set_bytes(std::uint32_t index, const void* data, size_t bytes) override {
    if (bytes > kMaxBytes) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("buffer {}", index),
                  fmt::format("{} bytes are given by value; {} is the most", bytes, kMaxBytes),
                  "bind a buffer");
    }
    Binding& binding = at(index);
    binding.kind = Binding::kBytes;
    binding.bytes = bytes;
    binding.written = std::max(binding.written, bytes);
    std::memcpy(binding.data.data(), data, bytes);
  }

  void set_threadgroup_memory(std::uint32_t index, size_t bytes) override {
    if (index >= kThreadgroupArguments) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("threadgroup memory {}", index),
                  fmt::format("there are {} indices", kThreadgroupArguments));
    }
    constexpr size_t kAlignment = 128;
    launch_.threadgroup_arguments[index] = static_cast<std::uint32_t>(shared_bytes_);
    shared_bytes_ += (bytes + kAlignment - 1) / kAlignment * kAlignment;
  }

  void dispatch_threads(Grid threads, Grid group) override {
    const auto groups = [](std::uint64_t count, std::uint64_t size) {
      return size == 0 ? 0 : (count + size - 1) / size;
    };
    dispatch(threads,
             {groups(threads.x, group.x), groups(threads.y, group.y), groups(threads.z, group.z)},
             group);
  }

  void dispatch_threadgroups(Grid groups, Grid group) override {
    dispatch({groups.x * group.x, groups.y * group.y, groups.z * group.z}, groups, group);
  }

  void enqueue(size_t scratch_bytes,
               const std::function<void(CUstream, CUdeviceptr scratch)>& work) override {
    attempt([&] {
      const Buffer scratch = memory_.allocate(scratch_bytes);
      work(stream_, std::bit_cast<CUdeviceptr>(scratch.native()));
    });
  }

  Event commit() override {
    std::unique_ptr<Moment> end;
    attempt([&] {
      if (kept_ == nullptr) {
        end = std::make_unique<Moment>(context_);
        end->record();
      }
    });
    if (failure_ != nullptr) {
      return failed_work(failure_);
    }
    return end == nullptr ? Event() : enqueued_work(std::move(begin_), std::move(end));
  }

 private:
  // What is captured uses its memory for as long as it can be launched.
  void keep(const Buffer& buffer) {
    if (kept_ != nullptr) {
      kept_->push_back(buffer);
    }
  }

  Binding& at(std::uint32_t index) {
    if (index >= kBuffers) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("buffer {}", index),
                  fmt::format("there are {} indices", kBuffers));
    }
    if ((bindings_used_ >> index & 1) == 0) {
      bindings_used_ |= 1u << index;
      bindings_[index].kind = Binding::kNothing;
      bindings_[index].memory = {};
    }
    return bindings_[index];
  }

  // A failure of the device is the event's to tell, with all that was to follow.
  template <class Action>
  void attempt(const Action& action) {
    if (failure_ != nullptr) {
      return;
    }
    try {
      context_->require_alive();
      const Context::Scope scope(*context_);
      action();
    } catch (const Error& error) {
      if (error.code() == ErrorCode::kInvalidArgument) {
        throw;
      }
      failure_ = std::current_exception();
    }
  }

  static void require_extent(std::uint64_t extent, std::uint64_t most, const char* what) {
    if (extent > most) {
      throw Error(ErrorCode::kInvalidArgument,
                  "dispatch",
                  fmt::format("{} {} are asked for; {} is CUDA's limit", extent, what, most));
    }
  }

  void dispatch(Grid threads, Grid groups, Grid group) {
    if (groups.x * groups.y * groups.z == 0 || group.x * group.y * group.z == 0) {
      return;
    }
    require_extent(groups.x, std::numeric_limits<std::int32_t>::max(), "threadgroups in x");
    require_extent(groups.y, 65535, "threadgroups in y");
    require_extent(groups.z, 65535, "threadgroups in z");
    for (const std::uint64_t extent : {threads.x, threads.y, threads.z}) {
      require_extent(extent, std::numeric_limits<std::uint32_t>::max(), "threads in a dimension");
    }
    require_extent(group.x * group.y * group.z,
                   pipeline_->max_threads_per_threadgroup(),
                   "threads in a threadgroup of this kernel");
    launch_.threads_per_grid[0] = static_cast<std::uint32_t>(threads.x);
    launch_.threads_per_grid[1] = static_cast<std::uint32_t>(threads.y);
    launch_.threads_per_grid[2] = static_cast<std::uint32_t>(threads.z);
    launch_.whole = threads.x % group.x + threads.y % group.y + threads.z % group.z == 0;
    attempt([&] { launch(groups, group); });
  }

  void launch(Grid groups, Grid group) {
    std::uint32_t in_memory = 0;
    for (const msl::EntryParameter& parameter : pipeline_->usual().parameters()) {
      if (parameter.by_value && at(parameter.buffer).kind == Binding::kMemory) {
        in_memory |= 1u << parameter.buffer;
      }
    }
    const LoadedKernel& kernel = pipeline_->variant(in_memory);
    kernel.allow_shared_memory(shared_bytes_);
    arguments_ = {&launch_};
    for (const msl::EntryParameter& parameter : kernel.parameters()) {
      arguments_.push_back(argument(parameter));
    }
    const auto narrow = [](std::uint64_t extent) { return static_cast<unsigned>(extent); };
    const CUresult launched = context_->driver().launch(kernel.function(),
                                                        narrow(groups.x),
                                                        narrow(groups.y),
                                                        narrow(groups.z),
                                                        narrow(group.x),
                                                        narrow(group.y),
                                                        narrow(group.z),
                                                        narrow(shared_bytes_),
                                                        stream_,
                                                        arguments_.data(),
                                                        nullptr);
    if (launched != CUDA_SUCCESS) {
      context_->check(launched, "launching " + pipeline_->name());
    }
  }

  // Where the driver finds the parameter. What a function constant disables is bound to nothing.
  void* argument(const msl::EntryParameter& parameter) {
    Binding& binding = at(parameter.buffer);
    if (parameter.by_value) {
      if (binding.kind == Binding::kBytes) {
        std::fill(binding.data.begin() + static_cast<std::ptrdiff_t>(binding.bytes),
                  binding.data.begin() + static_cast<std::ptrdiff_t>(binding.written),
                  std::byte{0});
        binding.written = binding.bytes;
      }
      return binding.data.data();
    }
    if (binding.kind == Binding::kBytes) {
      binding.memory = memory_.allocate(binding.bytes);
      binding.address = std::bit_cast<CUdeviceptr>(binding.memory.native());
      binding.kind = Binding::kMemory;
      keep(binding.memory);
      // The driver has taken a copy of pageable memory this small when the call returns. It goes
      // through the context's stream, also where launches are captured: the bytes stay the same.
      context_->check(context_->driver().copy_to_device(
                          binding.address, binding.data.data(), binding.bytes, context_->stream()),
                      "copying arguments");
    } else if (binding.kind == Binding::kNothing) {
      binding.address = 0;
    }
    return &binding.address;
  }

  std::shared_ptr<const Context> context_;
  BufferPool& memory_;
  CUstream stream_;
  std::vector<Buffer>* kept_ = nullptr;  // not null: launches are captured, not run
  const CudaPipeline* pipeline_ = nullptr;
  std::vector<Binding> bindings_;
  std::uint32_t bindings_used_ = 0;  // a bit for each index that was bound since the pipeline was
  Launch launch_ = {};
  size_t shared_bytes_ = 0;
  std::vector<void*> arguments_;
  std::unique_ptr<Moment> begin_;
  std::exception_ptr failure_;
};

}  // namespace

std::unique_ptr<CommandEncoder> make_encoder(std::shared_ptr<const Context> context,
                                             BufferPool& memory) {
  return std::make_unique<CudaEncoder>(std::move(context), memory);
}

std::unique_ptr<CommandEncoder> make_capturing_encoder(std::shared_ptr<const Context> context,
                                                       BufferPool& memory,
                                                       CUstream stream,
                                                       std::vector<Buffer>& kept) {
  return std::make_unique<CudaEncoder>(std::move(context), memory, stream, kept);
}

}  // namespace ingot::cuda
