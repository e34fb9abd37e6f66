#pragma once

#include <string>
#include <variant>
#include <vector>

#include "Foundation/NSObject.hpp"

namespace NS {

/// Bytes with the Objective-C encoding of their type.
class Value : public Copying<Value> {
 public:
  static Value* value(const void* pValue, const char* pType);
  static Value* value(const void* pPointer);

  static Value* alloc() { return new Value(); }
  /// Types are those of numbers and pointers: "i", "f", "^v", ... Throws ingot::Error for others.
  Value* init(const void* pValue, const char* pType);

  /// Copies min(size, bytes of the type).
  void getValue(void* pValue, UInteger size) const;
  const char* objCType() const { return type_.c_str(); }
  bool isEqualToValue(Value* pValue) const { return isEqual(pValue); }
  void* pointerValue() const;

 protected:
  Value() = default;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return bytes_.size(); }

  std::string type_;
  std::vector<char> bytes_;
};

/// A number of any C++ type. Numbers are equal when their values are.
class Number : public Copying<Number, Value> {
 public:
  static Number* number(char value) { return make(value); }
  static Number* number(unsigned char value) { return make(value); }
  static Number* number(short value) { return make(value); }
  static Number* number(unsigned short value) { return make(value); }
  static Number* number(int value) { return make(value); }
  static Number* number(unsigned int value) { return make(value); }
  static Number* number(long value) { return make(value); }
  static Number* number(unsigned long value) { return make(value); }
  static Number* number(long long value) { return make(value); }
  static Number* number(unsigned long long value) { return make(value); }
  static Number* number(float value) { return make(value); }
  static Number* number(double value) { return make(value); }
  static Number* number(bool value) { return make(value); }

  static Number* alloc() { return new Number(); }
  Number* init(char value) { return set(value, "c"); }
  Number* init(unsigned char value) { return set(value, "C"); }
  Number* init(short value) { return set(value, "s"); }
  Number* init(unsigned short value) { return set(value, "S"); }
  Number* init(int value) { return set(value, "i"); }
  Number* init(unsigned int value) { return set(value, "I"); }
  Number* init(long value) { return set(value, "l"); }
  Number* init(unsigned long value) { return set(value, "L"); }
  Number* init(long long value) { return set(value, "q"); }
  Number* init(unsigned long long value) { return set(value, "Q"); }
  Number* init(float value) { return set(value, "f"); }
  Number* init(double value) { return set(value, "d"); }
  Number* init(bool value) { return set(value, "B"); }

  char charValue() const { return as<char>(); }
  unsigned char unsignedCharValue() const { return as<unsigned char>(); }
  short shortValue() const { return as<short>(); }
  unsigned short unsignedShortValue() const { return as<unsigned short>(); }
  int intValue() const { return as<int>(); }
  unsigned int unsignedIntValue() const { return as<unsigned int>(); }
  long longValue() const { return as<long>(); }
  unsigned long unsignedLongValue() const { return as<unsigned long>(); }
  long long longLongValue() const { return as<long long>(); }
  unsigned long long unsignedLongLongValue() const { return as<unsigned long long>(); }
  float floatValue() const { return as<float>(); }
  double doubleValue() const { return as<double>(); }
  bool boolValue() const { return as<bool>(); }
  Integer integerValue() const { return as<Integer>(); }
  UInteger unsignedIntegerValue() const { return as<UInteger>(); }
  /// The shortest text that gives the number back; "1" or "0" of a bool.
  String* stringValue() const { return description(); }
  ComparisonResult compare(const Number* pOtherNumber) const;
  bool isEqualToNumber(const Number* pNumber) const { return isEqual(pNumber); }
  /// Locales are not looked at.
  String* descriptionWithLocale(const Object*) const { return description(); }

 private:
  using Content = std::variant<std::int64_t, std::uint64_t, float, double>;

  Number() = default;
  template <class T>
  static Number* make(T value) {
    return alloc()->init(value)->autorelease();
  }
  template <class T>
  Number* set(T value, const char* type) {
    Value::init(&value, type);
    if constexpr (std::is_floating_point_v<T>) {
      content_ = value;
    } else if constexpr (std::is_signed_v<T>) {
      content_ = std::int64_t{value};
    } else {
      content_ = std::uint64_t{value};
    }
    return this;
  }
  template <class T>
  T as() const {
    return std::visit([](auto value) { return static_cast<T>(value); }, content_);
  }
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return static_cast<UInteger>(as<double>()); }
  std::string describe() const override;

  Content content_ = std::int64_t{0};
};

}  // namespace NS
