// The tables of the agent pack, made from what the program itself decides by. Each function gives
// Markdown without a newline at its end.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ingot::agents {

struct Domain {
  std::string_view name;
  std::string_view summary;
};

/// The domains in the order of the documents.
const std::vector<Domain>& domains();

// tables_catalogue.cpp
std::string domain_table();    // a row for each domain, with its kernels
std::string kernel_catalog();  // a section for each domain

/// Elements of the calls in estimate_table().
inline constexpr int64_t kSampleElements = 10'000'000;

// tables_select.cpp
std::string routing_table();
std::string fact_table();
std::string fusion_table();
std::string pipeline_recipes();

// tables_planner.cpp
std::string device_table();
std::string estimate_table();   // arithmetic, bytes and time of each kernel on some devices
std::string routing_machine();  // inputs, states and transitions, diagram
std::string terminals();
std::string terminal_table();
std::string worked_examples();

// tables_health.cpp
std::string health_intro();
std::string health_gate();
std::string health_watch();

}  // namespace ingot::agents
