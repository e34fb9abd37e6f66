// The routing table: which kernels serve an operation, under which condition.
#pragma once

#include <string_view>
#include <vector>

#include "select/condition.hpp"

namespace ingot {

/// One kernel of a row.
struct Step {
  enum class Joint { kThen, kBeside };  // after the one before it, or beside it
  std::string_view kernel;              // id: "REDUCE_L2"
  Joint joint = Joint::kThen;
};

struct Rule {
  std::vector<std::string_view> operations;  // its names, the first the one that answers use
  Condition condition;
  std::vector<Step> steps;
  bool adds = false;  // to the steps of the row that was taken
  std::string_view note;
};

/// Reads a table as data/routing.txt describes it; the rules point into `text`. Throws
/// Error(kInvalidArgument) that names the line.
std::vector<Rule> parse_routing(std::string_view text);

/// The table of this version.
const std::vector<Rule>& routing();

/// "A > B + C".
std::string to_string(const std::vector<Step>& steps);

}  // namespace ingot
