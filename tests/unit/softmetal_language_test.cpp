// The language around kernels: what real shaders write, in as few sources as it takes.
#include <string>
#include <vector>

#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using Language = SoftMetal;

constexpr const char* kDeclarations = R"(
enum Mode : uint { kCopy, kAdd = 5, kScale };
enum class Kind { first = 3, second };
constant constexpr float kTable[4] = {1, 2, 4, 8};
static constant constexpr uint kCount = 4'0;
constant int3 kOffsets[2] = {int3(1, 2, 3), int3(4)};
constant struct { int a; float b; } kPair = {7, 0.5f};
namespace shapes {
constexpr constant float kPi = 3.0f;
struct Box {
  static constant constexpr int sides = 6;
  static constexpr int constant corners = 8;
  float3 size;
  Box() thread : size(1) {}
  explicit Box(float s) : size(s) {}
  float volume() const thread { return size.x * size.y * size.z; }
  float volume() const threadgroup { return size.x * size.y * size.z; }
  thread Box& operator+=(float s) thread { size += s; return *this; }
};
inline Box operator*(Box a, float s) { a.size *= s; return a; }
}  // namespace shapes
struct Bits { uint low : 4; uint high : 28; };
union Word { uint u; float f; };
template <typename... T> METAL_FUNC int sum_of(T... values) { return (0 + ... + int(values)); }
template <typename T, int N> struct Stack {
  T items[N];
  int used = 0;
  void push(T item) thread { if (used < N) { items[used++] = item; } }
  T operator[](int i) const thread { return items[i]; }
};
template <typename F> inline float apply(F f, float x) { return f(x); }
inline void bump(thread int& i, device atomic_uint* counter) {
  ++i;
  atomic_fetch_add_explicit(counter, 2u, memory_order_relaxed);
}
inline float first_of(constant float* p) { return p[0]; }
inline float first_of(const device float* p) { return p[0]; }
inline float first_of(threadgroup const float* p) { return p[0]; }
template <typename P> inline float second_of(P p) { return p[1]; }
)";

TEST_F(Language, DeclarationsAndExpressions) {
  const auto state = pipeline(std::string(kDeclarations) + R"msl(
kernel void f(device float* out, device atomic_uint* counter, constant float* in,
              threadgroup float* scratch [[threadgroup(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  int n = 0;
  out[n++] = kAdd + kScale + int(Kind::second);                          // 15
  out[n++] = kTable[i + 2] + kOffsets[1].y + kPair.a + kPair.b;          // 15.5
  out[n++] = kCount + shapes::Box::sides + shapes::Box::corners;         // 54
  shapes::Box box, other(2);
  box += 1;
  out[n++] = (box * 2.0f).volume() + other.volume();                     // 72
  Bits bits{};
  bits.low = 19;
  bits.high = 5;
  out[n++] = bits.low + bits.high;                                       // 8
  Word word;
  word.f = 1.0f;
  out[n++] = word.u == 0x3f80'0000u ? 1 : 0;                             // 1
  out[n++] = sum_of(1, 2.5f, 3u, short(4));                              // 10
  Stack<half, 3> stack;
  const half items[3] = {0.5h, 1.5H, half(2)};
  for (const half h : items) {
    stack.push(h);
  }
  out[n++] = stack[0] + stack[1] + stack[2];                             // 4
  const float k = 3;
  auto scaled = [&](float x) { return x * k; };
  out[n++] = apply(scaled, 4) + apply([](float x) { return -x; }, 1);    // 11
  int steps = 0;
  bump(steps, counter);
  out[n++] = steps;                                                      // 1
  scratch[0] = 21;
  scratch[1] = 22;
  out[n++] = first_of(in) + first_of(out) + first_of(scratch);           // 2 + 15 + 21
  out[n++] = second_of(in) + second_of(scratch);                         // 3 + 22
  threadgroup float4* quads = (threadgroup float4*)scratch;
  out[n++] = quads->y + reinterpret_cast<threadgroup float2*>(scratch)->x;  // 43
  _Pragma("clang loop unroll(full)") for (int j = 0; j < 2; ++j) {
    out[n] += j + 0b11;  // 7
  }
  ++n;
  if constexpr (sizeof(half) == 2) {
    out[n++] = 1e1h;  // 10
  }
  int vec = 1, array = 2, kernel_size = 3, min = 4, int8 = 5, main = 6, register_count = 7;
  out[n++] = vec + array + kernel_size + min + int8 + main + register_count;  // 28
}
)msl",
                              "f");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>(20, -1));
  const auto counter = buffer(std::vector<unsigned>{5});
  const auto in = buffer(std::vector<float>{2, 3});
  NS::AutoreleasePool* const pool = NS::AutoreleasePool::alloc()->init();
  MTL::CommandBuffer* commands = queue_->commandBuffer();
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  encoder->setComputePipelineState(state.get());
  NS::UInteger index = 0;
  for (MTL::Buffer* each : {out.get(), counter.get(), in.get()}) {
    encoder->setBuffer(each, 0, index++);
  }
  encoder->setThreadgroupMemoryLength(16, 0);
  encoder->dispatchThreads({1, 1, 1}, {1, 1, 1});
  encoder->endEncoding();
  EXPECT_EQ(finish(commands), "");
  pool->release();
  EXPECT_EQ(values<float>(out.get()),
            (std::vector<float>{15, 15.5F, 54, 72, 8,  1,  10, 4,  11, 1,
                                38, 25,    43, 6,  10, 28, -1, -1, -1, -1}));
  EXPECT_EQ(values<unsigned>(counter.get()), std::vector<unsigned>{7});
}

TEST_F(Language, ThreadgroupVariablesStandAnywhereInAKernel) {
  const auto state = pipeline(R"(
struct Pair { int a; float b; };
template <int N, typename T>
[[kernel]] void f(device float* out, uint i [[thread_index_in_threadgroup]]) {
  threadgroup Pair pair;
  threadgroup atomic_int sum;
  if (i == 0) {
    pair = {1, 2};
    atomic_store_explicit(&sum, 0, memory_order_relaxed);
  }
  {
    threadgroup T rows[N][2], *threadgroup next[2];
    rows[i][0] = i;
    rows[i][1] = i * 10;
    next[i % 2] = rows[i];
    threadgroup_barrier(mem_flags::mem_threadgroup);
    out[i] = rows[N - 1 - i][1] + *next[1] * 0;
  }
  if constexpr (N > 2) {
    threadgroup T last;
    if (i + 1 == N) {
      last = 100;
    }
    threadgroup_barrier(mem_flags::mem_threadgroup);
    out[i] += last;
  }
  auto add = [&](int x) { atomic_fetch_add_explicit(&sum, x, memory_order_relaxed); };
  add(int(i));
  threadgroup_barrier(mem_flags::mem_threadgroup);
  for (uint k = 0; k < 1; ++k) {
    threadgroup float shared;
    shared = pair.a + pair.b + atomic_load_explicit(&sum, memory_order_relaxed);
    threadgroup_barrier(mem_flags::mem_threadgroup);
    out[i] += shared * 1000;
  }
}
template [[host_name("f4")]] [[kernel]] void f<4, float>(device float*, uint);
)",
                              "f4");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<float>(4));
  EXPECT_EQ(run(state.get(), {out.get()}, {4, 1, 1}, {4, 1, 1}), "");
  EXPECT_EQ(values<float>(out.get()), (std::vector<float>{9130, 9120, 9110, 9100}));
}

// Each kernel has variables of its own, however many the file has.
TEST_F(Language, ManyThreadgroupVariablesInOneFile) {
  std::string source;
  for (int i = 0; i < 400; ++i) {
    const std::string n = std::to_string(i);
    source += "kernel void f" + n + "(device int* out) { threadgroup int a" + n + "[1000]; a" + n +
              "[999] = " + n + "; *out = a" + n + "[999]; }\n";
  }
  const auto state = pipeline(source, "f399");
  ASSERT_TRUE(state);
  const auto out = buffer(std::vector<int>{0});
  EXPECT_EQ(run(state.get(), {out.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<int>(out.get()), std::vector<int>{399});
  EXPECT_EQ(state->staticThreadgroupMemoryLength(), 4000U);
}

TEST_F(Language, FunctionConstantsOfEveryKind) {
  const auto from = library(R"(
#include <metal_stdlib>
using namespace metal;
enum { kBase = 10 };
constant float3 scale [[function_constant(kBase)]];
constant ushort2 size [[function_constant(kBase + 1)]];
constant bool maybe [[function_constant(12)]];
constant bool given = is_function_constant_defined(maybe);
constant bool use = given && maybe;
constant uint area = size.x * size.y;
constant bool absent = !use;
kernel void f(device float* out [[buffer(0)]],
              device const float* in [[buffer(1), function_constant(use)]],
              device const float* other [[buffer(1), function_constant(absent)]]) {
  out[0] = scale.z * area + (use ? in[0] : -other[0]);
}
)");
  ASSERT_TRUE(from);
  for (const bool with : {false, true}) {
    const auto constants = NS::TransferPtr(MTL::FunctionConstantValues::alloc()->init());
    const float scale[4] = {1, 2, 3, 0};
    const std::uint16_t size[2] = {5, 7};
    const bool yes = true;
    constants->setConstantValue(scale, MTL::DataTypeFloat3, NS::UInteger{10});
    constants->setConstantValue(size, MTL::DataTypeUShort2, text("size"));
    if (with) {
      constants->setConstantValue(&yes, MTL::DataTypeBool, NS::UInteger{12});
    }
    NS::Error* error = nullptr;
    const auto function = NS::TransferPtr(from->newFunction(text("f"), constants.get(), &error));
    ASSERT_TRUE(function) << error->localizedDescription()->utf8String();
    const auto state = NS::TransferPtr(device_->newComputePipelineState(function.get(), &error));
    ASSERT_TRUE(state);
    const auto out = buffer(std::vector<float>{0});
    const auto in = buffer(std::vector<float>{9});
    EXPECT_EQ(run(state.get(), {out.get(), in.get()}, {1, 1, 1}, {1, 1, 1}), "");
    EXPECT_EQ(values<float>(out.get())[0], with ? 114 : 96);
  }
}

}  // namespace
}  // namespace softmetal::testing
