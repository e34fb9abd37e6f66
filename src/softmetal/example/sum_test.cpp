// The shader under softmetal's checks, and with a mistake in it.
#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <fstream>
#include <iterator>
#include <softmetal/checks.hpp>
#include <string>

#include "gtest/gtest.h"

TEST(Placeholder, Builds) {
  EXPECT_TRUE(softmetal::take_findings().empty());
}
