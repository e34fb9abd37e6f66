#include "softmetal/checks/convergence.hpp"

#include <algorithm>
#include <bit>
#include <fmt/format.h>
#include <utility>

#include "softmetal/checks/describer.hpp"
#include "softmetal/checks/findings.hpp"
#include "softmetal/grid.hpp"

namespace softmetal {

void Convergence::barrier_complete(const Group& group, std::span<const void* const> sites) {
  if (!checks_.has(Check::kBarrier)) {
    return;
  }
  for (unsigned thread = 1; thread < sites.size(); ++thread) {
    if (sites[thread] == sites[0]) {
      continue;
    }
    // One pair of barriers is one mistake, whichever the first thread is in.
    const auto [site, other_site] = std::minmax(sites[0], sites[thread], std::less<>());
    if (Record* record = add(Mistake::kDifferentBarriers, site, other_site)) {
      record->thread = thread_id(dispatch_, group.position, 0);
      record->site = sites[0];
      record->other_thread = thread_id(dispatch_, group.position, thread);
      record->other_site = sites[thread];
      record->here = static_cast<unsigned>(std::count(sites.begin(), sites.end(), sites[0]));
      record->elsewhere =
          static_cast<unsigned>(std::count(sites.begin(), sites.end(), sites[thread]));
    }
    return;
  }
}

// The first of the candidates that belongs to a group of lanes, a quad-group perhaps, some lanes of
// which meet; kSimdWidth if there is none or it does not matter.
unsigned Convergence::stray_lane(const Meeting& meeting, unsigned candidates) {
  if (meeting.function->kind == CollectiveFunction::kVote) {
    return kSimdWidth;  // made to ask which lanes are here
  }
  const unsigned width = meeting.function->width;
  for (unsigned first = 0; first < kSimdWidth; first += width) {
    const unsigned group = ~0u >> (32 - width) << first;
    if ((meeting.active & group) != 0 && (candidates & group) != 0) {
      return static_cast<unsigned>(std::countr_zero(candidates & group));
    }
  }
  return kSimdWidth;
}

void Convergence::look_for_returned(const Group& group, const Meeting& meeting) {
  if (meeting.undefined != 0) {
    add(Mistake::kUndefined,
        group,
        {.function = meeting.function,
         .site = meeting.site,
         .simd_group = meeting.simd_group,
         .active = meeting.undefined,
         .returned = 0,
         .waiting = 0,
         .undefined = 0},
        kSimdWidth,
        nullptr);
  }
  // A barrier only orders, and for threads that have ended there is nothing left to order.
  const unsigned lane = stray_lane(meeting, meeting.returned);
  if (lane < kSimdWidth && meeting.function->kind != CollectiveFunction::kBarrier) {
    add(Mistake::kLanesReturned, group, meeting, lane, nullptr);
  }
}

void Convergence::add(Mistake mistake,
                      const Group& group,
                      const Meeting& meeting,
                      unsigned other_lane,
                      const void* other_site) {
  if (Record* record = add(mistake, meeting.site, other_site)) {
    const unsigned first = meeting.simd_group * kSimdWidth;
    const auto thread_of = [&](unsigned lane) {
      return thread_id(dispatch_, group.position, first + lane);
    };
    record->kind = meeting.function->kind;
    record->thread = thread_of(static_cast<unsigned>(std::countr_zero(meeting.active)));
    record->other_thread = other_lane < kSimdWidth ? thread_of(other_lane) : record->thread;
    record->here = static_cast<unsigned>(std::popcount(meeting.active));
    record->elsewhere = static_cast<unsigned>(
        std::popcount(mistake == Mistake::kLanesReturned ? meeting.returned : meeting.waiting));
  }
}

Convergence::Record* Convergence::add(Mistake mistake, const void* site, const void* other_site) {
  Record* record = records_.add({mistake, site, other_site});
  if (record != nullptr) {
    record->mistake = mistake;
    record->site = site;
    record->other_site = other_site;
  }
  return record;
}

Finding Convergence::describe(const Record& record) const {
  const bool is_barrier = record.mistake == Mistake::kDifferentBarriers;
  const char* what =
      record.kind == CollectiveFunction::kBarrier ? "simdgroup_barrier" : "a SIMD-group function";
  Finding finding;
  finding.check = is_barrier ? Check::kBarrier : Check::kDivergence;
  finding.is_advice = !is_barrier;
  finding.kernel = dispatch_.kernel;
  finding.count = record.count;
  Access& here = finding.accesses.emplace_back();
  here.thread = record.thread;
  Describer::locate(here, record.site);
  finding.place = here.place;
  if (record.mistake != Mistake::kUndefined) {
    Access& there = finding.accesses.emplace_back();
    there.thread = record.other_thread;
    if (record.other_site != nullptr) {
      Describer::locate(there, record.other_site);
    }
  }
  switch (record.mistake) {
    case Mistake::kDifferentBarriers:
      finding.message =
          fmt::format("threads of one group wait in different barriers: {} here and {} at {}",
                      record.here,
                      record.elsewhere,
                      to_string(finding.accesses.back().place));
      finding.remedy = "every thread of a group must reach the same barriers in the same order";
      break;
    case Mistake::kLanesWait:
      finding.message = fmt::format(
          "{} is reached by {} lanes while {} others of the SIMD-group wait "
          "elsewhere; only the lanes that are here take part",
          what,
          record.here,
          record.elsewhere);
      break;
    case Mistake::kLanesReturned:
      finding.message = fmt::format(
          "{} is reached by {} lanes only, because {} others of the "
          "SIMD-group have returned",
          what,
          record.here,
          record.elsewhere);
      break;
    case Mistake::kUndefined:
      finding.message = fmt::format(
          "{} lanes read the value of a lane that is not active or does not exist: what they get "
          "is "
          "undefined",
          record.here);
      break;
  }
  return finding;
}

Failure Convergence::finish() {
  std::vector<Finding> findings;
  for (const Record& record : records_.take()) {
    findings.push_back(describe(record));
  }
  return report_all(std::move(findings));
}

}  // namespace softmetal
