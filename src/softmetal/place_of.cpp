#include <dlfcn.h>
#include <map>
#include <mutex>

#include "ingot/error.hpp"

#include "softmetal/line_table.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {

std::optional<Place> place_of(const void* code) {
  const Toolchain& toolchain = Toolchain::get();
  Dl_info object;
  if (dladdr(code, &object) == 0 || !toolchain.owns(object.dli_fname)) {
    return std::nullopt;
  }
  static std::mutex mutex;
  static std::map<std::string, LineTable> tables;
  const std::lock_guard lock(mutex);
  auto table = tables.find(object.dli_fname);
  if (table == tables.end()) {
    try {
      table = tables.emplace(object.dli_fname, LineTable::read(object.dli_fname)).first;
    } catch (const ingot::Error&) {
      return std::nullopt;  // someone has cleared the cache
    }
  }
  const auto offset =
      static_cast<const std::byte*>(code) - static_cast<std::byte*>(object.dli_fbase);
  auto place = table->second.find(static_cast<std::uint64_t>(offset));
  // What the shim adds around a kernel is no place in a shader.
  return place && !toolchain.owns(place->file) ? place : std::nullopt;
}

}  // namespace softmetal
