// Tells a thread that waits from one that works through atomic objects.
#pragma once

#include <array>
#include <cstdint>

namespace softmetal {

/// The pairs of an object and its value that the threads of a group have seen. Forgets all of them
/// when it is full.
class SeenValues {
 public:
  void clear() {
    if (size_ != 0) {
      keys_.fill(0);
      size_ = 0;
    }
  }

  /// Notes a pair; whether it is new.
  bool insert(const volatile void* object, std::uint64_t value) {
    const std::uint64_t key = hash(reinterpret_cast<std::uintptr_t>(object), value);
    std::size_t at = key % kSlots;
    while (keys_[at] != 0) {
      if (keys_[at] == key) {
        return false;
      }
      at = (at + 1) % kSlots;
    }
    if (++size_ > kSlots / 2) {
      clear();
      size_ = 1;
    }
    keys_[at] = key;
    return true;
  }

 private:
  static constexpr std::size_t kSlots = 8192;

  // Never zero, which stands for a free slot.
  static std::uint64_t hash(std::uint64_t object, std::uint64_t value) {
    std::uint64_t mixed = (object * 0x9E3779B97F4A7C15u ^ value) * 0xBF58476D1CE4E5B9u;
    mixed ^= mixed >> 32;
    return mixed == 0 ? 1 : mixed;
  }

  std::array<std::uint64_t, kSlots> keys_{};
  std::size_t size_ = 0;
};

}  // namespace softmetal
