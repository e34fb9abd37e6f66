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
  /// `site` must not exceed kMaxSite.
  constexpr Stamp(std::uint32_t phase, unsigned thread, bool is_atomic, std::uint64_t site)
      : bits_(std::uint64_t{phase} << kPhaseShift | std::uint64_t{thread} << kThreadShift |
              std::uint64_t{is_atomic} << kSiteBits | site) {}

  /// Before all accesses of a phase.
  static constexpr Stamp start_of(std::uint32_t phase) { return {phase, 0, false, 0}; }

  constexpr bool is_empty() const { return bits_ == 0; }
  constexpr std::uint32_t phase() const { return bits_ >> kPhaseShift; }
  constexpr unsigned thread() const { return bits_ >> kThreadShift & ((1u << kThreadBits) - 1); }
  constexpr bool is_atomic() const { return (bits_ >> kSiteBits & 1) != 0; }

  /// Offset of the instruction in the object; 0 when it could not be kept.
  constexpr std::uint64_t site() const { return bits_ & kMaxSite; }

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

/// The last write, and two readers since: the first that is not known to come before the present,
/// and the latest other. Two are enough to find a racing one among any number.
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
    other_read = now;
    return order.is_concurrent(read);
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

  static constexpr unsigned kLargestShift = 2;

  struct Range {
    Cell* begin;
    Cell* end;
  };

  /// The first of the `count_for<kBytes>` cells of an access, as long as no access has asked for
  /// finer ones than its own size does; otherwise nullptr.
  template <std::size_t kBytes>
  Cell* cells_for(std::size_t offset) const {
    constexpr unsigned kShift = std::min<unsigned>(std::countr_zero(kBytes), kLargestShift);
    const bool fits = shift_ == kShift && (offset & ((1u << kShift) - 1)) == 0;
    return fits ? cells_ + (offset >> kShift) : nullptr;
  }
  template <std::size_t kBytes>
  static constexpr std::size_t count_for = std::max<std::size_t>(kBytes >> kLargestShift, 1);

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
  void allocate();
  void release();
  void refine(std::size_t boundary);

  const std::size_t bytes_;
  unsigned shift_ = kLargestShift;
  Cell* cells_ = nullptr;
};

}  // namespace softmetal
