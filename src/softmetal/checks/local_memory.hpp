// Which local variables of the threads on a stack have been written.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace softmetal {

/// One stack. Threads use it one after the other; each starts with nothing written.
class LocalMemory {
 public:
  explicit LocalMemory(std::size_t bytes) : written_by_((bytes + kGranule - 1) / kGranule) {}

  /// Before the accesses of a thread, which `number` tells from all others.
  void use_by(std::uint64_t number) {
    if (number != user_) {
      user_ = number;
      ++thread_;
    }
  }

  void write(std::size_t offset, std::size_t bytes) {
    for (std::size_t i = offset / kGranule; i <= (offset + bytes - 1) / kGranule; ++i) {
      written_by_[i] = thread_;
    }
  }

  /// Whether any of the bytes has been written: copies of a whole struct read its padding, too.
  bool is_written(std::size_t offset, std::size_t bytes) const {
    for (std::size_t i = offset / kGranule; i <= (offset + bytes - 1) / kGranule; ++i) {
      if (written_by_[i] == thread_) {
        return true;
      }
    }
    return false;
  }

 private:
  static constexpr std::size_t kGranule = 4;

  std::uint64_t user_ = 0;
  std::uint32_t thread_ = 0;
  std::vector<std::uint32_t> written_by_;  // by granule: the last thread to write it
};

}  // namespace softmetal
