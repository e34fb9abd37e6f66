// The agent pack: the files that teach coding agents to use Ingot.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ingot::agents {

struct PackFile {
  std::string path;  // in the project, with '/'
  std::string text;
};

/// Whose files: Claude Code's agents and skill, AGENTS.md, or both.
enum class Audience { kClaude, kAgentsMd, kAll };

/// "claude", "agents-md", "all". Throws Error(kInvalidArgument) for any other word.
Audience parse_audience(std::string_view word);

/// The files as this program writes them, each with the stamp of `version`.
std::vector<PackFile> make_pack(Audience audience, std::string_view version);

}  // namespace ingot::agents
