// Worked examples of the router, for documents and tests.
#pragma once

#include <span>
#include <string_view>

namespace ingot::planner {

struct WorkedExample {
  int number;
  std::string_view name;  // "matmul-50k"
  std::string_view title;
  std::string_view workload;  // JSON
  std::string_view path;      // "S0 S3 T1"
  std::string_view comment;   // why, and what the answer says
};

/// For a machine with an Apple M5 and 24 GB, and the prices that come with Ingot.
std::span<const WorkedExample> worked_examples();

}  // namespace ingot::planner
