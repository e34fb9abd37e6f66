// The tools. Each file tools_*.cpp is one group of them.
#pragma once

#include <vector>

#include "mcp/environment.hpp"
#include "mcp/tool.hpp"

namespace ingot::mcp {

/// All tools. `environment` must outlive them.
std::vector<Tool> all_tools(const Environment& environment);

Tool kernels_search(const Environment& environment);
Tool kernel_show(const Environment& environment);
Tool select(const Environment& environment);
Tool route(const Environment& environment);
Tool estimate(const Environment& environment);
Tool health(const Environment& environment);
Tool msl_check(const Environment& environment);
Tool msl_translate(const Environment& environment);
Tool run_kernel(const Environment& environment);
Tool pipeline_run(const Environment& environment);

}  // namespace ingot::mcp
