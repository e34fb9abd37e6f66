#include "mcp/tools.hpp"

namespace ingot::mcp {

std::vector<Tool> all_tools(const Environment& environment) {
  return {kernels_search(environment),
          kernel_show(environment),
          select(environment),
          route(environment),
          estimate(environment),
          health(environment),
#if INGOT_HAS_SOFTMETAL  // which reads Metal sources
          msl_check(environment),
          msl_translate(environment),
#endif
          run_kernel(environment),
          pipeline_run(environment)};
}

}  // namespace ingot::mcp
