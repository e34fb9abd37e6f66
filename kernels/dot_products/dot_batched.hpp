#pragma once

#include "ingot/tensor.hpp"

namespace ingot {

/// What is done to a dot product before it is stored: b_scale[j] (a_scale[i] dot + a_bias[i]), for
/// row i of a and row j of b, in f32. Each is f32 with one element per row; absent scales are 1, an
/// absent bias 0. With the scales of int8 rows the result is the dot product of the rows that they
/// stand for; with 1/|row| it is the cosine.
struct DotOptions {
  Tensor a_scale = {};
  Tensor b_scale = {};
  Tensor a_bias = {};
  /// f32 rows may be rounded to TF32, 10 bits after the binary point, before they are multiplied,
  /// where a library of the device is faster with it: cuBLASLt, for scores without scales and bias.
  bool allow_tf32 = false;
};

/// Dot products of the rows of a with the rows of b, one by one: y[i] = a[i] . b[i]. a, b: [n, d]
/// of one dtype, f32, f16, bf16 or i8; y: [n].
///
/// Floating-point inputs are accumulated in f32 and give f32. int8 is accumulated exactly in int32
/// (d <= 131071) and gives i32, or f32 where options are given. d = 0 gives zeros. Throws
/// Error(kInvalidArgument) for shapes and dtypes other than these.
Tensor dot_rows(const Tensor& a, const Tensor& b, const DotOptions& options = {});

/// All dot products of the rows of a [q, d] with the rows of b [n, d]: the score matrix y [q, n].
/// Dtypes as dot_rows.
Tensor dot_all(const Tensor& a, const Tensor& b, const DotOptions& options = {});

/// Where the score matrix reaches a row's limit, without storing it: u8 [q, n], 1 where the score
/// of (i, j) >= at_least[i]. at_least: f32 [q]. A NaN on either side gives 0.
Tensor dot_at_least(const Tensor& a,
                    const Tensor& b,
                    const Tensor& at_least,
                    const DotOptions& options = {});

/// The columns of a score matrix that reach their rows' limits.
struct DotColumns {
  Tensor columns;  // u32 [q, room]: ascending; 2^32 - 1 where a row has no more
  Tensor counts;   // u64 [q]: how many reach the limit, which may be more than there is room for
};

/// The first `room` columns j of each row i whose score is >= at_least[i], as dot_at_least, without
/// its mask. Throws Error(kInvalidArgument) for a negative room.
DotColumns dot_columns_at_least(const Tensor& a,
                                const Tensor& b,
                                const Tensor& at_least,
                                int64_t room,
                                const DotOptions& options = {});

/// Chosen elements of the score matrix: y[i, s] is the score of (i, columns[i, s]). columns: u32
/// [q, m], such as compact_columns gives; where it is no row of b, y is -inf (the least i32 for
/// exact i8), so that no selection takes it.
Tensor dot_at(const Tensor& a,
              const Tensor& b,
              const Tensor& columns,
              const DotOptions& options = {});

}  // namespace ingot
