// Threshold selection: a row is read once, and only values above the k-th best so far are kept. In
// a row in random order those are about k ln(n / k).
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "kernels/statistics_sorting/topk_select_cpu.cpp"
#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <vector>

#include "hwy/foreach_target.h"
#include "hwy/highway.h"

#include "core/parallel.hpp"
#include "kernels/common/simd-inl.h"
#include "runtime/call.hpp"
#include "runtime/context.hpp"

#include "hwy/contrib/sort/vqsort.h"

HWY_BEFORE_NAMESPACE();
namespace ingot {
namespace HWY_NAMESPACE {

using I32 = hn::RebindToSigned<F32>;
constexpr int32_t kNanKey = std::numeric_limits<int32_t>::max();

// Keys order as values do, greatest first or, inverted, smallest first: a better value has a
// greater key. NaN is greater than any number, the zeros are equal.
HWY_INLINE int32_t key_of(float value, bool largest) {
  const auto bits = std::bit_cast<int32_t>(value + 0.0f);  // -0.0 + 0.0 is +0.0
  const int32_t key = value != value ? kNanKey : bits ^ ((bits >> 31) & 0x7fffffff);
  return largest ? key : ~key;
}

HWY_INLINE hn::Vec<I32> keys_of(F32 d, VF32 values, hn::Vec<I32> invert) {
  const I32 di;
  const auto bits = hn::BitCast(di, hn::Add(values, hn::Zero(d)));
  const auto sign = hn::ShiftRight<31>(bits);
  const auto key = hn::Xor(bits, hn::And(sign, hn::Set(di, 0x7fffffff)));
  const auto nan = hn::RebindMask(di, hn::IsNaN(values));
  return hn::Xor(hn::IfThenElse(nan, hn::Set(di, kNanKey), key), invert);
}

// Key above, inverted index below: of two pairs the better is the greater, and no two are equal.
HWY_INLINE uint64_t pair_of(int32_t key, uint32_t index) {
  return (uint64_t{static_cast<uint32_t>(key) ^ 0x80000000u} << 32) | static_cast<uint32_t>(~index);
}

// Collects the best k pairs of a range that it is shown in order.
class Selector {
 public:
  Selector(size_t k, bool largest)
      : k_(k),
        largest_(largest),
        room_(std::max<size_t>(k, 128)),
        keys_(room_ + kSlack),
        indices_(room_ + kSlack) {
    pairs_.reserve(k + room_ + kSlack);
  }

  // Shows x[begin..end). To be called once; elements are named by their index in x.
  template <class T>
  void select(const T* HWY_RESTRICT x, int64_t begin, int64_t end) {
    const F32 d;
    const I32 di;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const auto invert = hn::Set(di, largest_ ? 0 : -1);
    find_bound(x, begin, end);
    int64_t i = begin;
    const auto keys_at = [&](int64_t at)
                             HWY_ATTR { return keys_of(d, load_f32(d, x + at), invert); };
    for (; i + kUnroll * lanes <= end && !done_; i += kUnroll * lanes) {
      const auto bound = hn::Set(di, bound_);
      const auto key0 = keys_at(i);
      const auto key1 = keys_at(i + lanes);
      const auto key2 = keys_at(i + 2 * lanes);
      const auto key3 = keys_at(i + 3 * lanes);
      const auto most = hn::Max(hn::Max(key0, key1), hn::Max(key2, key3));
      if (hn::AllTrue(di, hn::Lt(most, bound))) {
        continue;
      }
      append(key0, bound, i);
      append(key1, bound, i + lanes);
      append(key2, bound, i + 2 * lanes);
      append(key3, bound, i + 3 * lanes);
      if (fresh_ > room_) {
        cut();
      }
    }
    for (; i < end; ++i) {
      const int32_t key = key_of(static_cast<float>(x[i]), largest_);
      if (key >= bound_) {
        keys_[fresh_] = key;
        indices_[fresh_++] = static_cast<uint32_t>(i);
        if (fresh_ > room_) {
          cut();
        }
      }
    }
  }

  // Shows what another selector kept.
  void merge(const Selector& other) {
    pairs_.insert(pairs_.end(), other.pairs_.begin(), other.pairs_.end());
  }

  // The best k of what was shown (all, when fewer were), best first.
  const std::vector<uint64_t>& best() {
    cut();
    return pairs_;
  }

  void clear() {
    pairs_.clear();
    bound_ = std::numeric_limits<int32_t>::min();
    done_ = false;
  }

 private:
  static constexpr int64_t kUnroll = 4;
  static constexpr size_t kSlack = (kUnroll + 1) * hn::MaxLanes(F32());

  HWY_INLINE void append(hn::Vec<I32> keys, hn::Vec<I32> bound, int64_t first) {
    const I32 di;
    const hn::RebindToUnsigned<F32> du;
    const auto better = hn::Not(hn::Lt(keys, bound));
    const auto indices = hn::Iota(du, static_cast<uint32_t>(first));
    hn::StoreU(hn::Compress(keys, better), di, &keys_[fresh_]);
    hn::StoreU(hn::Compress(indices, hn::RebindMask(du, better)), du, &indices_[fresh_]);
    fresh_ += hn::CountTrue(di, better);
  }

  // A vectorised sort asks the system for random numbers, which costs more than sorting a few.
  template <class K>
  void sort_descending(std::vector<K>& keys) {
    constexpr size_t kFew = 24;
    if (keys.size() <= kFew) {
      std::sort(keys.begin(), keys.end(), std::greater<>());
    } else {
      sorter_(keys.data(), keys.size(), hwy::SortDescending());
    }
  }

  // Moves fresh candidates to the pairs, keeps the best k and raises the bound above the key of the
  // worst of them: an equal key that comes later has a greater index, so it is worse.
  void cut() {
    for (size_t i = 0; i < fresh_; ++i) {
      pairs_.push_back(pair_of(keys_[i], indices_[i]));
    }
    fresh_ = 0;
    sort_descending(pairs_);
    if (pairs_.size() >= k_) {
      pairs_.resize(k_);
      const auto key =
          static_cast<int32_t>(static_cast<uint32_t>(pairs_.back() >> 32) ^ 0x80000000u);
      done_ = key == std::numeric_limits<int32_t>::max();
      bound_ = done_ ? key : key + 1;
    }
  }

  // A first bound: the start of the range is split into several groups for each of the k, and at
  // least k values reach the k-th best of the groups' best.
  template <class T>
  void find_bound(const T* HWY_RESTRICT x, int64_t begin, int64_t end) {
    constexpr int64_t kMostElements = 1 << 16;  // stay in the cache for the pass that follows
    constexpr int64_t kGroupsPerValue = 4;
    const F32 d;
    const I32 di;
    const auto lanes = static_cast<int64_t>(hn::Lanes(d));
    const auto invert = hn::Set(di, largest_ ? 0 : -1);
    const int64_t vectors = std::min(end - begin, kMostElements) / lanes;
    const int64_t groups = (kGroupsPerValue * static_cast<int64_t>(k_) + lanes - 1) / lanes;
    const int64_t depth = vectors / groups;
    if (depth < 2) {
      return;
    }
    group_best_.resize(static_cast<size_t>(groups * lanes));
    for (int64_t group = 0; group < groups; ++group) {
      auto best = hn::Set(di, std::numeric_limits<int32_t>::min());
      for (int64_t v = group * depth; v < (group + 1) * depth; ++v) {
        best = hn::Max(best, keys_of(d, load_f32(d, x + begin + v * lanes), invert));
      }
      hn::StoreU(best, di, &group_best_[static_cast<size_t>(group * lanes)]);
    }
    sort_descending(group_best_);
    bound_ = group_best_[k_ - 1];
  }

  hwy::Sorter sorter_;
  size_t k_;
  bool largest_;
  size_t room_;  // fresh candidates before a cut
  std::vector<int32_t> keys_;
  std::vector<uint32_t> indices_;
  size_t fresh_ = 0;
  std::vector<uint64_t> pairs_;
  std::vector<int32_t> group_best_;
  int32_t bound_ = std::numeric_limits<int32_t>::min();  // least key still of interest
  bool done_ = false;  // the worst kept is as good as can be: nothing that comes later is better
};

template <class T>
void write_row(const std::vector<uint64_t>& best, const T* x, T* values, int64_t* indices) {
  for (size_t j = 0; j < best.size(); ++j) {
    const auto index = static_cast<uint32_t>(~best[j]);
    values[j] = x[index];
    indices[j] = index;
  }
}

template <class T>
void select_rows(
    const T* x, int64_t rows, int64_t n, int64_t k, bool largest, T* values, int64_t* indices) {
  constexpr int64_t kGrain = 1 << 16;
  const auto wanted = static_cast<size_t>(k);
  const int pieces = piece_count(n, std::max(kGrain, 4 * k));
  if (rows >= worker_count() || pieces == 1) {
    parallel_for(rows, std::max<int64_t>(1, kGrain / n), [&](int64_t begin, int64_t end) {
      Selector selector(wanted, largest);
      for (int64_t row = begin; row < end; ++row) {
        selector.clear();
        selector.select(x + row * n, 0, n);
        write_row(selector.best(), x + row * n, values + row * k, indices + row * k);
      }
    });
    return;
  }
  for (int64_t row = 0; row < rows; ++row) {
    std::vector<Selector> selectors;
    for (int piece = 0; piece < pieces; ++piece) {
      selectors.emplace_back(wanted, largest);
    }
    parallel_pieces(n, pieces, [&](int piece, int64_t begin, int64_t end) {
      Selector& selector = selectors[static_cast<size_t>(piece)];
      selector.select(x + row * n, begin, end);
      selector.best();
    });
    for (size_t piece = 1; piece < selectors.size(); ++piece) {
      selectors[0].merge(selectors[piece]);
    }
    write_row(selectors[0].best(), x + row * n, values + row * k, indices + row * k);
  }
}

void topk_f32(const Tensor& x, int64_t k, bool largest, const Tensor& values, int64_t* indices) {
  const int64_t n = x.shape()[-1];
  select_rows(
      x.host_as<float>(), x.elements() / n, n, k, largest, values.host_as<float>(), indices);
}
void topk_f16(const Tensor& x, int64_t k, bool largest, const Tensor& values, int64_t* indices) {
  const int64_t n = x.shape()[-1];
  select_rows(
      x.host_as<float16>(), x.elements() / n, n, k, largest, values.host_as<float16>(), indices);
}
void topk_bf16(const Tensor& x, int64_t k, bool largest, const Tensor& values, int64_t* indices) {
  const int64_t n = x.shape()[-1];
  select_rows(
      x.host_as<bfloat16>(), x.elements() / n, n, k, largest, values.host_as<bfloat16>(), indices);
}

}  // namespace HWY_NAMESPACE
}  // namespace ingot
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ingot {
HWY_EXPORT(topk_f32);
HWY_EXPORT(topk_f16);
HWY_EXPORT(topk_bf16);

namespace kernels {

void topk_select_cpu(const CpuContext&, const Call& call) {
  const Tensor& x = call.in("x");
  const Tensor& values = call.out("values");
  auto* indices = call.out("indices").host_as<int64_t>();
  const int64_t k = call.integer("k");
  const bool largest = call.flag("largest");
  if (values.elements() == 0) {
    return;
  }
  switch (x.dtype()) {
    case DType::kF16:
      HWY_DYNAMIC_DISPATCH(topk_f16)(x, k, largest, values, indices);
      break;
    case DType::kBF16:
      HWY_DYNAMIC_DISPATCH(topk_bf16)(x, k, largest, values, indices);
      break;
    default:
      HWY_DYNAMIC_DISPATCH(topk_f32)(x, k, largest, values, indices);
  }
  if (call.has("labels")) {
    const auto* labels = call.in("labels").host_as<const uint32_t>();
    const int64_t n = call.extent("n");
    for (int64_t i = 0; i < values.elements(); ++i) {
      indices[i] = labels[i / k * n + indices[i]];
    }
  }
}

}  // namespace kernels
}  // namespace ingot
#endif
