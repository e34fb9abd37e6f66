#include "ingot/tensor.hpp"

#include <cstring>
#include <string>

#include "backends/event.hpp"
#include "core/buffer.hpp"
#include "runtime/stream.hpp"

namespace ingot {

struct Tensor::Storage {
  std::shared_ptr<Stream> stream;
  Buffer buffer;
  std::shared_ptr<const Event> event;
};

Tensor::Tensor(std::shared_ptr<Stream> stream,
               Buffer buffer,
               size_t byte_offset,
               DType dtype,
               const Shape& shape,
               std::shared_ptr<const Event> event)
    : storage_(std::make_shared<const Storage>(
          Storage{std::move(stream), std::move(buffer), std::move(event)})),
      byte_offset_(byte_offset),
      dtype_(dtype),
      shape_(shape) {}

const Tensor::Storage& Tensor::storage() const {
  if (storage_ == nullptr) {
    throw Error(ErrorCode::kInvalidArgument, "tensor", "has no data", "make it with to_device");
  }
  return *storage_;
}

const std::shared_ptr<Stream>& Tensor::stream() const {
  return storage().stream;
}

const Buffer& Tensor::buffer() const {
  return storage().buffer;
}

const Event& Tensor::event() const {
  return *storage().event;
}

Backend Tensor::backend() const {
  return Backend(stream());
}

std::byte* Tensor::host() const {
  return buffer().host() == nullptr ? nullptr : buffer().host() + byte_offset_;
}

void Tensor::copy_to_host(void* destination) const {
  stream()->require_no_capture("reading the data of a tensor");
  event().wait();
  if (bytes() > 0) {
    stream()->device().download(destination, buffer(), byte_offset_, bytes());
  }
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (shape.elements() != elements()) {
    throw Error(ErrorCode::kInvalidArgument,
                "reshape",
                to_string(shape_) + " has " + std::to_string(elements()) + " elements, " +
                    to_string(shape) + " has " + std::to_string(shape.elements()));
  }
  Tensor view = *this;
  view.shape_ = shape;
  return view;
}

Tensor Tensor::rows(int64_t begin, int64_t end) const {
  if (shape_.rank() == 0 || begin < 0 || begin > end || end > shape_[0]) {
    throw Error(ErrorCode::kInvalidArgument,
                "rows",
                std::to_string(begin) + ".." + std::to_string(end) + " is not within shape " +
                    to_string(shape_));
  }
  Tensor view = *this;
  view.shape_ = shape_.with(0, end - begin);
  const int64_t row = shape_.without(0).elements();
  view.byte_offset_ += static_cast<size_t>(begin * row) * size_of(dtype_);
  return view;
}

void Tensor::require_dtype(DType dtype) const {
  if (dtype != dtype_) {
    throw Error(ErrorCode::kInvalidArgument,
                "tensor",
                "holds " + std::string(to_string(dtype_)) + ", but was asked for as " +
                    std::string(to_string(dtype)));
  }
}

void Tensor::require_one_element() const {
  if (elements() != 1) {
    throw Error(ErrorCode::kInvalidArgument,
                "tensor",
                "item() needs one element, the shape is " + to_string(shape_));
  }
}

}  // namespace ingot
