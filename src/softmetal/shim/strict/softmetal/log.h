// What the library needs of softmetal/log.h, as declarations: text may be in any address space.
#pragma once

namespace softmetal {

struct Text {
  template <class T>
  constexpr Text(T) {}
};
enum class LogLevel { kDebug, kInfo, kNotice, kError, kFault };

template <class... A>
void log(LogLevel level, Text subsystem, Text category, Text format, A... values);

}  // namespace softmetal
