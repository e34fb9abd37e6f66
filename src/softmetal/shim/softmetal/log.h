// What metal::os_log tells the executor.
#pragma once

#include <metal_type_traits>
#include <metal_vector>

#include "softmetal/runtime.h"

#pragma clang attribute push(__attribute__((no_sanitize("kernel-address"))), apply_to = function)

namespace softmetal {

using Text = const char*;

template <class T>
LogArgument log_argument(const T& value) {
  using Scalar = metal::make_scalar_t<T>;
  LogArgument argument{};
  argument.count = metal::vec_elements<T>::value;
  const auto set = [&](unsigned i, Scalar element) {
    if constexpr (metal::is_floating_point_v<Scalar>) {
      argument.floats[i] = float(element);
    } else {
      argument.integers[i] = long(element);
    }
  };
  argument.kind = metal::is_floating_point_v<Scalar> ? LogArgument::kFloating
                  : metal::is_signed_v<Scalar>       ? LogArgument::kSigned
                                                     : LogArgument::kUnsigned;
  if constexpr (metal::vec_elements<T>::value == 1) {
    set(0, value);
  } else {
    for (unsigned i = 0; i < argument.count; ++i) {
      set(i, value[i]);
    }
  }
  return argument;
}

template <class T>
LogArgument log_argument(T* pointer) {
  LogArgument argument{LogArgument::kAddress, 1, {}};
  argument.integers[0] = reinterpret_cast<long>(pointer);
  return argument;
}

template <class... A>
void log(LogLevel level, Text subsystem, Text category, Text format, const A&... values) {
  const LogArgument arguments[sizeof...(A) + 1] = {log_argument(values)..., {}};
  const LogMessage message = {level, subsystem, category, format, arguments, sizeof...(A)};
  runtime->log(&message);
}

}  // namespace softmetal

#pragma clang attribute pop
