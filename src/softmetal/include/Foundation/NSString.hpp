#pragma once

#include <string>

#include "Foundation/NSObject.hpp"
#include "Foundation/NSRange.hpp"

namespace softmetal {

/// A string that lives as long as the program, whoever releases it.
NS::String* constant_string(const char* text);

}  // namespace softmetal

namespace NS {

enum StringEncoding : UInteger {
  ASCIIStringEncoding = 1,
  NEXTSTEPStringEncoding = 2,
  JapaneseEUCStringEncoding = 3,
  UTF8StringEncoding = 4,
  ISOLatin1StringEncoding = 5,
  SymbolStringEncoding = 6,
  NonLossyASCIIStringEncoding = 7,
  ShiftJISStringEncoding = 8,
  ISOLatin2StringEncoding = 9,
  UnicodeStringEncoding = 10,
  WindowsCP1251StringEncoding = 11,
  WindowsCP1252StringEncoding = 12,
  WindowsCP1253StringEncoding = 13,
  WindowsCP1254StringEncoding = 14,
  WindowsCP1250StringEncoding = 15,
  ISO2022JPStringEncoding = 21,
  MacOSRomanStringEncoding = 30,
  UTF16StringEncoding = UnicodeStringEncoding,
  UTF16BigEndianStringEncoding = 0x90000100,
  UTF16LittleEndianStringEncoding = 0x94000100,
  UTF32StringEncoding = 0x8c000100,
  UTF32BigEndianStringEncoding = 0x98000100,
  UTF32LittleEndianStringEncoding = 0x9c000100,
};

using StringCompareOptions = UInteger;
enum : UInteger {
  CaseInsensitiveSearch = 1,
  LiteralSearch = 2,
  BackwardsSearch = 4,
  AnchoredSearch = 8,
  NumericSearch = 64,
  DiacriticInsensitiveSearch = 128,
  WidthInsensitiveSearch = 256,
  ForcedOrderingSearch = 512,
  RegularExpressionSearch = 1024,
};

using unichar = unsigned short;

/// Text, kept as UTF-8 and never changed. Lengths and positions are those of UTF-16 code units.
/// Encodings other than ASCII, UTF-8 and ISO Latin 1 are refused by an ingot::Error.
class String : public Copying<String> {
 public:
  static String* string();
  static String* string(const String* pString);
  static String* string(const char* pString, StringEncoding encoding);

  static String* alloc() { return new String(); }
  String* init() { return this; }
  String* init(const String* pString);
  /// nullptr, and the string is released, when the bytes are none of that encoding.
  String* init(const char* pString, StringEncoding encoding);
  String* init(void* pBytes, UInteger len, StringEncoding encoding, bool freeBuffer);

  unichar character(UInteger index) const;
  UInteger length() const;
  /// nullptr when the encoding cannot hold the text.
  const char* cString(StringEncoding encoding) const;
  const char* utf8String() const { return text_.c_str(); }
  UInteger maximumLengthOfBytes(StringEncoding encoding) const;
  /// 0 when the encoding cannot hold the text.
  UInteger lengthOfBytes(StringEncoding encoding) const;

  bool isEqualToString(const String* pString) const { return isEqual(pString); }
  /// Location NotFound when it does not occur. Searches byte by byte, or by ASCII letters of either
  /// case; options that ask for more are refused by an ingot::Error.
  Range rangeOfString(const String* pString, StringCompareOptions options) const;
  const char* fileSystemRepresentation() const { return utf8String(); }
  String* stringByAppendingString(const String* pString) const;
  /// Letters of ASCII alone have two cases here.
  ComparisonResult caseInsensitiveCompare(const String* pString) const;

 private:
  friend String* softmetal::constant_string(const char* text);

  String() = default;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return std::hash<std::string>()(text_); }
  std::string describe() const override { return text_; }

  std::string text_;
};

/// An NS::String from a literal.
#define MTLSTR(literal)                                                              \
  ([] {                                                                              \
    static ::NS::String* const string = ::softmetal::constant_string("" literal ""); \
    return string;                                                                   \
  }())

}  // namespace NS
