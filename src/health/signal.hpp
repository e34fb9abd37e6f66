// One value read from the machine, which may be missing.
#pragma once

#include <optional>
#include <string>
#include <utility>

namespace ingot::health {

/// A value and where it was read; without a value, why it is unknown. An unknown signal never
/// counts as good or bad.
template <class T>
struct Signal {
  std::optional<T> value;
  std::string source;

  bool known() const { return value.has_value(); }
};

template <class T>
Signal<T> known(T value, std::string source) {
  return {std::move(value), std::move(source)};
}

template <class T>
Signal<T> unknown(std::string reason) {
  return {std::nullopt, std::move(reason)};
}

}  // namespace ingot::health
