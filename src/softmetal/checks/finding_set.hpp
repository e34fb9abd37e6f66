// The mistakes of a dispatch, each once.
#pragma once

#include <cstddef>
#include <map>
#include <utility>
#include <vector>

namespace softmetal {

/// Of the findings with the same key the first, in the order in which they were made. `T` has a
/// `count`, which is 1 in a new one.
template <typename Key, typename T>
class FindingSet {
 public:
  /// A new finding to fill in; nullptr when there is one with this key, which then counts for
  /// `count` more.
  T* add(const Key& key, std::size_t count = 1) {
    const auto [known, is_new] = index_of_.try_emplace(key, findings_.size());
    if (!is_new) {
      findings_[known->second].count += count;
      return nullptr;
    }
    return &findings_.emplace_back();
  }

  /// Leaves the set empty.
  std::vector<T> take() {
    index_of_.clear();
    return std::exchange(findings_, {});
  }

 private:
  std::map<Key, std::size_t> index_of_;
  std::vector<T> findings_;
};

}  // namespace softmetal
