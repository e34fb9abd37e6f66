#include <dlfcn.h>
#include <map>
#include <mutex>

#include "ingot/error.hpp"

#include "softmetal/line_table.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {

std::optional<Place> place_of(const void* code) {
  Dl_info object;
  // Kernels are loaded from the cache, and nothing else is.
  if (dladdr(code, &object) == 0 || std::filesystem::path(object.dli_fname).parent_path() !=
                                        Toolchain::get().cache().directory()) {
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
  return table->second.find(static_cast<std::uint64_t>(static_cast<const std::byte*>(code) -
                                                       static_cast<std::byte*>(object.dli_fbase)));
}

}  // namespace softmetal
