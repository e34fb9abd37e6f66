// Buffers that hold structs with pointers: argument buffers and structs filled with addresses.
#include <array>
#include <cstdint>
#include <map>
#include <vector>

#include "softmetal/program.hpp"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ArgumentBuffers = SoftMetal;

constexpr const char* kSource = R"(
namespace data {
constant constexpr uint kFirst = 4;
template <typename T>
struct Arguments {
  device T* out [[id(0)]];
  constant T& scale [[id(kFirst)]];
  array<device const T*, 3> in [[id(kFirst + 1)]];
  uint count [[id(9)]];
  float2 offset;
};
}
struct Node {
  device Node* next;
  float value;
};
template <typename T>
kernel void combine(constant data::Arguments<T>& args [[buffer(2)]], uint i [[thread_position_in_grid]]) {
  if (i < args.count) {
    args.out[i] = args.scale * (args.in[0][i] + args.in[1][i] * args.in[2][i]) + args.offset.y;
  }
}
template [[host_name("combine_float")]] kernel void combine<float>(constant data::Arguments<float>&, uint);
kernel void total(device const Node* head, device float* sum) {
  for (auto node = head; node != nullptr; node = node->next) {
    *sum += node->value;
  }
}
kernel void gather(device float* device* rows [[buffer(0)]], device float* out,
                   uint i [[thread_position_in_grid]]) {
  out[i] = rows[i][i];
}
)";

TEST_F(ArgumentBuffers, MembersAreFoundByTheirIds) {
  const Program program(std::string("#include <metal_stdlib>\nusing namespace metal;\n") + kSource,
                        {});
  const Specialisation specialisation = program.specialise("combine_float", {});
  const Executable executable(specialisation, choose_build(specialisation, Options()));
  using Row = std::array<unsigned long, 5>;
  std::vector<Row> members;
  for (const ArgumentMember& m : executable.argument_members()) {
    members.push_back({m.buffer, m.id, m.count, m.offset, m.size});
  }
  EXPECT_EQ(members,
            (std::vector<Row>{{2, 0, 1, 0, 8},
                              {2, 4, 1, 8, 8},
                              {2, 5, 3, 16, 8},
                              {2, 9, 1, 40, 4},
                              {2, 10, 1, 48, 8}}));
  const Specialisation plain = program.specialise("gather", {});
  EXPECT_TRUE(Executable(plain, choose_build(plain, Options())).argument_members().empty());
}

TEST_F(ArgumentBuffers, AddressesOfBuffersServeAsPointers) {
  const auto state = pipeline(kSource, "combine_float");
  const auto out = buffer(std::vector<float>(4));
  const auto scale = buffer(std::vector<float>{2});
  const auto a = buffer(std::vector<float>{1, 2, 3, 4});
  const auto b = buffer(std::vector<float>{5, 6, 7, 8});
  const auto c = buffer(std::vector<float>{9, 10, 11, 12});
  struct Arguments {
    std::uint64_t out, scale, in[3];
    std::uint32_t count;
    alignas(8) float offset[2];
  };
  const auto arguments =
      buffer(std::vector<Arguments>{{out->gpuAddress(),
                                     scale->gpuAddress(),
                                     {a->gpuAddress(), b->gpuAddress(), c->gpuAddress()},
                                     3,
                                     {0, 0.5F}}});
  EXPECT_EQ(run(state.get(), {nullptr, nullptr, arguments.get()}, {4, 1, 1}, {4, 1, 1}), "");
  EXPECT_EQ(values<float>(out.get()), (std::vector<float>{92.5F, 124.5F, 160.5F, 0}));
}

TEST_F(ArgumentBuffers, PointersMayPointToPointers) {
  struct Node {
    std::uint64_t next;
    float value;
  };
  const auto last = buffer(std::vector<Node>{{0, 3}});
  const auto first = buffer(std::vector<Node>{{last->gpuAddress(), 4}});
  const auto sum = buffer(std::vector<float>{0});
  const auto from =
      library(std::string("#include <metal_stdlib>\nusing namespace metal;\n") + kSource);
  EXPECT_EQ(
      run(pipeline(from.get(), "total").get(), {first.get(), sum.get()}, {1, 1, 1}, {1, 1, 1}), "");
  EXPECT_EQ(values<float>(sum.get()), std::vector<float>{7});

  const auto row = buffer(std::vector<float>{1, 2});
  const auto other = buffer(std::vector<float>{3, 4});
  const auto rows = buffer(std::vector<std::uint64_t>{row->gpuAddress(), other->gpuAddress()});
  const auto out = buffer(std::vector<float>(2));
  EXPECT_EQ(
      run(pipeline(from.get(), "gather").get(), {rows.get(), out.get()}, {2, 1, 1}, {2, 1, 1}), "");
  EXPECT_EQ(values<float>(out.get()), (std::vector<float>{1, 4}));
}

}  // namespace
}  // namespace softmetal::testing
