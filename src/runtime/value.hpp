// Values of plain parameters.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace ingot {

/// An integer, a real number, a flag or a word.
class Value {
 public:
  Value(bool flag) : value_(flag) {}
  template <std::integral T>
    requires(!std::same_as<T, bool>)
  Value(T integer) : value_(static_cast<int64_t>(integer)) {}
  Value(std::floating_point auto real) : value_(static_cast<double>(real)) {}
  Value(std::string word) : value_(std::move(word)) {}
  Value(std::string_view word) : value_(std::string(word)) {}
  Value(const char* word) : value_(std::string(word)) {}

  using Variant = std::variant<bool, int64_t, double, std::string>;
  const Variant& get() const { return value_; }

 private:
  Variant value_;
};

struct NamedValue {
  std::string_view name;
  Value value;
};

}  // namespace ingot
