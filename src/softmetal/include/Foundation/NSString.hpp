#pragma once

#include <string>

#include "Foundation/NSObject.hpp"

namespace NS {

enum StringEncoding : UInteger {
  ASCIIStringEncoding = 1,
  UTF8StringEncoding = 4,
};

/// Text, kept as UTF-8 and never changed. Lengths are those of Unicode text in UTF-16 code units.
class String : public Copying<String> {
 public:
  static String* string();
  static String* string(const String* pString);
  static String* string(const char* pString, StringEncoding encoding);

  static String* alloc() { return new String(); }
  String* init() { return this; }
  String* init(const String* pString);
  String* init(const char* pString, StringEncoding encoding);

  UInteger length() const;
  const char* cString(StringEncoding) const { return utf8String(); }
  const char* utf8String() const { return text_.c_str(); }
  UInteger maximumLengthOfBytes(StringEncoding) const { return text_.size(); }
  UInteger lengthOfBytes(StringEncoding) const { return text_.size(); }

  bool isEqualToString(const String* pString) const { return isEqual(pString); }
  String* stringByAppendingString(const String* pString) const;

 private:
  String() = default;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return std::hash<std::string>()(text_); }
  std::string describe() const override { return text_; }

  std::string text_;
};

/// An NS::String from a literal; it lives as long as the program.
#define MTLSTR(literal)                                                       \
  ([] {                                                                       \
    static ::NS::String* const string =                                       \
        ::NS::String::alloc()->init("" literal "", ::NS::UTF8StringEncoding); \
    return string;                                                            \
  }())

}  // namespace NS
