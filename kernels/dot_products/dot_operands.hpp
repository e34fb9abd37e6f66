// The arguments of DOT_BATCHED as its CPU twin works with them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "ingot/dtype.hpp"

namespace ingot::kernels {

/// Row-major operands, and what is done to each dot product; absent arguments are null.
struct DotOperands {
  const void* a;
  const void* b;
  size_t q, n, d;
  const float* a_scale;
  const float* b_scale;
  const float* a_bias;
  const float* at_least;
  const uint32_t* columns;  // [q, listed]
  size_t listed;
  void* y;
  DType dtype;  // of a and b
  DType y_dtype;

  bool scaled() const { return a_scale != nullptr || b_scale != nullptr || a_bias != nullptr; }

  /// The result for row i of a and row j of b.
  template <class Y, class Dot>
  Y finish(Dot dot, size_t i, size_t j) const {
    if constexpr (std::is_same_v<Y, int32_t>) {
      return dot;
    } else {
      const float scaled_a = (a_scale != nullptr ? a_scale[i] : 1.0f) * static_cast<float>(dot) +
                             (a_bias != nullptr ? a_bias[i] : 0.0f);
      const float score = (b_scale != nullptr ? b_scale[j] : 1.0f) * scaled_a;
      if constexpr (std::is_same_v<Y, uint8_t>) {
        return score >= at_least[i];
      } else {
        return score;
      }
    }
  }

  /// Calls f.operator()<T, Y>() with the C++ types of the operands and of the result.
  template <class F>
  void visit(F&& f) const {
    const auto with = [&]<class T>() {
      if (y_dtype == DType::kU8) {
        f.template operator()<T, uint8_t>();
      } else if (y_dtype == DType::kF32) {
        f.template operator()<T, float>();
      } else if constexpr (std::is_same_v<T, int8_t>) {
        f.template operator()<T, int32_t>();
      }
    };
    switch (dtype) {
      case DType::kF16:
        return with.template operator()<float16>();
      case DType::kBF16:
        return with.template operator()<bfloat16>();
      case DType::kI8:
        return with.template operator()<int8_t>();
      default:
        return with.template operator()<float>();
    }
  }
};

}  // namespace ingot::kernels
