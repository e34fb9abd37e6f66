// Watches how the threads of a group come together, at barriers and in SIMD-group functions.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <tuple>

#include "softmetal/checks/finding_set.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// The checks "barrier" and "divergence" of one dispatch. A site is the address that a call of the
/// kernel returns to.
class Convergence {
 public:
  Convergence(const Dispatch& dispatch, CheckSet checks) : dispatch_(dispatch), checks_(checks) {}

  /// All threads of a group have arrived in barriers; `sites` by thread.
  void barrier_complete(const Group& group, std::span<const void* const> sites);

  /// A SIMD-group function that is about to be performed.
  struct Meeting {
    const CollectiveFunction* function;
    const void* site;
    unsigned simd_group;
    unsigned active;     // the lanes that meet
    unsigned returned;   // the lanes that have ended
    unsigned waiting;    // the lanes that wait elsewhere
    unsigned undefined;  // of `active`: those that read from a lane that is not
  };
  /// `site_of_lane` says where a lane of `waiting` waits.
  template <typename SiteOfLane>
  void met(const Group& group, const Meeting& meeting, const SiteOfLane& site_of_lane) {
    if (checks_.has(Check::kDivergence)) {
      if (const unsigned lane = stray_lane(meeting, meeting.waiting); lane < kSimdWidth) {
        add(Mistake::kLanesWait, group, meeting, lane, site_of_lane(lane));
      }
      look_for_returned(group, meeting);
    }
  }

  /// Reports what was found. The text of the first error, or "".
  Failure finish();

 private:
  enum class Mistake { kDifferentBarriers, kLanesWait, kLanesReturned, kUndefined };
  // What was found, in numbers: it is put in words at the end, not on the stack of a kernel's
  // thread.
  struct Record {
    Mistake mistake;
    CollectiveFunction::Kind kind;  // but of kDifferentBarriers
    ThreadId thread;
    const void* site;
    ThreadId other_thread;
    const void* other_site;  // or nullptr
    unsigned here = 0;       // how many threads, or lanes, are at `site`
    unsigned elsewhere = 0;
    std::size_t count = 1;
  };
  using Key = std::tuple<Mistake, const void*, const void*>;

  static unsigned stray_lane(const Meeting& meeting, unsigned candidates);
  void look_for_returned(const Group& group, const Meeting& meeting);
  void add(Mistake mistake,
           const Group& group,
           const Meeting& meeting,
           unsigned other_lane,
           const void* other_site);
  Record* add(Mistake mistake, const void* site, const void* other_site);
  Finding describe(const Record& record) const;

  const Dispatch& dispatch_;
  const CheckSet checks_;
  FindingSet<Key, Record> records_;
};

}  // namespace softmetal
