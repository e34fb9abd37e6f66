// The order in which a schedule runs threadgroups and threads.
#pragma once

#include <cstdint>
#include <vector>

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// Numbers that look random, the same for the same seed everywhere (splitmix64).
class RandomNumbers {
 public:
  explicit RandomNumbers(std::uint64_t seed = 0) : state_(seed) {}

  std::uint64_t next();
  /// One of 0 .. count - 1; count is at least 1.
  std::uint64_t below(std::uint64_t count) { return next() % count; }

 private:
  std::uint64_t state_;
};

/// The order of the threadgroups of a dispatch, numbered over x fastest.
class GroupOrder {
 public:
  GroupOrder(const Schedule& schedule, std::uint64_t count);

  /// The number of the group that runs as the `turn`-th.
  std::uint64_t operator[](std::uint64_t turn) const;

 private:
  std::uint64_t shuffle(std::uint64_t number) const;

  const Schedule schedule_;
  const std::uint64_t count_;
  unsigned half_bits_ = 0;  // of the numbers that shuffle() permutes
};

/// The order in which the threads of a group start.
class StartOrder {
 public:
  /// For a group of so many threads; `random` is drawn from if the schedule is random.
  void reset(Schedule::Order order, unsigned count, RandomNumbers& random);

  /// The thread that starts as the `turn`-th.
  unsigned operator[](unsigned turn) const { return threads_[turn]; }

 private:
  std::vector<unsigned> threads_;
};

}  // namespace softmetal
