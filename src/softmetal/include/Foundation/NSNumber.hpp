#pragma once

#include <variant>

#include "Foundation/NSObject.hpp"

namespace NS {

/// A number, in the widest type of its kind.
class Number : public Copying<Number> {
 public:
  static Number* number(int value) { return make(std::int64_t{value}); }
  static Number* number(long value) { return make(std::int64_t{value}); }
  static Number* number(long long value) { return make(std::int64_t{value}); }
  static Number* number(unsigned int value) { return make(std::uint64_t{value}); }
  static Number* number(unsigned long value) { return make(std::uint64_t{value}); }
  static Number* number(unsigned long long value) { return make(std::uint64_t{value}); }
  static Number* number(float value) { return make(double{value}); }
  static Number* number(double value) { return make(value); }
  static Number* number(bool value) { return make(std::int64_t{value}); }

  int intValue() const { return as<int>(); }
  unsigned int unsignedIntValue() const { return as<unsigned int>(); }
  long longValue() const { return as<long>(); }
  unsigned long unsignedLongValue() const { return as<unsigned long>(); }
  float floatValue() const { return as<float>(); }
  double doubleValue() const { return as<double>(); }
  bool boolValue() const { return as<bool>(); }
  Integer integerValue() const { return as<Integer>(); }
  UInteger unsignedIntegerValue() const { return as<UInteger>(); }
  String* stringValue() const { return description(); }

 private:
  using Value = std::variant<std::int64_t, std::uint64_t, double>;

  explicit Number(Value value) : value_(value) {}
  static Number* make(Value value) { return (new Number(value))->autorelease(); }
  template <class T>
  T as() const {
    return std::visit([](auto value) { return static_cast<T>(value); }, value_);
  }
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return static_cast<UInteger>(as<std::int64_t>()); }
  std::string describe() const override;

  Value value_;
};

}  // namespace NS
