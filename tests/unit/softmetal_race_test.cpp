#include "softmetal_checks_fixture.hpp"

namespace softmetal::testing {
namespace {

using Race = Checked;

// Line 4 writes what line 5 reads; the barrier between them is missing.
constexpr const char* kMissingBarrier = R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float tile[64];
  tile[i] = float(i);
  out[i] = tile[63 - i];
}
)";

TEST_F(Race, MissingBarrierIsFound) {
  const auto state = checked(kMissingBarrier);
  const auto out = buffer(std::vector<float>(64));
  const auto findings = find(state.get(), {out.get()}, MTL::Size(64, 1, 1), MTL::Size(64, 1, 1));
  printf("%s\n", texts(findings).c_str());
}

}  // namespace
}  // namespace softmetal::testing
