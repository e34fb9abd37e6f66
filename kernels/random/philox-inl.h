// Philox4x32-10 in vectors, for CPU twins. See kernels/include/ingot/philox.h.
#if defined(INGOT_KERNELS_RANDOM_PHILOX_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef INGOT_KERNELS_RANDOM_PHILOX_INL_H_
#undef INGOT_KERNELS_RANDOM_PHILOX_INL_H_
#else
#define INGOT_KERNELS_RANDOM_PHILOX_INL_H_
#endif

#include <cstddef>
#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using U64 = hn::ScalableTag<uint64_t>;
using VU64 = hn::Vec<U64>;

/// Blocks that philox_vector makes at once.
HWY_INLINE size_t philox_lanes() {
  return hn::Lanes(U64());
}

/// The lower words of the lanes' products, 64 bits wide: one instruction on x86 and Arm.
HWY_INLINE VU64 multiply_low_words(VU64 a, VU64 b) {
  const hn::Repartition<uint32_t, U64> d32;
  return hn::MulEven(hn::BitCast(d32, a), hn::BitCast(d32, b));
}

/// Blocks first .. first + philox_lanes() - 1 of the stream of `seed`, four words each, passed to
/// store(words, vector) as consecutive vectors of words from word 0 on.
///
/// Each 64-bit lane holds one word of a counter in its lower half; the upper half is left over from
/// products and never read. Lanes are numbered so that interleaving the pairs of words within
/// 128-bit blocks puts whole counters in order: even lanes hold the first half of the blocks.
template <class Store>
HWY_INLINE void philox_vector(uint64_t seed, uint64_t first, Store&& store) {
  const U64 d;
  const size_t lanes = hn::Lanes(d);
  const VU64 iota = hn::Iota(d, 0);
  const VU64 odd = hn::And(iota, hn::Set(d, 1));
  const VU64 number = hn::Add(hn::ShiftRight<1>(iota),
                              hn::IfThenElseZero(hn::Ne(odd, hn::Zero(d)), hn::Set(d, lanes / 2)));
  const VU64 low_word = hn::Set(d, 0xffffffffu);
  const VU64 m0 = hn::Set(d, 0xD2511F53u);
  const VU64 m1 = hn::Set(d, 0xCD9E8D57u);
  auto k0 = static_cast<uint32_t>(seed);
  auto k1 = static_cast<uint32_t>(seed >> 32);
  VU64 c0 = hn::Add(hn::Set(d, first), number);
  VU64 c1 = hn::ShiftRight<32>(c0);
  VU64 c2 = hn::Zero(d);
  VU64 c3 = hn::Zero(d);
  for (int round = 0; round < 10; ++round) {
    const VU64 p0 = multiply_low_words(c0, m0);
    const VU64 p1 = multiply_low_words(c2, m1);
    c0 = hn::Xor3(hn::ShiftRight<32>(p1), c1, hn::Set(d, k0));
    c2 = hn::Xor3(hn::ShiftRight<32>(p0), c3, hn::Set(d, k1));
    c1 = p1;
    c3 = p0;
    k0 += 0x9E3779B9u;
    k1 += 0xBB67AE85u;
  }
  const VU64 first_pair = hn::OrAnd(hn::ShiftLeft<32>(c1), c0, low_word);
  const VU64 second_pair = hn::OrAnd(hn::ShiftLeft<32>(c3), c2, low_word);
  store(size_t{0}, hn::InterleaveLower(d, first_pair, second_pair));
  store(2 * lanes, hn::InterleaveUpper(d, first_pair, second_pair));
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();
#endif
