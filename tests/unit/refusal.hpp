// What is said when something is refused.
#pragma once

#include <optional>
#include <string>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {

/// The message of the Error that `call` throws; the test fails where it throws none, or one of
/// another code.
template <class F>
std::string refusal(F&& call, std::optional<ErrorCode> code = {}) {
  try {
    call();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), code.value_or(error.code())) << error.what();
    return error.what();
  }
  ADD_FAILURE() << "accepted";
  return "";
}

}  // namespace ingot
