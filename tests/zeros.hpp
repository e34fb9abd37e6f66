// Large arrays that cost nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <sys/mman.h>

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

namespace ingot {

/// Zeros on the host, which take no memory until they are written.
template <class T>
class Zeros {
 public:
  explicit Zeros(const Shape& shape) : shape_(shape) {
    const size_t bytes = static_cast<size_t>(shape.elements()) * sizeof(T);
    void* memory = mmap(
        nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) {
      throw Error(ErrorCode::kOutOfMemory, "host", std::to_string(bytes) + " bytes were refused");
    }
    memory_ = std::shared_ptr<void>(memory, [bytes](void* m) { munmap(m, bytes); });
  }

  /// Element i in row-major order.
  T& operator[](int64_t i) { return static_cast<T*>(memory_.get())[i]; }
  /// Of a matrix.
  T& at(int64_t row, int64_t column) { return (*this)[row * shape_[1] + column]; }
  /// In place where the device can.
  Tensor on(const Backend& backend) const {
    return backend.import_host(memory_.get(), dtype_of<T>, shape_, memory_);
  }

 private:
  Shape shape_;
  std::shared_ptr<void> memory_;
};

}  // namespace ingot
