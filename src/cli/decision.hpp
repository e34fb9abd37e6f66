// The gate's decision for people and machines, as `ingot health` and `ingot watch` show it.
#pragma once

#include <cstdio>
#include <string>

#include "health/gate.hpp"
#include "program/command.hpp"

namespace ingot::cli {

/// 0 pass, 3 warn, 4 block.
int exit_code_of(health::Verdict verdict);

/// The workload of a file, or an empty one for "".
planner::WorkloadDescription read_workload(const std::string& path);

/// "verdict", "findings", "undecided" and "guidance".
Json json_of(const health::Decision& decision);

/// The findings and the guidance as lines; colours as `stream` has them.
std::string text_of(const health::Decision& decision, std::FILE* stream);

}  // namespace ingot::cli
