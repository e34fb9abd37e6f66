#include "softmetal/shader_log.hpp"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "fmt/format.h"

namespace softmetal {
namespace {

// A conversion of the format, such as "%-5.2v4hlf".
struct Conversion {
  std::string_view text;
  std::string flags;  // with the width and the precision
  char kind = 0;      // 0: this is none
};

std::string_view take(std::string_view& rest, std::string_view characters) {
  const std::string_view taken = rest.substr(0, rest.find_first_not_of(characters));
  rest.remove_prefix(taken.size());
  return taken;
}

// `rest` begins with '%'. The length and the count of elements are known from the argument.
Conversion read_conversion(std::string_view rest) {
  const std::string_view whole = rest;
  rest.remove_prefix(1);
  Conversion conversion;
  conversion.flags = take(rest, "-+ #0");
  constexpr std::size_t kMost = 3;  // digits; more would be a mistake
  const std::string_view width = take(rest, "0123456789");
  const std::string_view precision = rest.starts_with('.') ? take(rest, ".0123456789") : "";
  if (width.size() > kMost || precision.size() > kMost) {
    return conversion;
  }
  conversion.flags.append(width).append(precision);
  if (rest.starts_with('v')) {
    rest.remove_prefix(1);
    take(rest, "0123456789");
  }
  take(rest, "hlLqjzt");
  if (!rest.empty() &&
      std::string_view("diuoxXcfFeEgGaAps").find(rest[0]) != std::string_view::npos) {
    conversion.kind = rest[0];
    conversion.text = whole.substr(0, whole.size() - rest.size() + 1);
  }
  return conversion;
}

template <class T>
std::string printed(const std::string& format, T value) {
  char text[2048];  // holds three digits of width and precision, and the largest float
  const int length = std::snprintf(text, sizeof text, format.c_str(), value);
  return std::string(text, length < 0 ? 0 : static_cast<std::size_t>(length));
}

std::string element_of(const LogArgument& argument, unsigned i, const Conversion& how) {
  const bool is_integer_kind = std::string_view("diuoxXc").find(how.kind) != std::string_view::npos;
  const std::string format = "%" + how.flags;
  if (argument.kind == LogArgument::kFloating) {
    const char kind = is_integer_kind || how.kind == 'p' || how.kind == 's' ? 'f' : how.kind;
    return printed(format + kind, static_cast<double>(argument.floats[i]));
  }
  const long value = argument.integers[i];
  if (argument.kind == LogArgument::kAddress) {
    return fmt::format("{:#x}", static_cast<unsigned long>(value));
  }
  if (how.kind == 'c') {
    return printed(format + 'c', static_cast<int>(value));
  }
  const bool is_signed = argument.kind == LogArgument::kSigned;
  const char kind = !is_integer_kind                     ? (is_signed ? 'd' : 'u')
                    : how.kind == 'u' && is_signed       ? 'd'
                    : how.kind == 'd' || how.kind == 'i' ? (is_signed ? 'd' : 'u')
                                                         : how.kind;
  return printed(format + 'l' + kind, value);
}

std::string_view name_of(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "debug";
    case LogLevel::kInfo:
      return "info";
    case LogLevel::kNotice:
      return "notice";
    case LogLevel::kError:
      return "error";
    case LogLevel::kFault:
      break;
  }
  return "fault";
}

}  // namespace

std::string text_of(const LogMessage& message) {
  std::string text;
  unsigned next = 0;
  for (std::string_view rest = message.format; !rest.empty();) {
    const std::size_t percent = std::min(rest.find('%'), rest.size());
    text += rest.substr(0, percent);
    rest.remove_prefix(percent);
    if (rest.starts_with("%%")) {
      text += '%';
      rest.remove_prefix(2);
    } else if (!rest.empty()) {
      const Conversion conversion = read_conversion(rest);
      if (conversion.kind == 0 || next == message.count) {
        text += '%';
        rest.remove_prefix(1);
        continue;
      }
      const LogArgument& argument = message.arguments[next++];
      for (unsigned i = 0; i < argument.count; ++i) {
        text += (i == 0 ? "" : ",") + element_of(argument, i, conversion);
      }
      rest.remove_prefix(conversion.text.size());
    }
  }
  return text;
}

void log(const LogMessage* message) {
  const char* wanted = std::getenv("MTL_LOG_TO_STDERR");
  if (wanted == nullptr || std::string_view(wanted) != "1") {
    return;
  }
  const std::string origin = message->subsystem == nullptr
                                 ? ""
                                 : fmt::format(" [{}:{}]", message->subsystem, message->category);
  const std::string line =
      fmt::format("{}{}: {}\n", name_of(message->level), origin, text_of(*message));
  std::fwrite(line.data(), 1, line.size(), stderr);
}

}  // namespace softmetal
