#include "softmetal/schedule_order.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

namespace softmetal {
namespace {

std::uint64_t mix(std::uint64_t value) {
  value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9u;
  value = (value ^ value >> 27) * 0x94D049BB133111EBu;
  return value ^ value >> 31;
}

}  // namespace

std::uint64_t RandomNumbers::next() {
  state_ += 0x9E3779B97F4A7C15u;
  return mix(state_);
}

GroupOrder::GroupOrder(const Schedule& schedule, std::uint64_t count)
    : schedule_(schedule),
      count_(count),
      half_bits_(std::max(1u, (static_cast<unsigned>(std::bit_width(count - 1)) + 1) / 2)) {}

std::uint64_t GroupOrder::operator[](std::uint64_t turn) const {
  switch (schedule_.order) {
    case Schedule::Order::kForward:
      return turn;
    case Schedule::Order::kReverse:
      return count_ - 1 - turn;
    case Schedule::Order::kRandom:
      return shuffle(turn);
    case Schedule::Order::kAdversarial:
      // From both ends inwards, the last one first: half of the groups run before the one below
      // them, the other half before the one above, and the first, which often prepares something
      // for all, is not the first.
      return turn % 2 == 0 ? count_ - 1 - turn / 2 : turn / 2;
  }
  return turn;
}

// A Feistel network permutes the numbers of an even count of bits without a table; a number that
// lies beyond the groups is permuted again until it does not.
std::uint64_t GroupOrder::shuffle(std::uint64_t number) const {
  constexpr unsigned kRounds = 4;
  const std::uint64_t mask = (std::uint64_t{1} << half_bits_) - 1;
  do {
    std::uint64_t left = number >> half_bits_, right = number & mask;
    for (unsigned round = 0; round < kRounds; ++round) {
      const std::uint64_t key = mix(schedule_.seed + round * 0x9E3779B97F4A7C15u);
      left ^= mix(right ^ key) & mask;
      std::swap(left, right);
    }
    number = left << half_bits_ | right;
  } while (number >= count_);
  return number;
}

void StartOrder::reset(Schedule::Order order, unsigned count, RandomNumbers& random) {
  threads_.resize(count);
  std::iota(threads_.begin(), threads_.end(), 0u);
  if (order == Schedule::Order::kReverse || order == Schedule::Order::kAdversarial) {
    std::reverse(threads_.begin(), threads_.end());
  } else if (order == Schedule::Order::kRandom) {
    for (unsigned left = count; left > 1; --left) {
      std::swap(threads_[left - 1], threads_[random.below(left)]);
    }
  }
}

}  // namespace softmetal
