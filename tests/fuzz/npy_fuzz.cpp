// Any bytes given to the .npy header parser end in a header whose data begins within them, or in
// an ingot::Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include "ingot/error.hpp"

#include "core/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    const ingot::NpyHeader header =
        ingot::parse_npy_header({reinterpret_cast<const std::byte*>(data), size}, "fuzz.npy");
    if (header.data_offset > size || header.shape.elements() < 0) {
      std::abort();
    }
  } catch (const ingot::Error&) {
  }
  return 0;
}
