// An array in host memory whose dtype is known at run time: what files hold and tests compare.
#pragma once

#include <cstddef>
#include <cstring>
#include <memory>
#include <span>
#include <vector>

#include "ingot/dtype.hpp"
#include "ingot/shape.hpp"

namespace ingot {

/// Dense and row-major. Copies share the data.
class HostArray {
 public:
  HostArray() = default;
  /// Zero-filled. Throws Error(kOutOfMemory).
  HostArray(DType dtype, const Shape& shape);
  /// Takes `data`, which must be shape.elements() elements and may be a mapped file; `owner` keeps
  /// it alive.
  HostArray(DType dtype, const Shape& shape, std::byte* data, std::shared_ptr<void> owner);

  template <class T>
  static HostArray of(const std::vector<T>& values, const Shape& shape) {
    HostArray array(dtype_of<T>, shape);
    if (!values.empty()) {
      std::memcpy(array.data(), values.data(), array.bytes());
    }
    return array;
  }
  template <class T>
  static HostArray of(const std::vector<T>& values) {
    return of(values, {static_cast<int64_t>(values.size())});
  }

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  int64_t elements() const { return shape_.elements(); }
  size_t bytes() const { return static_cast<size_t>(elements()) * size_of(dtype_); }
  std::byte* data() const { return data_; }
  const std::shared_ptr<void>& owner() const { return owner_; }

  template <class T>
  std::span<T> as() const {
    return {reinterpret_cast<T*>(data_), static_cast<size_t>(elements())};
  }
  /// Element `index` as a double (64-bit integers may be rounded).
  double real(int64_t index) const;
  /// Rounds `value` to the dtype.
  void set_real(int64_t index, double value);

 private:
  DType dtype_ = DType::kF32;
  Shape shape_{0};
  std::byte* data_ = nullptr;
  std::shared_ptr<void> owner_;
};

}  // namespace ingot
