#include "core/host_array.hpp"

#include <cstdlib>
#include <cstring>
#include <string>

#include "ingot/error.hpp"

namespace ingot {
namespace {

// Page-aligned, so that a GPU with unified memory can use the array in place and shares no page
// with anything else.
constexpr size_t kPage = 16384;

}  // namespace

HostArray::HostArray(DType dtype, const Shape& shape) : dtype_(dtype), shape_(shape) {
  const size_t padded = (bytes() / kPage + 1) * kPage;
  void* memory = nullptr;
  if (posix_memalign(&memory, kPage, padded) != 0) {
    throw Error(ErrorCode::kOutOfMemory,
                "memory",
                "the host could not give " + std::to_string(padded) + " bytes",
                "use smaller arrays or process the data in parts");
  }
  std::memset(memory, 0, padded);
  data_ = static_cast<std::byte*>(memory);
  owner_ = std::shared_ptr<void>(memory, free);
}

HostArray::HostArray(DType dtype, const Shape& shape, std::byte* data, std::shared_ptr<void> owner)
    : dtype_(dtype), shape_(shape), data_(data), owner_(std::move(owner)) {}

double HostArray::real(int64_t index) const {
  return visit(dtype_,
               [&]<class T>() { return static_cast<double>(as<T>()[static_cast<size_t>(index)]); });
}

void HostArray::set_real(int64_t index, double value) {
  visit(dtype_, [&]<class T>() {
    if constexpr (std::is_same_v<T, bfloat16>) {
      as<T>()[static_cast<size_t>(index)] = bfloat16(static_cast<float>(value));
    } else {
      as<T>()[static_cast<size_t>(index)] = static_cast<T>(value);
    }
  });
}

}  // namespace ingot
