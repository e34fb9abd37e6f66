#include "softmetal/checks/hooks.hpp"

#include <cstdint>
#include <cstring>
#include <fmt/format.h>
#include <string>

#include "softmetal/checks/monitor.hpp"

namespace softmetal {
namespace {

// The data that clang's undefined behaviour checks pass to their handlers begins so.
struct SourceLocation {
  const char* file;
  std::uint32_t line;
  std::uint32_t column;
};
struct TypeDescriptor {
  std::uint16_t kind;  // 0: integer
  std::uint16_t info;  // of an integer: twice the binary logarithm of its bits, plus one if signed
  char name[1];

  unsigned bits() const { return 1u << (info >> 1); }
  bool is_signed() const { return (info & 1) != 0; }
};
struct ShiftData {
  SourceLocation location;
  const TypeDescriptor* left;
  const TypeDescriptor* right;
};
struct DivisionData {
  SourceLocation location;
  const TypeDescriptor* type;
};
struct AlignmentData {
  SourceLocation location;
  const TypeDescriptor* type;
  unsigned char log_alignment;
  unsigned char kind;
};
struct IndexData {
  SourceLocation location;
  const TypeDescriptor* array;
  const TypeDescriptor* index;
};

// All calls come from a checked build, which only runs under a monitor.
template <std::size_t kBytes, bool kIsWrite>
void access(void* address) {
  Monitor::active().access<kBytes, kIsWrite>(reinterpret_cast<std::uintptr_t>(address),
                                             __builtin_return_address(0));
}

void access_bytes(void* address, unsigned long bytes, bool writes, const void* site) {
  Monitor::active().access(reinterpret_cast<std::uintptr_t>(address),
                           bytes,
                           writes ? Access::Kind::kWrite : Access::Kind::kRead,
                           site);
}

void atomic(
    const volatile void* address, unsigned long bytes, bool reads, bool writes, const void* site) {
  Monitor::active().access(reinterpret_cast<std::uintptr_t>(address),
                           bytes,
                           !writes  ? Access::Kind::kAtomicRead
                           : !reads ? Access::Kind::kAtomicWrite
                                    : Access::Kind::kAtomicUpdate,
                           site);
}

void fence(bool releases, bool acquires) {
  Monitor::active().fence(releases, acquires);
}

// An integer operand as the handlers get it; wider ones than 64 bits MSL does not have.
std::string operand(const TypeDescriptor& type, unsigned long value) {
  if (!type.is_signed() || type.bits() > 64) {
    return std::to_string(value);
  }
  const unsigned unused = 64 - type.bits();
  return std::to_string(static_cast<std::int64_t>(value << unused) >> unused);
}

[[gnu::noinline]] void record_fault(Monitor& monitor,
                                    UndefinedOperation operation,
                                    const void* data,
                                    unsigned long left,
                                    unsigned long right,
                                    const void* site) {
  const auto& location = *static_cast<const SourceLocation*>(data);
  const auto place = [&] { return Place{location.file, location.line, location.column}; };
  switch (operation) {
    case UndefinedOperation::kShift: {
      const auto& shift = *static_cast<const ShiftData*>(data);
      monitor.fault(Check::kArithmetic,
                    fmt::format("a shift of {} ({} bits) by {}",
                                shift.left->name,
                                shift.left->bits(),
                                operand(*shift.right, right)),
                    place(),
                    site,
                    false);
      break;
    }
    case UndefinedOperation::kDivision: {
      const auto& type = *static_cast<const DivisionData*>(data)->type;
      monitor.fault(
          Check::kArithmetic,
          fmt::format("a division of {} by {}", operand(type, left), operand(type, right)),
          place(),
          site,
          true);
      break;
    }
    case UndefinedOperation::kAlignment: {
      const auto& alignment = *static_cast<const AlignmentData*>(data);
      monitor.fault(Check::kAlignment,
                    fmt::format("an access to {} at {:#x}, which is not a multiple of {}",
                                alignment.type->name,
                                left,
                                1u << alignment.log_alignment),
                    place(),
                    site,
                    false);
      break;
    }
    case UndefinedOperation::kIndex: {
      const auto& index = *static_cast<const IndexData*>(data);
      monitor.fault(
          Check::kBounds,
          fmt::format(
              "the index {} is outside of {}", operand(*index.index, left), index.array->name),
          place(),
          site,
          true);
      break;
    }
  }
}

void fault(UndefinedOperation operation,
           void* data,
           unsigned long left,
           unsigned long right,
           const void* site) {
  Monitor& monitor = Monitor::active();
  record_fault(monitor, operation, data, left, right, site);
  monitor.stop_if_fatal();
}

}  // namespace

Checks check_hooks() {
  return {
      .load = {access<1, false>,
               access<2, false>,
               access<4, false>,
               access<8, false>,
               access<16, false>},
      .store =
          {access<1, true>, access<2, true>, access<4, true>, access<8, true>, access<16, true>},
      .access = access_bytes,
      .atomic = atomic,
      .fence = fence,
      .fault = fault,
  };
}

}  // namespace softmetal
