// What is said when something is refused.
#pragma once

#include <string>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

namespace ingot {

/// The message of the Error that `call` throws; the test fails where it throws none.
template <class F>
std::string refusal(F&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  ADD_FAILURE() << "accepted";
  return "";
}

}  // namespace ingot
