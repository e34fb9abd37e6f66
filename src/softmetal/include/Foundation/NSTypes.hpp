// Integers and what the other headers need.
#pragma once

#include <cstdint>

namespace NS {

using TimeInterval = double;
using Integer = std::intptr_t;
using UInteger = std::uintptr_t;

inline constexpr Integer IntegerMax = INTPTR_MAX;
inline constexpr Integer IntegerMin = INTPTR_MIN;
inline constexpr UInteger UIntegerMax = UINTPTR_MAX;

struct OperatingSystemVersion {
  Integer majorVersion;
  Integer minorVersion;
  Integer patchVersion;
};

enum ComparisonResult : Integer {
  OrderedAscending = -1,
  OrderedSame = 0,
  OrderedDescending = 1,
};

/// The location of what was not found.
inline constexpr Integer NotFound = IntegerMax;

}  // namespace NS
