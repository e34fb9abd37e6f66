// Finds objects of the Metal API that a program has not released.
#pragma once

#include <cstddef>
#include <map>
#include <string>

namespace softmetal {

/// How many objects live, by class ("MTL::Buffer"). The device, constant strings and what else
/// lives as long as the program are not counted; what waits in an autorelease pool is. No other
/// thread may make or release objects at the time.
std::map<std::string, std::size_t> live_objects();

/// What was made since and lives on. In a test:
///
///     const softmetal::LeakCheck leaks;
///     ...                                 // all pools that were made here are drained
///     EXPECT_EQ(leaks.text(), "");
class LeakCheck {
 public:
  LeakCheck() : before_(live_objects()) {}

  /// "2 MTL::Buffer, 1 NS::String", or "".
  std::string text() const;

 private:
  std::map<std::string, std::size_t> before_;
};

}  // namespace softmetal
