// The names of checks and schedules, and what applies.
#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <mutex>
#include <utility>

#include "ingot/error.hpp"

#include "core/text.hpp"
#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;
namespace {

constexpr std::array<std::string_view, kCheckCount> kNames = {"bounds",
                                                              "alignment",
                                                              "race",
                                                              "barrier",
                                                              "uninitialised",
                                                              "readonly",
                                                              "arguments",
                                                              "divergence",
                                                              "arithmetic",
                                                              "freed",
                                                              "order",
                                                              "hang"};

struct Current {
  std::mutex mutex;
  Options options = options_from_environment();
};
Current& current() {
  static Current instance;
  return instance;
}

CheckSet parse_word(std::string_view word, CheckSet set) {
  const bool without = word.starts_with('-');
  const std::string_view name = word.substr(without ? 1 : 0);
  if (name == "all" || name == "none") {
    return (name == "all") != without ? CheckSet::all() : CheckSet();
  }
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(word),
                "there is no check of this name",
                fmt::format("write all, none or some of: {}", fmt::join(kNames, ", ")));
  }
  const auto check = static_cast<Check>(found - kNames.begin());
  return without ? set.without(check) : set.with(check);
}

std::chrono::milliseconds parse_timeout(std::string_view text) {
  const std::optional<double> seconds = ingot::parse_real(text);
  constexpr double kLongest = 1e6;
  if (!seconds || !(*seconds >= 0 && *seconds <= kLongest)) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(text),
                fmt::format("not a time in seconds from 0 to {}", kLongest));
  }
  return std::chrono::milliseconds(std::llround(std::ceil(*seconds * 1000)));
}

// Calls `use` with the variable's text if it is set and not empty.
template <typename Use>
void read_variable(const char* name, const Use& use) {
  const char* text = std::getenv(name);
  if (text == nullptr || *text == 0) {
    return;
  }
  try {
    use(std::string_view(text));
  } catch (const Error& error) {
    throw Error(error.code(), fmt::format("{}={}", name, text), error.what());
  }
}

bool parse_switch(std::string_view text) {
  if (text != "1" && text != "0") {
    throw Error(
        ErrorCode::kInvalidArgument, std::string(text), "neither on nor off", "write 1 or 0");
  }
  return text == "1";
}

}  // namespace

std::string_view name_of(Check check) {
  return kNames[static_cast<std::size_t>(check)];
}

CheckSet CheckSet::parse(std::string_view text) {
  CheckSet set;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    set = parse_word(text.substr(0, comma), set);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return set;
}

Schedule Schedule::parse(std::string_view text) {
  constexpr std::string_view kRandomPrefix = "random:";
  if (text == "forward") {
    return {Order::kForward};
  }
  if (text == "reverse") {
    return {Order::kReverse};
  }
  if (text == "adversarial") {
    return {Order::kAdversarial};
  }
  if (text.starts_with(kRandomPrefix)) {
    const std::string_view digits = text.substr(kRandomPrefix.size());
    Schedule schedule{Order::kRandom};
    const auto [end, error] =
        std::from_chars(digits.data(), digits.data() + digits.size(), schedule.seed);
    if (error == std::errc() && end == digits.data() + digits.size()) {
      return schedule;
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              std::string(text),
              "not a schedule",
              "write forward, reverse, adversarial or random:SEED");
}

Options options_from_environment() {
  Options result;
  read_variable("SOFTMETAL_CHECK", [&](auto text) { result.checks = CheckSet::parse(text); });
  read_variable("SOFTMETAL_SCHEDULE", [&](auto text) { result.schedule = Schedule::parse(text); });
  read_variable("SOFTMETAL_TIMEOUT", [&](auto text) { result.timeout = parse_timeout(text); });
  read_variable("SOFTMETAL_COVERAGE", [&](auto) { result.coverage = true; });
  read_variable("SOFTMETAL_STRICT", [&](auto text) { result.strict = parse_switch(text); });
  return result;
}

Options options() {
  const std::lock_guard lock(current().mutex);
  return current().options;
}

void set_options(const Options& options) {
  const std::lock_guard lock(current().mutex);
  current().options = options;
}

ScopedOptions::ScopedOptions(const Options& chosen) : before_(options()) {
  set_options(chosen);
  take_findings();
}

ScopedOptions::~ScopedOptions() {
  set_options(before_);
}

}  // namespace softmetal
