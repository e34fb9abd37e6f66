// Accesses outside of memory, to memory of others, and to what nobody wrote.
#include "gmock/gmock.h"
#include "softmetal_checks_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class MemoryChecks : public Checked {
 protected:
  // One thread on two buffers of 16 floats.
  std::vector<Finding> run_one(const std::string& body,
                               const std::string& types = "device float* a, device float* b",
                               unsigned threads = 1) {
    const std::string source = "struct Pair { float x, y; };\nkernel void f(" + types +
                               ", uint i [[thread_position_in_grid]]) {\n" + body + "\n}\n";
    const auto state = checked(source);
    const auto a = buffer(std::vector<float>(16, 20));
    const auto b = buffer(std::vector<float>(16));
    b->setLabel(text("results"));
    return find(
        state.get(), {a.get(), b.get()}, MTL::Size(threads, 1, 1), MTL::Size(threads, 1, 1));
  }

  void expect_one(const std::vector<Finding>& findings, Check check, const std::string& memory) {
    ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
    EXPECT_EQ(findings.front().check, check) << texts(findings);
    EXPECT_EQ(findings.front().place.line, 3u) << texts(findings);
    EXPECT_THAT(findings.front().memory, HasSubstr(memory));
    EXPECT_THAT(failure_, HasSubstr(std::string(name_of(check))));
  }
};

TEST_F(MemoryChecks, BoundsOfBuffers) {
  expect_one(run_one("b[16] = 1;"),
             Check::kBounds,
             "buffer 1 'b' (labelled 'results') + 64 bytes (element 16 of float), it has 64");
  expect_one(run_one("b[0] = a[int(i) - 1];"), Check::kBounds, "buffer 0 'a' - 4 bytes");
  // Far away, and across the end.
  expect_one(run_one("b[0] = a[1000000 + i];"), Check::kBounds, "buffer 0 'a' + 4000000 bytes");
  expect_one(run_one("*(device packed_float4*)(b + 13 + i) = packed_float4(1);"),
             Check::kBounds,
             "buffer 1 'b'");
  EXPECT_THAT(run_one("b[15] = a[15] + a[0]; *(device packed_float4*)(b + 12) = packed_float4(1);"),
              IsEmpty());
  EXPECT_EQ(failure_, "");
}

TEST_F(MemoryChecks, BoundsOfConstantBuffers) {
  expect_one(run_one("b[0] = a[16 + i];", "constant float* a, device float* b"),
             Check::kBounds,
             "buffer 0 'a' + 64 bytes");
  EXPECT_THAT(run_one("b[0] = a[15 + i];", "constant float* a, device float* b"), IsEmpty());
}

TEST_F(MemoryChecks, BoundsOfThreadgroupMemory) {
  // The variables lie side by side; an index beyond the one must not reach the other.
  expect_one(run_one("threadgroup float s[8]; threadgroup float t[8]; threadgroup float* p = s; "
                     "t[i] = 0; p[8 + i] = 1; b[0] = t[i];"),
             Check::kBounds,
             "threadgroup variable 's' + 32 bytes (element 8 of float), it has 32");
  expect_one(run_one("threadgroup float s[8]; s[a[0] > 0 ? int(a[0]) : 0] = 1; b[0] = s[i];"),
             Check::kBounds,
             "");
  EXPECT_THAT(run_one("threadgroup float s[8]; threadgroup float t[8]; s[7 + i] = 1; t[0] = s[7]; "
                      "b[0] = t[0];"),
              IsEmpty());
}

TEST_F(MemoryChecks, BoundsOfLocalArrays) {
  expect_one(run_one("float s[4] = {1, 2, 3, 4}; b[0] = s[int(a[0])];"), Check::kBounds, "");
  EXPECT_THAT(
      run_one("float s[32]; for (int j = 0; j < 32; ++j) s[j] = a[j % 16]; b[0] = s[int(a[0])];"),
      IsEmpty());
}

TEST_F(MemoryChecks, Alignment) {
  const auto findings =
      run_one("b[0] = (*(device float4*)(a + 1 + i)).x;", "device float* a, device float* b");
  ASSERT_FALSE(findings.empty());
  EXPECT_EQ(findings.front().check, Check::kAlignment) << texts(findings);
  EXPECT_EQ(findings.front().place.line, 3u) << texts(findings);
  EXPECT_THAT(findings.front().message, HasSubstr("multiple of 16"));
  EXPECT_THAT(
      run_one("b[0] = (*(device packed_float4*)(a + 1 + i)).x + (*(device float4*)(a + 4)).y;"),
      IsEmpty());
}

TEST_F(MemoryChecks, AlignmentOfVectorsThatAreCopiedWhole) {
  for (const char* fault : {"const float4 v = *(const device float4*)(a + 1); b[0] = v.x;",
                            "float4 v; v = *(device float4*)(a + 1 + i); b[0] = v.x;",
                            "*(device float4*)(b + 1) = float4(i);",
                            "*(device float4*)(b + 1) = *(device float4*)a;",
                            "*(device half4*)(b + 1) = half4(i);",
                            "device float4* p = (device float4*)(a + 1); b[0] = dot(p[0], p[1]);",
                            "struct Row { float4 v; uint n; }; Row r = *(device Row*)(a + 1); "
                            "b[0] = r.n;"}) {
    const auto findings = run_one(fault, "device float* a, device float* b");
    ASSERT_FALSE(findings.empty()) << fault;
    for (const Finding& finding : findings) {
      EXPECT_EQ(finding.check, Check::kAlignment) << texts(findings);
      EXPECT_EQ(finding.place.line, 3u) << texts(findings);
    }
  }
  EXPECT_THAT(
      run_one("float4 v = *(device float4*)(a + 4); v = *(const device float4*)(a + 8); v = 1;"
              "v = {1, 2, 3, 4}; *(device float4*)b = v; *(device half4*)(b + 6) = half4(v);"
              "packed_float4 p = v; v = p; v.xy = v.zw; float4 w[2] = {v, v}; b[4] = w[1].y;"
              "array<float4, 2> e; e[0] = v; auto f = e; b[5] = f[0].x;"),
      IsEmpty());
}

// Copies of such a union need trivial copies of vectors.
TEST_F(MemoryChecks, UnionsOfVectorsAreCopied) {
  const std::string source =
      "union U { float4 v; float f[4]; }; U u, w; u.v = float4(i); w = u; U x = w; "
      "b[0] = x.f[3]; b[1] = as_type<float4>(uint4(1)).x;";
  EXPECT_THAT(run_one(source), IsEmpty());
  EXPECT_THAT(run_one(source + "b[2] = (*(device float4*)(a + 1)).x;"), ::testing::Not(IsEmpty()));
}

TEST_F(MemoryChecks, UninitialisedThreadgroupMemory) {
  expect_one(run_one("threadgroup float s[8]; s[1] = 1; b[0] = s[i];"),
             Check::kUninitialised,
             "threadgroup variable 's' + 0 bytes");
  expect_one(run_one("threadgroup atomic_uint n; b[0] = atomic_fetch_add_explicit(&n, 1u, "
                     "memory_order_relaxed);"),
             Check::kUninitialised,
             "threadgroup variable 'n'");
  EXPECT_THAT(
      run_one("threadgroup atomic_uint n; atomic_store_explicit(&n, 0u, memory_order_relaxed); "
              "b[0] = atomic_fetch_add_explicit(&n, 1u, memory_order_relaxed);"),
      IsEmpty());
  // Nothing is left over from the group before: of four only the first writes.
  const auto state =
      checked(R"(kernel void f(device float* b [[buffer(1)]], device float* a [[buffer(0)]],
  uint g [[threadgroup_position_in_grid]]) { threadgroup float s[1];
  if (g == 0) s[0] = 1;
  b[g] = s[0];
})");
  const auto a = buffer(std::vector<float>(16));
  const auto b = buffer(std::vector<float>(16));
  const auto findings =
      find(state.get(), {a.get(), b.get()}, MTL::Size(4, 1, 1), MTL::Size(1, 1, 1));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_EQ(findings.front().count, 3u);
}

TEST_F(MemoryChecks, UninitialisedLocalMemory) {
  const auto findings =
      run_one("float s[32]; for (int j = 0; j < int(a[0]) - 4; ++j) s[j] = a[0]; b[i] = s[17 + i];",
              "device float* a, device float* b",
              3);
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_EQ(findings.front().check, Check::kUninitialised);
  EXPECT_EQ(findings.front().count, 3u);  // each thread starts anew
  EXPECT_THAT(
      run_one("float s[32]; for (int j = 0; j < int(a[0]) - 1; ++j) s[j] = a[0]; b[i] = s[17 + i];"
              " Pair p; p.x = a[0]; Pair q[2]; q[i] = p; b[1] = q[i].x;"),
      IsEmpty());
}

TEST_F(MemoryChecks, ReadOnlyMemory) {
  expect_one(run_one("*(device float*)(a + 1) = 2;", "const device float* a, device float* b"),
             Check::kReadOnly,
             "buffer 0 'a' + 4 bytes");
  // The same buffer may be bound for reading and for writing.
  const auto state =
      checked(R"(kernel void f(const device float* a [[buffer(0)]], device float* b [[buffer(1)]]) {
  b[0] = a[1] + 1;
})");
  const auto both = buffer(std::vector<float>(16));
  EXPECT_THAT(find(state.get(), {both.get(), both.get()}, MTL::Size(1, 1, 1), MTL::Size(1, 1, 1)),
              IsEmpty());
}

// What a kernel must not write is not watched for races until it does.
TEST_F(MemoryChecks, AWriteToReadOnlyMemoryMeetsReadsBehindIt) {
  const auto state = checked(R"(
kernel void f(const device float* a [[buffer(0)]], device float* b [[buffer(1)]],
              uint i [[thread_position_in_grid]]) {
  if (i == 0) *(device float*)a = 2;
  b[i] = a[0];
})");
  const auto a = buffer(std::vector<float>(16));
  const auto b = buffer(std::vector<float>(16));
  const auto findings =
      find(state.get(), {a.get(), b.get()}, MTL::Size(8, 1, 1), MTL::Size(8, 1, 1));
  ASSERT_THAT(findings, SizeIs(2)) << texts(findings);
  EXPECT_EQ(findings[0].check, Check::kReadOnly);
  EXPECT_EQ(findings[1].check, Check::kRace);
  EXPECT_EQ(findings[1].count, 7u);
}

TEST_F(MemoryChecks, ShiftsAndDivisions) {
  expect_one(run_one("int n = int(a[0]) + 12; b[0] = float(1 << n);"), Check::kArithmetic, "");
  expect_one(run_one("int n = int(a[0]) - 20; b[0] = float(7 / n);"), Check::kArithmetic, "");
  expect_one(run_one("uint n = uint(a[0]) - 20; b[0] = float(7u % n);"), Check::kArithmetic, "");
  EXPECT_THAT(run_one("int n = int(a[0]); b[0] = float(1 << n) + float(7 / n) + float(-1 << 3) + 1 "
                      "/ (a[0] - 20);"),
              IsEmpty());
}

TEST_F(MemoryChecks, ArgumentsThatAreTooSmall) {
  const auto state = checked(R"(struct P { float v[20]; };
kernel void f(constant P& p [[buffer(0)]], device float* b [[buffer(1)]]) { b[0] = p.v[0]; })");
  const auto small = buffer(std::vector<float>(16));
  const auto large = buffer(std::vector<float>(20));
  const auto b = buffer(std::vector<float>(16));
  const auto findings =
      find(state.get(), {small.get(), b.get()}, MTL::Size(1, 1, 1), MTL::Size(1, 1, 1));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_EQ(findings.front().check, Check::kArguments);
  EXPECT_THAT(findings.front().message, HasSubstr("'p') has 64 bytes, its type has 80"));
  EXPECT_THAT(find(state.get(), {large.get(), b.get()}, MTL::Size(1, 1, 1), MTL::Size(1, 1, 1)),
              IsEmpty());
  const auto unbound = find(state.get(), {large.get()}, MTL::Size(1, 1, 1), MTL::Size(1, 1, 1));
  ASSERT_THAT(unbound, SizeIs(1));
  EXPECT_EQ(unbound.front().check, Check::kArguments);
}

// Pointers in memory keep no buffer alive.
TEST_F(MemoryChecks, ReleasedBuffers) {
  const auto state = checked(R"(struct P { device float* p; };
kernel void f(constant P& p [[buffer(0)]], device float* b [[buffer(1)]]) {
  b[0] = p.p[2]; })");
  auto target = buffer(std::vector<float>(16));
  target->setLabel(text("weights"));
  const auto pointers = buffer(std::vector<std::uint64_t>{target->gpuAddress()});
  const auto b = buffer(std::vector<float>(16));
  const auto dispatch = [&](bool use) {
    take_findings();
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
    encoder->setComputePipelineState(state.get());
    encoder->setBuffer(pointers.get(), 0, 0);
    encoder->setBuffer(b.get(), 0, 1);
    if (use) {
      encoder->useResource(target.get(), MTL::ResourceUsageRead);
    }
    encoder->dispatchThreads(MTL::Size(1, 1, 1), MTL::Size(1, 1, 1));
    encoder->endEncoding();
    failure_ = finish(commands);
    return take_findings();
  };
  EXPECT_THAT(dispatch(true), IsEmpty());
  expect_one(dispatch(false), Check::kBounds, "a buffer that is not bound");
  pool_.reset();  // which still held the command buffers
  pool_ = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  target.reset();
  expect_one(dispatch(false), Check::kFreed, "released (labelled 'weights') + 8 bytes");
}

TEST_F(MemoryChecks, DispatchesThatNothingOrders) {
  const auto state =
      checked(R"(kernel void f(device float* a [[buffer(0)]], device float* b [[buffer(1)]]) {
  b[0] = a[0] + 1; })");
  const auto a = buffer(std::vector<float>(4));
  const auto b = buffer(std::vector<float>(4));
  const auto c = buffer(std::vector<float>(4));
  const auto dispatch = [&](MTL::DispatchType type, bool barrier) {
    take_findings();
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder(type);
    encoder->setComputePipelineState(state.get());
    encoder->setBuffer(a.get(), 0, 0);
    encoder->setBuffer(b.get(), 0, 1);
    encoder->dispatchThreads(MTL::Size(1, 1, 1), MTL::Size(1, 1, 1));
    if (barrier) {
      encoder->memoryBarrier(MTL::BarrierScopeBuffers);
    }
    encoder->setBuffer(b.get(), 0, 0);
    encoder->setBuffer(c.get(), 0, 1);
    encoder->dispatchThreads(MTL::Size(1, 1, 1), MTL::Size(1, 1, 1));
    encoder->endEncoding();
    failure_ = finish(commands);
    return take_findings();
  };
  EXPECT_THAT(dispatch(MTL::DispatchTypeSerial, false), IsEmpty());
  EXPECT_THAT(dispatch(MTL::DispatchTypeConcurrent, true), IsEmpty());
  const auto findings = dispatch(MTL::DispatchTypeConcurrent, false);
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_EQ(findings.front().check, Check::kOrder);
  EXPECT_EQ(findings.front().accesses[1].kernel, "f");
  EXPECT_THAT(dispatch(MTL::DispatchTypeConcurrent, true), IsEmpty());
}

// A buffer that one dispatch takes for reading only may be written by one beside it.
TEST_F(MemoryChecks, ADispatchWritesWhatAnUnorderedOneReads) {
  const auto state = checked(R"(
kernel void f(constant float* a [[buffer(0)]], device float* b [[buffer(1)]]) {
  b[0] = a[0] + 1; })");
  const auto a = buffer(std::vector<float>(4));
  const auto b = buffer(std::vector<float>(4));
  const auto c = buffer(std::vector<float>(4));
  const auto dispatch = [&](MTL::DispatchType type) {
    take_findings();
    MTL::CommandBuffer* commands = queue_->commandBuffer();
    MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder(type);
    encoder->setComputePipelineState(state.get());
    for (const auto& [from, to] : {std::pair(a.get(), b.get()), std::pair(c.get(), a.get())}) {
      encoder->setBuffer(from, 0, 0);
      encoder->setBuffer(to, 0, 1);
      encoder->dispatchThreads(MTL::Size(1, 1, 1), MTL::Size(1, 1, 1));
    }
    encoder->endEncoding();
    failure_ = finish(commands);
    return take_findings();
  };
  EXPECT_THAT(dispatch(MTL::DispatchTypeSerial), IsEmpty());
  expect_one(dispatch(MTL::DispatchTypeConcurrent), Check::kOrder, "buffer 1 'b'");
}

}  // namespace
}  // namespace softmetal::testing
