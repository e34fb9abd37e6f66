// What the tests of the checks share: runs a kernel under some checks and gives what was found.
#pragma once

#include <string>
#include <vector>

#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal_fixture.hpp"

namespace softmetal::testing {

class Checked : public SoftMetal {
 protected:
  /// Puts the source's first line on line 1 of program_source.
  NS::SharedPtr<MTL::ComputePipelineState> checked(const std::string& source,
                                                   const std::string& name = "f") {
    const auto from =
        library("#include <metal_stdlib>\nusing namespace metal;\n#line 1\n" + source);
    return from ? pipeline(from.get(), name) : NS::SharedPtr<MTL::ComputePipelineState>();
  }

  std::vector<Finding> find(MTL::ComputePipelineState* state,
                            std::initializer_list<MTL::Buffer*> buffers,
                            MTL::Size grid,
                            MTL::Size group) {
    take_findings();
    failure_ = run(state, buffers, grid, group);
    return take_findings();
  }

  static Options all_checks() {
    Options options;
    options.checks = CheckSet::all();
    options.print = false;
    return options;
  }

  const ScopedOptions options_{all_checks()};
  std::string failure_;  // of the command buffer that find() ran
};

inline std::string texts(const std::vector<Finding>& findings) {
  std::string all;
  for (const Finding& finding : findings) {
    all += to_string(finding) + "\n";
  }
  return all;
}

}  // namespace softmetal::testing
