#include "softmetal/allocation_checks.hpp"

#include <unistd.h>
#include <utility>

#include "fmt/format.h"

#include "softmetal/checks/findings.hpp"

namespace softmetal {
namespace {

MTL::StorageMode storage_mode(MTL::ResourceOptions options) {
  return static_cast<MTL::StorageMode>(options >> 4 & 15);
}

}  // namespace

bool refuse_allocation(std::string reason) {
  if (options().checks.has(Check::kArguments)) {
    Finding finding;
    finding.check = Check::kArguments;
    finding.message = std::move(reason);
    report(std::move(finding));
  }
  return false;
}

bool check_buffer(const char* function, NS::UInteger length, MTL::ResourceOptions options) {
  const NS::UInteger limit = shared_device()->maxBufferLength();
  if (length == 0 || length > limit) {
    return refuse_allocation(
        fmt::format("{} of {} bytes: 1 to {} are possible", function, length, limit));
  }
  if (storage_mode(options) > MTL::StorageModePrivate) {
    return refuse_allocation(
        fmt::format("{} with the storage mode {}: buffers are shared, managed or private",
                    function,
                    static_cast<unsigned>(storage_mode(options))));
  }
  return true;
}

bool check_borrowed(const void* pointer, NS::UInteger length, MTL::ResourceOptions options) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  if (pointer == nullptr || reinterpret_cast<std::uintptr_t>(pointer) % page != 0 ||
      length % page != 0) {
    return refuse_allocation(
        fmt::format("newBuffer without a copy of {} bytes at {}: both must be multiples of the "
                    "page size, {}",
                    length,
                    pointer,
                    page));
  }
  if (storage_mode(options) == MTL::StorageModePrivate) {
    return refuse_allocation(
        "newBuffer without a copy: the memory of a private buffer is not the "
        "program's");
  }
  return true;
}

}  // namespace softmetal
