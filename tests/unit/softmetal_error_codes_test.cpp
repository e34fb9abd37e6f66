// The codes of command buffers' errors.
#include <chrono>

#include "gtest/gtest.h"

#include "softmetal_checks_fixture.hpp"

namespace softmetal::testing {
namespace {

class ErrorCodes : public Checked {
 protected:
  // Of a kernel `f` on a buffer of 64 elements; the options are those in force.
  NS::Integer code_of(const std::string& body, unsigned buffers = 1) {
    const auto state = checked(
        "uint deep(uint n) { uint a[4096]; a[n % 4096] = n; "
        "return n == 0 ? a[0] : deep(n - 1) + a[n % 4096]; }\n"
        "kernel void f(device uint* x, uint i [[thread_index_in_threadgroup]]) {\n" +
        body + "\n}");
    const auto x = buffer(std::vector<std::uint32_t>(64));
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(state.get());
    if (buffers != 0) {
      encoder->setBuffer(x.get(), 0, 0);
    }
    encoder->dispatchThreads(MTL::Size(64, 1, 1), MTL::Size(64, 1, 1));
    encoder->endEncoding();
    finish(commands);
    return commands->error() == nullptr ? 0 : commands->error()->code();
  }

  static void use(CheckSet checks, std::chrono::milliseconds timeout = std::chrono::seconds(30)) {
    Options options = all_checks();
    options.checks = checks;
    options.timeout = timeout;
    set_options(options);
  }
};

TEST_F(ErrorCodes, OfFindings) {
  EXPECT_EQ(code_of("x[i] = i;"), MTL::CommandBufferErrorNone);
  EXPECT_EQ(code_of("x[i + 1] = i;"), MTL::CommandBufferErrorPageFault);
  EXPECT_EQ(code_of("x[0] = i;"), MTL::CommandBufferErrorInternal);  // a race
  EXPECT_EQ(code_of("if (i < 32) { return; }\nthreadgroup_barrier(mem_flags::mem_device);"),
            MTL::CommandBufferErrorTimeout);
  EXPECT_EQ(code_of("x[i] = i;", 0), MTL::CommandBufferErrorInvalidResource);
}

TEST_F(ErrorCodes, OfFaultsWithoutChecks) {
  use(CheckSet());
  EXPECT_EQ(code_of("x[i * 0x10000000ul] = i;"), MTL::CommandBufferErrorPageFault);
  EXPECT_EQ(code_of("x[i] = deep(1000 + x[i]);"), MTL::CommandBufferErrorStackOverflow);
  EXPECT_EQ(code_of("x[i] = int(i) / int(x[i]);"), MTL::CommandBufferErrorInternal);
  EXPECT_EQ(code_of("if (i < 32) { return; }\nthreadgroup_barrier(mem_flags::mem_device);"),
            MTL::CommandBufferErrorTimeout);
  EXPECT_EQ(code_of("x[i] = i;", 0), MTL::CommandBufferErrorInvalidResource);
}

TEST_F(ErrorCodes, OfHangs) {
  SKIP_IF_SIGNALS_WAIT();
  use(CheckSet(), std::chrono::milliseconds(50));
  EXPECT_EQ(code_of("while (x[63] == 0) { x[i] = 0; }"), MTL::CommandBufferErrorTimeout);
}

}  // namespace
}  // namespace softmetal::testing
