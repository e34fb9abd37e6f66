#include <metal_stdlib>

using namespace metal;

// Neighbouring elements that a thread handles at once; the launcher knows the same number.
constant constexpr uint kPack = 8;

// Whether all rows start on a pack and hold whole packs.
constant bool kPacked [[function_constant(0)]];
// SIMD lanes that share a row in quantize_f16_to_i8: a power of two up to 32.
constant uint kLanes [[function_constant(1)]];

// A pack of x: its halves two to a word, 0 beyond `count`.
inline uint4 load_pack(device const half* x, uint count) {
  if (kPacked) {
    return *reinterpret_cast<device const uint4*>(x);
  }
  uint4 words = 0;
  for (uint k = 0; k < kPack; ++k) {
    words[k / 2] |= k < count ? uint(as_type<ushort>(x[k])) << (k % 2 * 16) : 0;
  }
  return words;
}

// The greatest |x| as its bits, which are ordered like the magnitudes, infinities and NaN last.
// Integers keep this test safe from compilers that assume that there is no NaN.
inline uint max_of_pack(uint4 pack) {
  const uint4 low = pack & 0x7fffu;
  const uint4 high = pack & 0x7fff0000u;
  return max(max(max(low.x, low.y), max(low.z, low.w)),
             max(max(high.x, high.y), max(high.z, high.w)) >> 16);
}

// What a row is multiplied by before rounding, 127 / max|x|: 0 for a row without information.
inline float row_inverse(uint largest) {
  return largest == 0 || largest >= 0x7c00u ? 0.0f : 127.0f / float(as_type<half>(ushort(largest)));
}

inline float row_scale(uint largest) {
  return largest >= 0x7c00u ? as_type<float>(0x7fc00000u)
                            : float(as_type<half>(ushort(largest))) / 127.0f;
}

// The integer nearest to 127 x / max|x|, ties to even, exactly. The exact quotient of two f16 is
// either a tie or further than 2^-19 of itself from one, and the product below is within 2^-22 of
// it. Rounding the product to 20 bits therefore makes ties exact and leaves all else on its side.
// The result is the low byte. 1.5 * 2^23 leaves no bits for fractions, so adding it rounds, and the
// last bits are the integer's.
inline uchar quantize(half x, float inverse) {
  const uint bits = as_type<uint>(float(x) * inverse);
  return uchar(as_type<uint>(as_type<float>((bits + 8u) & ~15u) + 12582912.0f));
}

inline uint quantize_four(half4 x, float inverse) {
  return as_type<uint>(uchar4(quantize(x.x, inverse),
                              quantize(x.y, inverse),
                              quantize(x.z, inverse),
                              quantize(x.w, inverse)));
}

inline void quantize_pack(uint4 pack, device char* q, uint count, float inverse) {
  uint2 bytes = uint2(quantize_four(as_type<half4>(pack.xy), inverse),
                      quantize_four(as_type<half4>(pack.zw), inverse));
  bytes = inverse == 0 ? uint2(0) : bytes;  // of NaN too
  if (kPacked) {
    *reinterpret_cast<device uint2*>(q) = bytes;
    return;
  }
  for (uint k = 0; k < count; ++k) {
    q[k] = char(bytes[k / 4] >> (k % 4 * 8));
  }
}

// Short rows: kLanes neighbouring lanes of a SIMD-group take a row, so that rows of 64 elements
// keep all lanes busy. A lane keeps its first packs, which is all of rows of up to 1024 elements; the
// second reading of longer rows comes from the cache.
constant constexpr uint kHeld = 4;

kernel void quantize_f16_to_i8(device const half* x [[buffer(0)]],
                               device char* q [[buffer(1)]],
                               device float* scale [[buffer(2)]],
                               constant uint& rows [[buffer(3)]],
                               constant uint& cols [[buffer(4)]],
                               uint tid [[thread_position_in_grid]]) {
  const uint row = tid / kLanes;
  const uint first = tid % kLanes * kPack;
  const bool inside = row < rows;
  x += inside ? ulong(row) * cols : 0;
  q += inside ? ulong(row) * cols : 0;
  const uint stride = kLanes * kPack;
  uint4 held[kHeld];
  uint largest = 0;
  for (uint h = 0; h < kHeld; ++h) {
    const uint i = first + h * stride;
    held[h] = 0;
    if (inside && i < cols) {
      held[h] = load_pack(x + i, cols - i);
    }
  }
  for (uint h = 0; h < kHeld; ++h) {
    largest = max(largest, max_of_pack(held[h]));
  }
  if (inside) {
    for (uint i = first + kHeld * stride; i < cols; i += stride) {
      largest = max(largest, max_of_pack(load_pack(x + i, cols - i)));
    }
  }
  for (uint step = kLanes / 2; step > 0; step /= 2) {
    largest = max(largest, simd_shuffle_xor(largest, ushort(step)));
  }
  if (!inside) {
    return;
  }
  const float inverse = row_inverse(largest);
  for (uint h = 0; h < kHeld; ++h) {
    const uint i = first + h * stride;
    if (i < cols) {
      quantize_pack(held[h], q + i, min(kPack, cols - i), inverse);
    }
  }
  for (uint i = first + kHeld * stride; i < cols; i += stride) {
    quantize_pack(load_pack(x + i, cols - i), q + i, min(kPack, cols - i), inverse);
  }
  if (first == 0) {
    scale[row] = row_scale(largest);
  }
}

// Long rows: threadgroups take parts of a row, in two dispatches.
struct Parts {
  uint cols;
  uint parts;  // of a row
  uint part;   // elements of one, a multiple of kPack
};

// The greatest value in a threadgroup, for all its threads.
inline uint threadgroup_max(
    uint value, threadgroup uint* of_groups, uint lane, uint simdgroup, uint simdgroups) {
  value = simd_max(value);
  if (lane == 0) {
    of_groups[simdgroup] = value;
  }
  threadgroup_barrier(mem_flags::mem_threadgroup);
  return simd_max(lane < simdgroups ? of_groups[lane] : 0u);
}

kernel void quantize_f16_to_i8_maxima(device const half* x [[buffer(0)]],
                                      device uint* maxima [[buffer(1)]],
                                      constant Parts& shape [[buffer(2)]],
                                      uint group [[threadgroup_position_in_grid]],
                                      uint tid [[thread_position_in_threadgroup]],
                                      uint threads [[threads_per_threadgroup]],
                                      uint lane [[thread_index_in_simdgroup]],
                                      uint simdgroup [[simdgroup_index_in_threadgroup]],
                                      uint simdgroups [[simdgroups_per_threadgroup]]) {
  threadgroup uint of_groups[32];
  x += ulong(group / shape.parts) * shape.cols;
  const uint begin = group % shape.parts * shape.part;
  const uint end = min(shape.cols, begin + shape.part);
  uint largest = 0;
  for (uint i = begin + tid * kPack; i < end; i += threads * kPack) {
    largest = max(largest, max_of_pack(load_pack(x + i, end - i)));
  }
  largest = threadgroup_max(largest, of_groups, lane, simdgroup, simdgroups);
  if (tid == 0) {
    maxima[group] = largest;
  }
}

kernel void quantize_f16_to_i8_parts(device const half* x [[buffer(0)]],
                                     device char* q [[buffer(1)]],
                                     device float* scale [[buffer(2)]],
                                     device const uint* maxima [[buffer(3)]],
                                     constant Parts& shape [[buffer(4)]],
                                     uint group [[threadgroup_position_in_grid]],
                                     uint tid [[thread_position_in_threadgroup]],
                                     uint threads [[threads_per_threadgroup]],
                                     uint lane [[thread_index_in_simdgroup]],
                                     uint simdgroup [[simdgroup_index_in_threadgroup]],
                                     uint simdgroups [[simdgroups_per_threadgroup]]) {
  threadgroup uint of_groups[32];
  const uint row = group / shape.parts;
  const uint part = group % shape.parts;
  uint largest = 0;
  for (uint i = tid; i < shape.parts; i += threads) {
    largest = max(largest, maxima[row * shape.parts + i]);
  }
  largest = threadgroup_max(largest, of_groups, lane, simdgroup, simdgroups);
  const float inverse = row_inverse(largest);
  x += ulong(row) * shape.cols;
  q += ulong(row) * shape.cols;
  const uint begin = part * shape.part;
  const uint end = min(shape.cols, begin + shape.part);
  for (uint i = begin + tid * kPack; i < end; i += threads * kPack) {
    quantize_pack(load_pack(x + i, end - i), q + i, min(kPack, end - i), inverse);
  }
  if (part == 0 && tid == 0) {
    scale[row] = row_scale(largest);
  }
}
