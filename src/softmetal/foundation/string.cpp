// NS::String.
#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "Foundation/Foundation.hpp"

namespace softmetal {

NS::String* constant_string(const char* text) {
  NS::String* string = NS::String::alloc()->init(text, NS::UTF8StringEncoding);
  string->live_forever();
  return string;
}

}  // namespace softmetal

namespace NS {
namespace {

void require_supported(StringEncoding encoding) {
  if (encoding != ASCIIStringEncoding && encoding != UTF8StringEncoding &&
      encoding != ISOLatin1StringEncoding) {
    throw ingot::Error(ingot::ErrorCode::kUnsupported,
                       fmt::format("NS::StringEncoding {}", static_cast<UInteger>(encoding)),
                       "strings are made from and given as ASCII, UTF-8 or ISO Latin 1 alone");
  }
}

bool is_continuation(unsigned char byte) {
  return (byte & 0xC0) == 0x80;
}

// The bytes of the code point that starts with this byte; 0 when none does.
std::size_t sequence_length(unsigned char first) {
  return first < 0x80   ? 1
         : first < 0xC2 ? 0
         : first < 0xE0 ? 2
         : first < 0xF0 ? 3
         : first < 0xF5 ? 4
                        : 0;
}

std::uint32_t code_point(const char* bytes, std::size_t length) {
  constexpr unsigned kBitsOfFirst[] = {0, 0x7F, 0x1F, 0x0F, 0x07};
  std::uint32_t point = static_cast<unsigned char>(bytes[0]) & kBitsOfFirst[length];
  for (std::size_t i = 1; i < length; ++i) {
    point = point << 6 | (static_cast<unsigned char>(bytes[i]) & 0x3F);
  }
  return point;
}

bool is_utf8(std::string_view text) {
  constexpr std::uint32_t kLeast[] = {0, 0, 0x80, 0x800, 0x10000};
  while (!text.empty()) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[0]));
    if (length == 0 || length > text.size() ||
        !std::all_of(text.begin() + 1, text.begin() + length, is_continuation)) {
      return false;
    }
    const std::uint32_t point = code_point(text.data(), length);
    if (point < kLeast[length] || point > 0x10FFFF || (point >= 0xD800 && point < 0xE000)) {
      return false;
    }
    text.remove_prefix(length);
  }
  return true;
}

// The number of UTF-16 code units. Each code point counts once at its first byte; those of four
// bytes need two units.
UInteger units(std::string_view text) {
  UInteger count = 0;
  for (const unsigned char byte : text) {
    count += is_continuation(byte) ? 0 : byte >= 0xF0 ? 2 : 1;
  }
  return count;
}

std::uint32_t largest_code_point(const std::string& text) {
  std::uint32_t largest = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text[at]));
    largest = std::max(largest, code_point(text.data() + at, length));
    at += length;
  }
  return largest;
}

bool can_hold(StringEncoding encoding, const std::string& text) {
  require_supported(encoding);
  return encoding == UTF8StringEncoding ||
         largest_code_point(text) < (encoding == ASCIIStringEncoding ? 0x80u : 0x100u);
}

std::string latin1_to_utf8(std::string_view text) {
  std::string result;
  for (const unsigned char byte : text) {
    if (byte < 0x80) {
      result += static_cast<char>(byte);
    } else {
      result += static_cast<char>(0xC0 | byte >> 6);
      result += static_cast<char>(0x80 | (byte & 0x3F));
    }
  }
  return result;
}

std::string lower(std::string text) {
  for (char& c : text) {
    c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return text;
}

}  // namespace

String* String::string() {
  return alloc()->autorelease();
}
String* String::string(const String* pString) {
  return alloc()->init(pString)->autorelease();
}
String* String::string(const char* pString, StringEncoding encoding) {
  String* string = alloc()->init(pString, encoding);
  Counted::autorelease(string);
  return string;
}

String* String::init(const String* pString) {
  text_ = pString->text_;
  return this;
}
String* String::init(const char* pString, StringEncoding encoding) {
  return init(const_cast<char*>(pString), std::strlen(pString), encoding, false);
}
String* String::init(void* pBytes, UInteger len, StringEncoding encoding, bool freeBuffer) {
  require_supported(encoding);
  const std::string_view bytes(static_cast<const char*>(pBytes), len);
  const bool is_valid =
      encoding == ISOLatin1StringEncoding ||
      (is_utf8(bytes) && (encoding == UTF8StringEncoding || units(bytes) == bytes.size()));
  if (is_valid) {
    text_ = encoding == ISOLatin1StringEncoding ? latin1_to_utf8(bytes) : std::string(bytes);
  }
  if (freeBuffer) {
    std::free(pBytes);
  }
  if (!is_valid) {
    release();
    return nullptr;
  }
  return this;
}

unichar String::character(UInteger index) const {
  UInteger unit = 0;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text_[at]));
    const std::uint32_t point = code_point(text_.data() + at, length);
    if (point < 0x10000 && unit == index) {
      return static_cast<unichar>(point);
    }
    if (point >= 0x10000 && (unit == index || unit + 1 == index)) {
      const std::uint32_t rest = point - 0x10000;
      return static_cast<unichar>(unit == index ? 0xD800 + (rest >> 10) : 0xDC00 + (rest & 0x3FF));
    }
    unit += point < 0x10000 ? 1 : 2;
    at += length;
  }
  throw ingot::Error(ingot::ErrorCode::kInvalidArgument,
                     "NS::String::character",
                     fmt::format("the index {} of a string of {}", index, unit));
}

UInteger String::length() const {
  return units(text_);
}

const char* String::cString(StringEncoding encoding) const {
  if (!can_hold(encoding, text_)) {
    return nullptr;
  }
  if (encoding != ISOLatin1StringEncoding || largest_code_point(text_) < 0x80) {
    return text_.c_str();
  }
  // As in Cocoa, the bytes live until the thread's pool is drained.
  std::string bytes;
  for (std::size_t at = 0; at < text_.size();) {
    const std::size_t length = sequence_length(static_cast<unsigned char>(text_[at]));
    bytes += static_cast<char>(code_point(text_.data() + at, length));
    at += length;
  }
  String* holder = alloc()->autorelease();
  holder->text_ = std::move(bytes);
  return holder->text_.c_str();
}

UInteger String::maximumLengthOfBytes(StringEncoding encoding) const {
  require_supported(encoding);
  return length() * (encoding == UTF8StringEncoding ? 3 : 1);
}

UInteger String::lengthOfBytes(StringEncoding encoding) const {
  if (!can_hold(encoding, text_)) {
    return 0;
  }
  return encoding == UTF8StringEncoding ? text_.size() : length();
}

Range String::rangeOfString(const String* pString, StringCompareOptions options) const {
  constexpr StringCompareOptions kSupported =
      CaseInsensitiveSearch | LiteralSearch | BackwardsSearch | AnchoredSearch;
  if ((options & ~kSupported) != 0) {
    throw ingot::Error(ingot::ErrorCode::kUnsupported,
                       "NS::String::rangeOfString",
                       fmt::format("there is no search with the options {}", options));
  }
  const bool folds = (options & CaseInsensitiveSearch) != 0;
  const std::string text = folds ? lower(text_) : text_;
  const std::string part = folds ? lower(pString->text_) : pString->text_;
  std::size_t at = (options & BackwardsSearch) != 0 ? text.rfind(part) : text.find(part);
  if ((options & AnchoredSearch) != 0) {
    const bool at_end = (options & BackwardsSearch) != 0;
    at = at_end && text.ends_with(part)      ? text.size() - part.size()
         : !at_end && text.starts_with(part) ? 0
                                             : std::string::npos;
  }
  if (part.empty() || at == std::string::npos) {
    return Range(static_cast<UInteger>(NotFound), 0);
  }
  return Range(units(std::string_view(text_).substr(0, at)), pString->length());
}

String* String::stringByAppendingString(const String* pString) const {
  String* result = alloc()->autorelease();
  result->text_ = text_ + pString->text_;
  return result;
}

ComparisonResult String::caseInsensitiveCompare(const String* pString) const {
  const int order = lower(text_).compare(lower(pString->text_));
  return order < 0 ? OrderedAscending : order > 0 ? OrderedDescending : OrderedSame;
}

bool String::equals(const softmetal::Counted& other) const {
  const auto* string = dynamic_cast<const String*>(&other);
  return string != nullptr && string->text_ == text_;
}

}  // namespace NS
