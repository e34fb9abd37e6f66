// What of Ingot works on this machine, what does not, and what to do about it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::health {

enum class CheckState : uint8_t {
  kOk,       // in use
  kMissing,  // optional: not there, and what needs it is off
  kBroken,   // must be mended: needed, or there but not working
};
/// "ok", "missing", "broken".
std::string_view to_string(CheckState state);

struct Check {
  std::string name;
  CheckState state = CheckState::kOk;
  std::string found;   // "AVX3_ZEN4", "clang 19.1.7"; "" when missing
  std::string why;     // why this one is used, or why it is missing
  std::string remedy;  // a command, or a thing to do; "" where there is nothing to mend
};

/// Looks at everything once: code paths of the processor, matrix products, softmetal and its
/// compiler, GPUs, caches. Compiles a small shader, so it takes a second where softmetal's cache is
/// empty.
std::vector<Check> diagnose();

/// Whether nothing has to be mended.
bool all_well(const std::vector<Check>& checks);

}  // namespace ingot::health
