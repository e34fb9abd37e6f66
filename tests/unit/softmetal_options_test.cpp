#include <cstdlib>
#include <gtest/gtest.h>

#include "ingot/error.hpp"

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {
namespace {

TEST(SoftmetalOptions, ReadsSetsOfChecks) {
  EXPECT_EQ(CheckSet::parse("all"), CheckSet::all());
  EXPECT_EQ(CheckSet::parse(""), CheckSet());
  EXPECT_EQ(CheckSet::parse("none"), CheckSet());
  EXPECT_EQ(CheckSet::parse("race,bounds"), CheckSet().with(Check::kBounds).with(Check::kRace));
  EXPECT_EQ(CheckSet::parse("all,-order"), CheckSet::all().without(Check::kOrder));
  for (std::size_t i = 0; i < kCheckCount; ++i) {
    const auto check = static_cast<Check>(i);
    EXPECT_EQ(CheckSet::parse(name_of(check)), CheckSet().with(check));
  }
}

TEST(SoftmetalOptions, NamesTheChecksThereAre) {
  try {
    CheckSet::parse("races");
    FAIL() << "accepted";
  } catch (const ingot::Error& error) {
    EXPECT_EQ(error.code(), ingot::ErrorCode::kInvalidArgument);
    EXPECT_NE(std::string(error.what()).find("uninitialised"), std::string::npos) << error.what();
  }
}

TEST(SoftmetalOptions, ReadsSchedules) {
  EXPECT_EQ(Schedule::parse("forward").order, Schedule::Order::kForward);
  EXPECT_EQ(Schedule::parse("reverse").order, Schedule::Order::kReverse);
  EXPECT_EQ(Schedule::parse("adversarial").order, Schedule::Order::kAdversarial);
  EXPECT_EQ(Schedule::parse("random:17"), (Schedule{Schedule::Order::kRandom, 17}));
  for (const char* wrong : {"", "random", "random:", "random:-1", "random:1x", "shuffled"}) {
    EXPECT_THROW(Schedule::parse(wrong), ingot::Error) << wrong;
  }
}

TEST(SoftmetalOptions, EnvironmentNamesTheVariable) {
  setenv("SOFTMETAL_TIMEOUT", "soon", 1);
  try {
    options_from_environment();
    ADD_FAILURE() << "accepted";
  } catch (const ingot::Error& error) {
    EXPECT_NE(std::string(error.what()).find("SOFTMETAL_TIMEOUT=soon"), std::string::npos)
        << error.what();
  }
  setenv("SOFTMETAL_TIMEOUT", "0.5", 1);
  setenv("SOFTMETAL_CHECK", "race", 1);
  EXPECT_EQ(options_from_environment().timeout, std::chrono::milliseconds(500));
  EXPECT_EQ(options_from_environment().checks, CheckSet().with(Check::kRace));
  setenv("SOFTMETAL_STRICT", "1", 1);
  EXPECT_TRUE(options_from_environment().strict);
  setenv("SOFTMETAL_STRICT", "yes", 1);
  EXPECT_THROW(options_from_environment(), ingot::Error);
  unsetenv("SOFTMETAL_STRICT");
  EXPECT_FALSE(options_from_environment().strict);
  unsetenv("SOFTMETAL_TIMEOUT");
  unsetenv("SOFTMETAL_CHECK");
  EXPECT_EQ(options_from_environment().checks, CheckSet());
}

}  // namespace
}  // namespace softmetal
