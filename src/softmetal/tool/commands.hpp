// The commands for Metal sources: list, check, run and translate.
#pragma once

#include <string>
#include <vector>

#include "program/command.hpp"

namespace softmetal::tool {

/// Adds the commands below `parent`, a program or one of its commands.
void add_msl_commands(CLI::App& parent, ingot::cli::Common& common);

/// What the placeholders of these commands' values stand for, for shell completion.
std::vector<std::string> completions(const std::string& placeholder);

inline constexpr const char* kChecksValue = "CHECKS";
inline constexpr const char* kScheduleValue = "SCHEDULE";

// One function per command; each sets the callback that does the work.
void add_list(CLI::App& parent, ingot::cli::Common& common);
void add_check(CLI::App& parent, ingot::cli::Common& common);
void add_run(CLI::App& parent, ingot::cli::Common& common);
void add_translate(CLI::App& parent, ingot::cli::Common& common);

}  // namespace softmetal::tool
