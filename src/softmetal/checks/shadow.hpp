// What is remembered about each piece of memory: who wrote it and who read it.
#pragma once

#include <cstddef>
#include <cstdint>

namespace softmetal {

/// One access, in 64 bits: the phase it happened in, the thread, whether it was atomic, and where
/// in the kernel's object. Zero is no access.
class Stamp {
 public:
  static constexpr unsigned kPhaseBits = 28;
  static constexpr unsigned kThreadBits = 10;
  static constexpr unsigned kSiteBits = 25;
  static constexpr std::uint32_t kMaxPhase = (1u << kPhaseBits) - 1;

  constexpr Stamp() = default;
  constexpr Stamp(std::uint32_t phase, unsigned thread, bool is_atomic, std::uint64_t site)
      : bits_(phase | std::uint64_t{thread} << kPhaseBits |
              std::uint64_t{is_atomic} << (kPhaseBits + kThreadBits) |
              (site < (1u << kSiteBits) ? site : 0) << (kPhaseBits + kThreadBits + 1)) {}

  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr std::uint32_t phase() const { return bits_ & kMaxPhase; }
  constexpr unsigned thread() const { return bits_ >> kPhaseBits & ((1u << kThreadBits) - 1); }
  constexpr bool is_atomic() const { return (bits_ >> (kPhaseBits + kThreadBits) & 1) != 0; }

  /// Offset of the instruction in the object; 0 when it was too far to be kept.
  constexpr std::uint64_t site() const { return bits_ >> (kPhaseBits + kThreadBits + 1); }

  /// Whether the same thread made both accesses in the same phase.
  constexpr bool same_thread(Stamp other) const {
    return ((bits_ ^ other.bits_) & ((std::uint64_t{1} << (kPhaseBits + kThreadBits)) - 1)) == 0;
  }

 private:
  std::uint64_t bits_ = 0;
};

/// The last write, and two readers since: the first that is not known to come before the present,
/// and the latest other. Two are enough to find a racing one among any number.
struct Cell {
  Stamp write;
  Stamp read;
  Stamp other_read;
};

/// The cells of a stretch of memory. A cell covers 4 bytes until an access is smaller or crosses a
/// boundary, then 2, then 1: threads that write neighbouring halves do not meet in one cell.
class Shadow {
 public:
  explicit Shadow(std::size_t bytes);
  ~Shadow();
  Shadow(const Shadow&) = delete;
  Shadow& operator=(const Shadow&) = delete;

  struct Range {
    Cell* begin;
    Cell* end;
  };

  /// The cells of an access, which must lie in the memory.
  Range cells(std::size_t offset, std::size_t bytes) {
    if (((offset | bytes) & ((std::size_t{1} << shift_) - 1)) != 0) [[unlikely]] {
      refine(offset | bytes);
    }
    return {cells_ + (offset >> shift_), cells_ + ((offset + bytes) >> shift_)};
  }

  /// Forgets everything.
  void clear();

 private:
  void allocate();
  void release();
  void refine(std::size_t boundary);

  const std::size_t bytes_;
  unsigned shift_ = 2;
  Cell* cells_ = nullptr;
};

}  // namespace softmetal
