// What is remembered about each piece of memory: who wrote it and who read it.
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>

namespace softmetal {

/// One access, in 64 bits: the phase it happened in, the thread, whether it was atomic, and where
/// in the kernel's object. Zero is no access. The phase is in the highest bits, so that stamps are
/// in order of time.
class Stamp {
 public:
  static constexpr unsigned kPhaseBits = 28;
  static constexpr unsigned kThreadBits = 10;
  static constexpr unsigned kSiteBits = 25;
  static constexpr std::uint32_t kMaxPhase = (1u << kPhaseBits) - 1;
  static constexpr std::uint64_t kMaxSite = (1u << kSiteBits) - 1;

  constexpr Stamp() = default;
  constexpr Stamp(std::uint32_t phase, unsigned thread, bool is_atomic, std::uintptr_t pc)
      : bits_(std::uint64_t{phase} << kPhaseShift | std::uint64_t{thread} << kThreadShift |
              std::uint64_t{is_atomic} << kSiteBits | (pc & kMaxSite)) {}

  /// Before all accesses of a phase.
  static constexpr Stamp start_of(std::uint32_t phase) { return {phase, 0, false, 0}; }

  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr std::uint32_t phase() const { return bits_ >> kPhaseShift; }
  constexpr unsigned thread() const { return bits_ >> kThreadShift & ((1u << kThreadBits) - 1); }
  constexpr bool is_atomic() const { return (bits_ >> kSiteBits & 1) != 0; }

  /// The offset of the instruction in the object, which begins at `object_begin` and has at most
  /// kMaxSite bytes.
  constexpr std::uint64_t site(std::uintptr_t object_begin) const {
    return (bits_ - object_begin) & kMaxSite;
  }

  constexpr bool is_before(Stamp other) const { return bits_ < other.bits_; }

  /// Whether the same thread made both accesses in the same phase.
  constexpr bool same_thread(Stamp other) const {
    return (bits_ ^ other.bits_) >> kThreadShift == 0;
  }

 private:
  static constexpr unsigned kThreadShift = kSiteBits + 1;
  static constexpr unsigned kPhaseShift = kThreadShift + kThreadBits;

  std::uint64_t bits_ = 0;
};

/// What can be said at a glance of how accesses are ordered with the next ones to the same memory.
struct Order {
  Stamp recent;  // what is before it comes before the next ones, or has nothing to do with them
  Stamp written_since;  // memory whose last write is before it is uninitialised
  // Accesses of other threads from `recent` on, but for those in between, are concurrent.
  Stamp maybe_ordered_begin;
  Stamp maybe_ordered_end;

  bool is_concurrent(Stamp before) const {
    return before.is_before(maybe_ordered_begin) || !before.is_before(maybe_ordered_end);
  }
};

/// The last write, and two readers since: one that was not known to come before the later ones, and
/// the latest. Two are enough to find a racing one among any number.
struct Cell {
  Stamp write;
  Stamp read;
  Stamp other_read;

  /// Remembers a read, if it can be seen at a glance that it meets nothing. Otherwise false: one
  /// has to look closer.
  [[gnu::always_inline]] bool remember_read(Stamp now, const Order& order) {
    if (write.is_before(order.written_since) || !is_harmless(write, now, order)) {
      return false;
    }
    if (read.is_before(order.recent)) {
      read = now;
      other_read = Stamp();
      return true;
    }
    if (read.same_thread(now)) {
      return true;
    }
    if (order.is_concurrent(read)) {
      other_read = now;
      return true;
    }
    return false;
  }
  /// The same for a write.
  [[gnu::always_inline]] bool remember_write(Stamp now, const Order& order) {
    if (!is_harmless(write, now, order) || !is_harmless(read, now, order) ||
        !is_harmless(other_read, now, order)) {
      return false;
    }
    *this = {.write = now, .read = {}, .other_read = {}};
    return true;
  }

 private:
  [[gnu::always_inline]] static bool is_harmless(Stamp before, Stamp now, const Order& order) {
    return before.is_before(order.recent) || before.same_thread(now);
  }
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

  /// Whether plain_cells() may be used: no access has asked for finer cells than its size does.
  [[gnu::always_inline]] bool is_plain(std::size_t offset, std::size_t bytes) const {
    const std::size_t inside = (std::size_t{1} << plain_shift(bytes)) - 1;
    return shift_ == plain_shift(bytes) && (offset & inside) == 0;
  }
  /// The cells of an access of 1, 2, 4, 8 or 16 bytes, fast where the compiler knows how many.
  [[gnu::always_inline]] Range plain_cells(std::size_t offset, std::size_t bytes) const {
    Cell* const first = cells_ + (offset >> plain_shift(bytes));
    return {first, first + (bytes >> plain_shift(bytes))};
  }

  /// The cells of an access, which must lie in the memory. Makes them finer if need be.
  Range cells(std::size_t offset, std::size_t bytes) {
    if (((offset | bytes) & ((std::size_t{1} << shift_) - 1)) != 0) [[unlikely]] {
      refine(offset | bytes);
    }
    return {cells_ + (offset >> shift_), cells_ + ((offset + bytes) >> shift_)};
  }

  /// Forgets everything.
  void clear();

 private:
  static constexpr unsigned kLargestShift = 2;
  static constexpr unsigned plain_shift(std::size_t bytes) {
    return std::min<unsigned>(std::countr_zero(bytes), kLargestShift);
  }

  void allocate();
  void release();
  void refine(std::size_t boundary);

  const std::size_t bytes_;
  unsigned shift_ = kLargestShift;
  Cell* cells_ = nullptr;
};

}  // namespace softmetal
