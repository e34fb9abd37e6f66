// NS::Value and NS::Number.
#include <algorithm>
#include <cstring>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "Foundation/Foundation.hpp"

namespace NS {
namespace {

std::size_t bytes_of(std::string_view type) {
  switch (type.empty() ? '\0' : type[0]) {
    case 'c':
    case 'C':
    case 'B':
      return 1;
    case 's':
    case 'S':
      return 2;
    case 'i':
    case 'I':
    case 'f':
      return 4;
    case 'l':
    case 'L':
    case 'q':
    case 'Q':
    case 'd':
    case '^':
      return 8;
    default:
      throw ingot::Error(ingot::ErrorCode::kUnsupported,
                         fmt::format("NS::Value of type '{}'", type),
                         "values are numbers or pointers here");
  }
}

}  // namespace

Value* Value::value(const void* pValue, const char* pType) {
  return alloc()->autorelease()->init(pValue, pType);
}
Value* Value::value(const void* pPointer) {
  return value(&pPointer, "^v");
}
Value* Value::init(const void* pValue, const char* pType) {
  const auto* bytes = static_cast<const char*>(pValue);
  bytes_.assign(bytes, bytes + bytes_of(pType));
  type_ = pType;
  return this;
}
void Value::getValue(void* pValue, UInteger size) const {
  std::memcpy(pValue, bytes_.data(), std::min<UInteger>(size, bytes_.size()));
}
void* Value::pointerValue() const {
  void* pointer = nullptr;
  getValue(&pointer, sizeof pointer);
  return pointer;
}
bool Value::equals(const softmetal::Counted& other) const {
  const auto* value = dynamic_cast<const Value*>(&other);
  return value != nullptr && value->type_ == type_ && value->bytes_ == bytes_;
}

ComparisonResult Number::compare(const Number* pOtherNumber) const {
  return std::visit(
      [](auto a, auto b) {
        const auto order = [](auto x, auto y) {
          return x < y ? OrderedAscending : y < x ? OrderedDescending : OrderedSame;
        };
        if constexpr (std::is_integral_v<decltype(a)> && std::is_integral_v<decltype(b)>) {
          return std::cmp_less(a, b)   ? OrderedAscending
                 : std::cmp_less(b, a) ? OrderedDescending
                                       : OrderedSame;
        } else {
          return order(static_cast<double>(a), static_cast<double>(b));
        }
      },
      content_,
      pOtherNumber->content_);
}
bool Number::equals(const softmetal::Counted& other) const {
  const auto* number = dynamic_cast<const Number*>(&other);
  return number != nullptr && compare(number) == OrderedSame;
}
std::string Number::describe() const {
  return std::visit([](auto value) { return fmt::format("{}", value); }, content_);
}

}  // namespace NS
