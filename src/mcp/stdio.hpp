// The wire: one message a line, on two file descriptors.
#pragma once

#include <cstddef>

#include "mcp/server.hpp"

namespace ingot::mcp {

/// Longest message that is read, in bytes. A longer one is answered by an error and skipped.
inline constexpr std::size_t kMostMessage = 1 << 20;
/// Most calls of tools at once. One more is answered by an error.
inline constexpr std::size_t kMostCalls = 8;

/// Answers the messages from `input` on `output` until `input` ends; then finishes what runs.
/// Calls run beside each other. An output that nobody reads any more ends everything.
void serve(Server& server, int input, int output);

}  // namespace ingot::mcp
