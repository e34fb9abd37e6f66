// Backends and the tensors that live on them.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/device_info.hpp"
#include "ingot/dtype.hpp"
#include "ingot/error.hpp"
#include "ingot/shape.hpp"

namespace ingot {

class Backend;
class Buffer;
class Event;
class Stream;  // orders work on one device (src/runtime/stream.hpp)

enum class BackendPreference : uint8_t { kAuto, kCpu, kMetal, kCuda, kSoftMetal };

/// A device as it is asked for: a kind, and which of several. Only CUDA has several.
struct DeviceChoice {
  BackendPreference preference;
  int ordinal;

  DeviceChoice(BackendPreference kind = BackendPreference::kAuto, int which = 0)
      : preference(kind), ordinal(which) {}
  friend bool operator==(const DeviceChoice&, const DeviceChoice&) = default;
};

/// "auto", "cpu", "metal", "cuda" (the first), "cuda:1", "softmetal". Throws
/// Error(kInvalidArgument) for any other text.
DeviceChoice parse_device(std::string_view text);

/// Opens a device. kAuto takes the first that this machine has of Metal, CUDA, CPU, and passes over
/// one that does not start, see Backend::notice; softmetal is taken only when asked for, as it is a
/// test device. Throws Error(kNotFound) that says why a device asked for by name is missing, and
/// other codes for one that does not start.
Backend init_backend(DeviceChoice device = {});

/// One line of `ingot devices`.
struct DeviceReport {
  std::string device;  // as parse_device takes it
  BackendKind kind;
  bool available;
  DeviceInfo info;     // when available
  std::string reason;  // why not, and what to do, when not
};

/// All devices, with what they offer, and the kinds that are missing on this machine, with why.
std::vector<DeviceReport> list_devices();

/// A dense row-major array on a device. A cheap handle: copies share the data, and results are
/// never written again, so sharing is safe. Data is fetched by an explicit call (`to_vector`,
/// `copy_to_host`), which waits for the work that produces it and throws Error(kDevice) if that
/// work failed.
class Tensor {
 public:
  /// Has no data: an optional argument that is not given. Reading it throws
  /// Error(kInvalidArgument).
  Tensor() = default;

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t elements() const { return shape_.elements(); }
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype_); }
  Backend backend() const;
  /// False for a default-made tensor: an optional argument that was not given.
  explicit operator bool() const { return storage_ != nullptr; }

  /// Copies the data to `destination`, which must hold bytes() bytes.
  void copy_to_host(void* destination) const;
  /// The data as a vector. T must be the C++ type of dtype(), else Error(kInvalidArgument).
  template <class T>
  std::vector<T> to_vector() const {
    require_dtype(dtype_of<T>);
    std::vector<T> values(static_cast<size_t>(elements()));
    copy_to_host(values.data());
    return values;
  }
  /// The single element of a tensor of one element.
  template <class T>
  T item() const {
    require_dtype(dtype_of<T>);
    require_one_element();
    T value;
    copy_to_host(&value);
    return value;
  }

  /// The same data under another shape with as many elements.
  Tensor reshape(const Shape& shape) const;
  /// Rows begin..end of the first dimension, without a copy.
  Tensor rows(int64_t begin, int64_t end) const;

  /// For kernels and backends: where the data is. Not needed to use Ingot.
  Tensor(std::shared_ptr<Stream> stream,
         Buffer buffer,
         size_t byte_offset,
         DType dtype,
         const Shape& shape,
         std::shared_ptr<const Event> event);
  const std::shared_ptr<Stream>& stream() const;
  const Buffer& buffer() const;
  size_t byte_offset() const { return byte_offset_; }
  const Event& event() const;
  /// First element as the host sees it; nullptr where it does not. Does not wait.
  std::byte* host() const;
  template <class T>
  T* host_as() const {
    return reinterpret_cast<T*>(host());
  }

 private:
  void require_dtype(DType dtype) const;
  void require_one_element() const;

  // One for all tensors of the same data, so that copying a handle counts one reference.
  struct Storage;
  const Storage& storage() const;

  std::shared_ptr<const Storage> storage_;
  size_t byte_offset_ = 0;
  DType dtype_ = DType::kF32;
  Shape shape_;
};

/// What a backend's memory pool holds, in bytes and counts since the backend was opened.
struct MemoryUse {
  size_t in_use, cached, high_water, hits, misses;
};

/// An open device. A cheap handle; safe to use from several threads.
class Backend {
 public:
  explicit Backend(std::shared_ptr<Stream> stream) : stream_(std::move(stream)) {}

  std::string name() const;              // "cpu", "metal", ..., of several "cuda", "cuda:1", ...
  std::string_view device_name() const;  // "Apple M3 Max"
  const DeviceInfo& info() const;
  /// What a user should know, in one line: why kAuto passed over a device that is there, what the
  /// device itself has to say (DeviceInfo::notice). Mostly empty.
  std::string notice() const;

  /// A tensor with a copy of `values`, of shape `shape` (one dimension when not given).
  template <class T>
  Tensor to_device(std::span<const T> values, const Shape& shape) const {
    return copy_from_host(values.data(), values.size_bytes(), dtype_of<T>, shape);
  }
  template <class T>
  Tensor to_device(const std::vector<T>& values, const Shape& shape) const {
    return to_device(std::span<const T>(values), shape);
  }
  template <class T>
  Tensor to_device(const std::vector<T>& values) const {
    return to_device(std::span<const T>(values), {static_cast<int64_t>(values.size())});
  }
  /// As to_device, for bytes whose type is known at run time. Throws Error(kInvalidArgument) when
  /// `bytes` is not what dtype and shape take.
  Tensor copy_from_host(const void* data, size_t bytes, DType dtype, const Shape& shape) const;
  /// A tensor that reads `memory` in place where the device can (unified memory; page-aligned on a
  /// GPU), else a copy. `owner` keeps the memory alive as long as it is used; the memory must not
  /// be written meanwhile.
  Tensor import_host(void* memory,
                     DType dtype,
                     const Shape& shape,
                     std::shared_ptr<void> owner) const;

  /// The tensor on this device: itself where it is there, else a copy, which has been made when the
  /// call returns; directly from GPU to GPU where they can, else by way of the host. Throws
  /// Error(kDevice) when the work that makes the tensor failed, and Error(kOutOfMemory).
  Tensor copy(const Tensor& tensor) const;

  /// Waits for all work given to the device. Throws Error(kDevice) if some of it failed.
  void synchronize() const;

  MemoryUse memory_use() const;
  /// Gives unused memory back to the system.
  void trim_memory() const;

  const std::shared_ptr<Stream>& stream() const { return stream_; }

 private:
  std::shared_ptr<Stream> stream_;
};

}  // namespace ingot
