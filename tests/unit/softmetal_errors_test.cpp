// What a program gets when it makes a mistake: an error that names the thing, and a device that
// goes on.

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

class Errors : public SoftMetal {
 protected:
  std::string library_error(const std::string& source) {
    NS::Error* error = nullptr;
    const auto result = NS::TransferPtr(device_->newLibrary(text(source), nullptr, &error));
    EXPECT_FALSE(result);
    return error == nullptr ? "" : error->localizedDescription()->utf8String();
  }
  static void expect_contains(const std::string& whole, const std::string& part) {
    EXPECT_NE(whole.find(part), std::string::npos) << whole;
  }

  NS::SharedPtr<MTL::ComputePipelineState> scale() {
    return pipeline(
        "kernel void scale(device float* values, constant float& factor, uint i "
        "[[thread_position_in_grid]]) { values[i] *= factor; }",
        "scale");
  }
  /// Encodes with `encode` and gives the command buffer's error.
  template <class Encode>
  std::string encoding_error(const Encode& encode) {
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encode(encoder);
    encoder->endEncoding();
    return finish(commands);
  }
};

TEST_F(Errors, ShaderErrorsHaveFileLineAndColumn) {
  expect_contains(library_error("#include <metal_stdlib>\n\nkernel void f(device float* x) {\n"
                                "  x[0] = undeclared;\n}\n"),
                  "program_source:4:10: error: use of undeclared identifier 'undeclared'");
  expect_contains(
      library_error("#line 20 \"scale.metal\"\nkernel void f(device int* x) { x[0] = ; }\n"),
      "scale.metal:20:39: error: expected expression");
  expect_contains(library_error("#include <metal_stdlib>\n#include \"missing.h\"\n"),
                  "program_source:2:10: fatal error: 'missing.h' file not found");
  // Nothing of the host's headers is there.
  expect_contains(library_error("#include <vector>\n"), "program_source:1:10");
}

TEST_F(Errors, WhatMetalDoesNotHaveIsNotThere) {
  for (const std::string name : {"expm1", "log1p", "erf", "lgamma"}) {
    expect_contains(library_error("#include <metal_stdlib>\nusing namespace metal;\n"
                                  "kernel void f(device float* x) { x[0] = " +
                                  name + "(x[1]); }\n"),
                    "program_source:3:");
  }
}

TEST_F(Errors, MacrosAreDefined) {
  const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
  const NS::Object* keys[] = {text("FACTOR"), text("NAME")};
  const NS::Object* objects[] = {NS::Number::number(3), text("triple")};
  options->setPreprocessorMacros(NS::Dictionary::dictionary(objects, keys, 2));
  options->setLanguageVersion(MTL::LanguageVersion3_2);
  NS::Error* error = nullptr;
  const auto from = NS::TransferPtr(device_->newLibrary(
      text("kernel void NAME(device int* x) { x[0] = FACTOR; x[1] = __METAL_VERSION__; }"),
      options.get(),
      &error));
  ASSERT_TRUE(from) << error->localizedDescription()->utf8String();
  const auto state = pipeline(from.get(), "triple");
  const auto out = buffer(std::vector<int>(2));
  ASSERT_EQ(run(state.get(), {out.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<int>(out.get()), (std::vector<int>{3, 320}));
}

TEST_F(Errors, UnknownFunction) {
  const auto from = library("kernel void f(device int* x) { x[0] = 1; }");
  EXPECT_FALSE(NS::TransferPtr(from->newFunction(text("g"))));
  NS::Error* error = nullptr;
  EXPECT_FALSE(NS::TransferPtr(from->newFunction(text("g"), nullptr, &error)));
  ASSERT_NE(error, nullptr);
  EXPECT_EQ(error->code(), NS::Integer{MTL::LibraryErrorFunctionNotFound});
  expect_contains(error->localizedDescription()->utf8String(), "g: ");
  ASSERT_EQ(from->functionNames()->count(), 1u);
  EXPECT_TRUE(from->functionNames()->object(0)->isEqual(text("f")));
}

TEST_F(Errors, AnErrorInAnInstantiationNamesTheKernel) {
  const auto from = library(
      "template <typename T>\n"
      "kernel void f(device T* p) { p->nothing = 1; }\n"
      "template [[host_name(\"f_int\")]] kernel void f<int>(device int*);\n");
  ASSERT_TRUE(from);
  NS::Error* error = nullptr;
  const auto function = NS::TransferPtr(from->newFunction(text("f_int")));
  EXPECT_FALSE(NS::TransferPtr(device_->newComputePipelineState(function.get(), &error)));
  const std::string message = error->localizedDescription()->utf8String();
  EXPECT_NE(message.find("program_source:2:31: error: member reference base type 'int'"),
            std::string::npos)
      << message;
  EXPECT_NE(message.find("\nprogram_source:3:45: note: in the kernel 'f_int', f<int>"),
            std::string::npos)
      << message;
}

TEST_F(Errors, FunctionConstants) {
  const auto from = library(R"(
    constant int offset [[function_constant(2)]];
    constant bool wide [[function_constant(5)]];
    kernel void f(device int* x, device const int* extra [[function_constant(wide)]]) {
      x[0] = offset + (wide ? extra[0] : 0);
    })");
  ASSERT_TRUE(from);
  NS::Error* error = nullptr;
  const auto constants = NS::TransferPtr(MTL::FunctionConstantValues::alloc()->init());
  const int offset = -7;
  constants->setConstantValue(&offset, MTL::DataTypeInt, NS::UInteger{2});
  EXPECT_FALSE(NS::TransferPtr(from->newFunction(text("f"), constants.get(), &error)));
  ASSERT_NE(error, nullptr);
  expect_contains(error->localizedDescription()->utf8String(), "wide");
  for (const bool wide : {false, true}) {
    constants->setConstantValue(&wide, MTL::DataTypeBool, text("wide"));
    const auto function = NS::TransferPtr(from->newFunction(text("f"), constants.get(), &error));
    ASSERT_TRUE(function);
    const auto state = NS::TransferPtr(device_->newComputePipelineState(function.get(), &error));
    ASSERT_TRUE(state) << error->localizedDescription()->utf8String();
    const auto out = buffer(std::vector<int>{0}), extra = buffer(std::vector<int>{100});
    // A disabled parameter needs no buffer.
    ASSERT_EQ(run(state.get(), {out.get(), wide ? extra.get() : nullptr}, {1, 1, 1}, {1, 1, 1}),
              "");
    EXPECT_EQ(values<int>(out.get())[0], wide ? 93 : -7);
  }
}

TEST_F(Errors, MissingBufferIsNamed) {
  const auto state = scale();
  const auto x = buffer(std::vector<float>(4));
  const std::string error = run(state.get(), {x.get()}, {4, 1, 1}, {4, 1, 1});
  expect_contains(error, "kernel 'scale'");
  expect_contains(error, "buffer index 1 (parameter 'factor')");
}

TEST_F(Errors, LimitsAreNamed) {
  const auto state = scale();
  const auto x = buffer(std::vector<float>(4));
  expect_contains(run(state.get(), {x.get(), x.get()}, {2048, 1, 1}, {2048, 1, 1}), "1 to 1024");
  expect_contains(run(state.get(), {x.get(), x.get()}, {4, 1, 1}, {0, 1, 1}), "1 to 1024");
  expect_contains(run(state.get(), {x.get(), x.get()}, {NS::UInteger{1} << 32, 1, 1}, {64, 1, 1}),
                  "4294967295 along an axis");
  const std::vector<std::byte> bytes(5000);
  expect_contains(encoding_error([&](auto* e) { e->setBytes(bytes.data(), 5000, 0); }),
                  "1 to 4096");
  expect_contains(encoding_error([&](auto* e) { e->setBuffer(x.get(), 17, 0); }), "offset 17");
  expect_contains(encoding_error([&](auto* e) { e->setBuffer(x.get(), 0, 31); }), "index 31");
  expect_contains(encoding_error([&](auto* e) { e->setBufferOffset(0, 3); }), "index 3");
  expect_contains(encoding_error([&](auto* e) { e->setThreadgroupMemoryLength(20, 0); }),
                  "multiple of 16");
  expect_contains(encoding_error([&](auto* e) { e->dispatchThreads({1, 1, 1}, {1, 1, 1}); }),
                  "without a compute pipeline state");
}

TEST_F(Errors, ThreadgroupMemoryIsLimited) {
  const auto state = pipeline(
      "kernel void f(device int* x, threadgroup int* t [[threadgroup(0)]], uint i "
      "[[thread_index_in_threadgroup]]) { threadgroup int v[4096]; v[i] = 1; t[i] = v[i]; x[i] = "
      "t[i]; }",
      "f");
  ASSERT_TRUE(state);
  const auto x = buffer(std::vector<int>(4));
  const auto with_length = [&](NS::UInteger length) {
    return encoding_error([&](auto* e) {
      e->setComputePipelineState(state.get());
      e->setBuffer(x.get(), 0, 0);
      if (length != 0) {
        e->setThreadgroupMemoryLength(length, 0);
      }
      e->dispatchThreads({4, 1, 1}, {4, 1, 1});
    });
  };
  EXPECT_EQ(with_length(16384), "");
  expect_contains(with_length(16400), "32784 bytes of threadgroup memory");
  expect_contains(with_length(0), "threadgroup argument 't' (index 0) has no length");
}

TEST_F(Errors, MaxTotalThreadsOfTheKernelHolds) {
  const auto state = pipeline(
      "[[max_total_threads_per_threadgroup(64)]] kernel void f(device int* x, uint i "
      "[[thread_position_in_grid]]) { x[i] = 1; }",
      "f");
  ASSERT_TRUE(state);
  EXPECT_EQ(state->maxTotalThreadsPerThreadgroup(), 64u);
  const auto x = buffer(std::vector<int>(128));
  expect_contains(run(state.get(), {x.get()}, {128, 1, 1}, {128, 1, 1}), "1 to 64");
}

TEST_F(Errors, EncodersMustEnd) {
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  commands->computeCommandEncoder();
  expect_contains(finish(commands), "endEncoding");
  commands = queue_->commandBuffer();
  commands->computeCommandEncoder();
  commands->blitCommandEncoder()->endEncoding();
  expect_contains(finish(commands), "endEncoding");
}

TEST_F(Errors, ARejectedCommandBufferRunsNothing) {
  const auto state = scale();
  const auto x = buffer(std::vector<float>{1, 2});
  const auto factor = buffer(std::vector<float>{10});
  const std::string error = encoding_error([&](auto* e) {
    e->setComputePipelineState(state.get());
    e->setBuffer(x.get(), 0, 0);
    e->setBuffer(factor.get(), 0, 1);
    e->dispatchThreads({2, 1, 1}, {2, 1, 1});
    e->setBuffer(nullptr, 0, 1);
    e->dispatchThreads({2, 1, 1}, {2, 1, 1});
  });
  expect_contains(error, "parameter 'factor'");
  EXPECT_EQ(values<float>(x.get()), (std::vector<float>{1, 2}));
}

TEST_F(Errors, AKernelThatFaultsFailsItsCommandBufferAlone) {
  const auto divide = pipeline(
      "kernel void divide(device int* x, constant int& by, uint i [[thread_position_in_grid]]) "
      "{ x[i] = x[i] / by; }",
      "divide");
  const auto wild = pipeline(
      "kernel void wild(device int* x, constant ulong& far, uint i [[thread_position_in_grid]]) "
      "{ threadgroup_barrier(mem_flags::mem_none); x[far * i] = 1; }",
      "wild");
  ASSERT_TRUE(divide && wild);
  const auto x = buffer(std::vector<int>(64, 12));
  const auto zero = buffer(std::vector<int>{0}), three = buffer(std::vector<int>{3});
  const auto far = buffer(std::vector<std::uint64_t>{std::uint64_t{1} << 44});
  expect_contains(run(wild.get(), {x.get(), far.get()}, {64, 1, 1}, {64, 1, 1}),
                  "kernel 'wild': invalid memory access");
#if defined(__x86_64__)
  expect_contains(run(divide.get(), {x.get(), zero.get()}, {64, 1, 1}, {64, 1, 1}),
                  "kernel 'divide': integer division by zero");
#endif
  EXPECT_EQ(run(divide.get(), {x.get(), three.get()}, {32, 1, 1}, {32, 1, 1}), "");
  EXPECT_EQ(values<int>(x.get())[31], 4);
}

TEST_F(Errors, RunawayRecursionFailsItsCommandBufferAlone) {
  const auto deep = pipeline(
      "int down(int n) { volatile int a[512]; a[n & 511] = n; return n <= 0 ? a[0] : down(n - 1) + "
      "a[n & 511]; }\n"
      "kernel void deep(device int* x) { threadgroup_barrier(mem_flags::mem_none); x[0] = "
      "down(x[0]); }",
      "deep");
  ASSERT_TRUE(deep);
  const auto x = buffer(std::vector<int>{1000});
  expect_contains(run(deep.get(), {x.get()}, {2, 1, 1}, {2, 1, 1}),
                  "kernel 'deep': stack overflow");
}

}  // namespace
}  // namespace softmetal::testing
