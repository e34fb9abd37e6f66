// What the process has counted for Coverage.
#pragma once

#include <mutex>
#include <set>

#include "softmetal/include/softmetal/coverage.hpp"

namespace softmetal {

class BlockCounter;

/// The counters of kernels that are loaded, and the counts of those that were. Lives until the
/// process ends, since kernels may be unloaded by the destructors of static objects.
class CoverageLog {
 public:
  /// When called first, arranges for the file that SOFTMETAL_COVERAGE names.
  static CoverageLog& get();

  void add(BlockCounter* counter);
  void remove(BlockCounter* counter);
  Coverage take();

 private:
  std::mutex mutex_;
  std::set<BlockCounter*> loaded_;
  Coverage unloaded_;
};

}  // namespace softmetal
