// Any bytes given to the Metal reader end in a module or in an ingot::Error, and what was read can
// be emitted or is refused with one.
#include <cstddef>
#include <cstdint>
#include <string>

#include "ingot/error.hpp"

#include "msl/host_emitter.hpp"
#include "msl/reader.hpp"
#include "msl/source.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace ingot::msl;
  const std::string text(reinterpret_cast<const char*>(data), size);
  try {
    flatten({"fuzz.metal", text}, [](std::string_view path, std::string_view from) {
      return std::optional<Source>({std::string(path), std::string(from)});
    });
  } catch (const ingot::Error&) {
  }
  try {
    const Module module = read_module(text, "fuzz.metal");
    emit_host({&module, nullptr, {}});
    for (const Kernel& kernel : module.kernels) {
      emit_host({&module, &kernel, {{"0", "true"}}});
    }
  } catch (const ingot::Error&) {
  }
  return 0;
}
