// The backend contract: what a device must offer. Implementations: cpu/, metal/, cuda/.
//
// Device is memory; every backend has it. GpuDevice adds compiled MSL and command encoding. The CPU
// runs native twins of the kernels instead and is a plain Device. Nothing here knows any kernel.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "ingot/device_info.hpp"

#include "backends/event.hpp"
#include "backends/matrix_provider.hpp"
#include "core/buffer.hpp"
#include "msl/source.hpp"

namespace ingot {

class GpuDevice;

class Device {
 public:
  virtual ~Device() = default;

  virtual const DeviceInfo& info() const = 0;

  /// Uninitialised memory from the device's pool. Throws Error(kOutOfMemory).
  Buffer allocate(size_t bytes) { return pool().allocate(bytes); }
  virtual BufferPool& pool() = 0;

  /// Wraps host memory without a copy. `owner` is kept until the last handle is gone. Returns an
  /// empty Buffer where the device cannot use the memory in place (not page-aligned, or not
  /// unified): the caller then copies.
  virtual Buffer import_host(void* memory, size_t bytes, std::shared_ptr<void> owner) = 0;

  /// Copies between host memory and a buffer, from its byte `offset` on; the copy has ended when it
  /// returns. Work that writes what is read must have ended before. Throws Error(kDevice).
  virtual void upload(const Buffer& to, size_t offset, const void* from, size_t bytes);
  virtual void download(void* to, const Buffer& from, size_t offset, size_t bytes);

  /// Copies from a buffer of another device to the beginning of one of this device, if the two can
  /// do so without the host; else does nothing and returns false. The copy has ended when it
  /// returns. Throws Error(kDevice).
  virtual bool copy_from(
      const Buffer& to, Device& source, const Buffer& from, size_t offset, size_t bytes);

  /// This device as a GPU, or nullptr.
  virtual GpuDevice* gpu() { return nullptr; }
};

/// Value of a function constant, by its index in the source.
struct FunctionConstant {
  uint32_t index;
  std::variant<bool, int32_t, uint32_t, float> value;
  friend bool operator==(const FunctionConstant&, const FunctionConstant&) = default;
};

/// Compiled source. Owned by its device's backend; cheap to copy.
class Library {
 public:
  virtual ~Library() = default;
};

/// One entry point, ready to be dispatched.
class Pipeline {
 public:
  virtual ~Pipeline() = default;
  /// Most threads a threadgroup of this kernel may have; register use can lower it below the
  /// device's limit.
  virtual uint32_t max_threads_per_threadgroup() const = 0;
};

/// Extents in threads or threadgroups.
struct Grid {
  uint64_t x = 1, y = 1, z = 1;
};

/// Records dispatches into one command buffer. Dispatches run in the order given; each sees what
/// earlier ones wrote.
class CommandEncoder {
 public:
  virtual ~CommandEncoder() = default;

  /// What the next dispatches run. Their arguments are to be bound after it.
  virtual void set_pipeline(const Pipeline& pipeline) = 0;
  /// Binds `buffer` from byte `offset` on. The encoder keeps the buffer alive until the work is
  /// done.
  virtual void set_buffer(uint32_t index, const Buffer& buffer, size_t offset) = 0;
  /// Binds a copy of at most 4 KiB of plain data.
  virtual void set_bytes(uint32_t index, const void* data, size_t bytes) = 0;
  virtual void set_threadgroup_memory(uint32_t index, size_t bytes) = 0;
  /// Runs exactly `threads` threads; threadgroups at the edges may be smaller.
  virtual void dispatch_threads(Grid threads, Grid threads_per_threadgroup) = 0;
  virtual void dispatch_threadgroups(Grid threadgroups, Grid threads_per_threadgroup) = 0;
  /// Submits the work; the encoder takes no more calls. A failure is reported by the event, never
  /// thrown here.
  virtual Event commit() = 0;
};

/// What puts work into an encoder, the same at every call.
using Encode = std::function<void(CommandEncoder&)>;

/// Work that was put together once, to be run again on the same memory.
class ReplayableWork {
 public:
  virtual ~ReplayableWork() = default;
  /// Submits it behind all work that was submitted before.
  virtual Event run() = 0;
};

class GpuDevice : public Device {
 public:
  GpuDevice* gpu() final { return this; }

  /// Throws Error(kNotFound) that says what is missing when the device could not run a kernel that
  /// nobody has compiled before.
  virtual void require_compiler() const {}

  /// Throws Error(kCompile) with the compiler's diagnostics (file:line:column).
  virtual std::shared_ptr<Library> compile(const msl::Source& source) = 0;
  /// Throws Error(kNotFound) for an unknown function, Error(kCompile) when it does not build with
  /// these constants.
  virtual std::shared_ptr<Pipeline> pipeline(const Library& library,
                                             std::string_view function,
                                             const std::vector<FunctionConstant>& constants) = 0;
  virtual std::unique_ptr<CommandEncoder> encoder() = 0;

  /// The library that multiplies matrices on this device, opened when it is first asked for. There
  /// is none unless the backend says so.
  virtual const MatrixLibrary& matrix_library();

  /// What `encode` encodes, to be run again; it keeps the buffers that it binds, but for those that
  /// it allocates when it is called. It has been called for a common encoder before, so that
  /// everything is compiled. Here it is called at each run; a device that can keep the result does
  /// better, and keeps the memory with it. One at a time. Throws Error(kOutOfMemory or kDevice).
  virtual std::unique_ptr<ReplayableWork> make_replayable(Encode encode);
};

/// Makes the device of a kind. Throws Error(kNotFound) where this machine has none, and other codes
/// where something is wrong with it; either says why, and what to do.
/// `ordinal` is below count_devices(kind).
std::unique_ptr<Device> make_device(BackendKind kind, int ordinal = 0);

/// How many devices of a kind there may be; at least one, or an Error as make_device's.
int count_devices(BackendKind kind);

}  // namespace ingot
