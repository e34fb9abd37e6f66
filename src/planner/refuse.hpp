// How the planner says no to what it is given.
#pragma once

#include <string>
#include <utility>

#include "ingot/error.hpp"

namespace ingot::planner {

/// Throws Error(kInvalidArgument).
[[noreturn]] inline void refuse(std::string subject, std::string problem, std::string remedy = {}) {
  throw Error(
      ErrorCode::kInvalidArgument, std::move(subject), std::move(problem), std::move(remedy));
}

}  // namespace ingot::planner
