// The int8 product where no library offers an exact one.
#pragma once

#include "backends/cpu/gemm.hpp"

namespace ingot::cpu {

/// As gemm_i8, by SIMD dot products of rows.
void gemm_i8_simd(int64_t m,
                  int64_t n,
                  int64_t k,
                  Matrix<const int8_t> a,
                  Matrix<const int8_t> b,
                  Matrix<int32_t> c);

}  // namespace ingot::cpu
