// What softmetal watches while kernels run, in which order it runs their threads, and what it
// found.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace softmetal {

/// A kind of mistake that softmetal can look for. SOFTMETAL_CHECK and reports use the names in
/// quotes.
enum class Check : std::uint8_t {
  kBounds,     // "bounds": an access outside of the buffer or threadgroup memory it aims at
  kAlignment,  // "alignment": an address that is not a multiple of the type's alignment
  kRace,       // "race": two unordered accesses of two threads, one a write, not both atomic
  kBarrier,    // "barrier": threads of a group wait in different barriers, or some have returned
  kUninitialised,  // "uninitialised": a read of threadgroup or local memory that nobody wrote
  kReadOnly,       // "readonly": a write to constant memory or to a buffer bound for reading
  kArguments,      // "arguments": an unbound argument, or one smaller than its type
  kDivergence,     // "divergence": a SIMD-group function that not all lanes reach (advice)
  kArithmetic,     // "arithmetic": a shift by the type's width or more, an integer division by zero
  kFreed,          // "freed": an access to a buffer that has been released
  kOrder,          // "order": dispatches without a barrier between them touch the same memory
  kHang,           // "hang": a thread that waits for what cannot happen
};
inline constexpr std::size_t kCheckCount = 12;

/// "race" for Check::kRace.
std::string_view name_of(Check check);

/// A set of checks.
class CheckSet {
 public:
  constexpr CheckSet() = default;
  static constexpr CheckSet all() { return CheckSet((1u << kCheckCount) - 1); }

  /// Reads "all", "none" or a list such as "race,bounds"; "all,-order" takes one out. Throws
  /// ingot::Error (kInvalidArgument) for a name that is none, and lists those there are.
  static CheckSet parse(std::string_view text);

  constexpr bool has(Check check) const { return (bits_ >> static_cast<unsigned>(check) & 1) != 0; }
  constexpr bool empty() const { return bits_ == 0; }
  constexpr CheckSet with(Check check) const {
    return CheckSet(bits_ | 1u << static_cast<unsigned>(check));
  }
  constexpr CheckSet without(Check check) const {
    return CheckSet(bits_ & ~(1u << static_cast<unsigned>(check)));
  }
  friend constexpr bool operator==(CheckSet, CheckSet) = default;

 private:
  constexpr explicit CheckSet(unsigned bits) : bits_(bits) {}
  unsigned bits_ = 0;
};

/// The order in which threads, SIMD-groups and threadgroups run. With a schedule, threadgroups run
/// one after the other: in kForward later groups make no progress before earlier ones end, in
/// kReverse it is the other way round.
struct Schedule {
  enum class Order : std::uint8_t {
    kForward,      // ascending
    kReverse,      // descending
    kRandom,       // threadgroups and threads shuffled, and threads interrupted, as the seed says
    kAdversarial,  // whoever reached a barrier last goes on first and as far as possible
  };
  Order order = Order::kForward;
  std::uint64_t seed = 0;  // of kRandom

  /// Reads "forward", "reverse", "random:SEED" or "adversarial". Throws ingot::Error
  /// (kInvalidArgument).
  static Schedule parse(std::string_view text);
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

struct Finding;

struct Options {
  CheckSet checks;
  std::optional<Schedule> schedule;  // none: threadgroups run on all cores, in no particular order
  /// How long one thread of a kernel may run without a barrier or an end before it counts as
  /// hanging; 0 turns that off.
  std::chrono::milliseconds timeout = std::chrono::seconds(30);
  bool coverage = false;  // kernels count how often their lines run (coverage.hpp)
  bool print = true;      // findings go to standard error as they are made
  bool strict = false;    // libraries are refused that Apple's compiler would refuse
  /// Called with each finding as it is made, from any thread, instead of printing it.
  std::function<void(const Finding&)> on_finding = {};
};

/// What the environment asks for: SOFTMETAL_CHECK, SOFTMETAL_SCHEDULE, SOFTMETAL_TIMEOUT (seconds),
/// SOFTMETAL_COVERAGE (a file, see coverage.hpp), SOFTMETAL_STRICT (1 or 0).
/// Throws ingot::Error (kInvalidArgument) that names the variable.
Options options_from_environment();

/// What applies to dispatches from now on; at the start what the environment asks for.
Options options();
void set_options(const Options& options);

/// A place in a shader's source; line 0 when it is not known.
struct Place {
  std::string file;
  std::uint32_t line = 0;
  std::uint32_t column = 0;

  friend bool operator==(const Place&, const Place&) = default;
};

/// "file:line:column".
std::string to_string(const Place& place);

/// A thread of a dispatch.
struct ThreadId {
  std::uint32_t position_in_grid[3] = {};
  std::uint32_t threadgroup[3] = {};  // its group's position in the grid
  std::uint32_t index_in_threadgroup = 0;
};

/// What a thread did to memory.
struct Access {
  enum class Kind : std::uint8_t { kRead, kWrite, kAtomicRead, kAtomicWrite, kAtomicUpdate };
  Kind kind = Kind::kRead;
  std::uint32_t bytes = 0;         // 0: no access to memory, the thread did something else wrong
  std::optional<ThreadId> thread;  // none: the host, a blit, or a thread that is no longer known
  std::string kernel;              // when it is not the finding's
  Place place;
  std::vector<Place> called_from;  // the calls around it, if it stands in a helper; innermost first
};

/// One mistake. The same mistake at the same places is found once a dispatch, however many threads
/// make it; `count` says how many.
struct Finding {
  Check check = Check::kBounds;
  bool is_advice = false;  // does not make the command buffer fail
  std::string kernel;
  std::string message;           // one sentence
  std::string memory;            // "buffer 1 'out' + 400 bytes (element 100 of float)", or ""
  std::vector<Access> accesses;  // the one that made it a mistake first; may be empty
  Place place;                   // of the first access, or of the statement at fault
  std::string remedy;            // or ""
  std::size_t count = 1;
};

/// The finding as people read it, several lines, without a newline at the end.
std::string to_string(const Finding& finding);

/// The same for GoogleTest, which finds it by this name.
void PrintTo(const Finding& finding, std::ostream* stream);

/// Takes what has been found since the last call, oldest first; for tests:
/// `EXPECT_THAT(softmetal::take_findings(), IsEmpty());`
std::vector<Finding> take_findings();

/// Sets options and forgets findings; puts the former options back at the end of its scope.
class ScopedOptions {
 public:
  explicit ScopedOptions(const Options& chosen);
  ~ScopedOptions();
  ScopedOptions(const ScopedOptions&) = delete;
  ScopedOptions& operator=(const ScopedOptions&) = delete;

 private:
  Options before_;
};

}  // namespace softmetal
