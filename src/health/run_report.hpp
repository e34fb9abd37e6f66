// A run as a page to look at.
#pragma once

#include <string>

#include "health/gate.hpp"
#include "health/run_log.hpp"

namespace ingot::health {

struct RunReport {
  std::string command;  // as it was typed
  std::string started;  // "2026-11-20 09:00:00 UTC"
  double seconds = 0;
  int exit_code = 0;
  Snapshot before;  // what the gate decided on
  Decision decision;
  RunLog log;
};

/// A self-contained HTML page, which refers to nothing outside itself and is well-formed XML too:
/// charts of memory, load, speed and temperature over time with the events, and tables. It follows
/// the reader's preference for light or dark.
std::string report_html(const RunReport& report);

}  // namespace ingot::health
