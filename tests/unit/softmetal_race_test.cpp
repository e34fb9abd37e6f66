// Races: each fault is planted in a small kernel, and the same kernel without it stays silent.
#include "gmock/gmock.h"
#include "softmetal_checks_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class Race : public Checked {
 protected:
  Race() {
    Options only = all_checks();
    only.checks = CheckSet().with(Check::kRace);
    set_options(only);
  }

  std::vector<Finding> run_on_64(const std::string& source, unsigned groups = 1) {
    const auto state = checked(source);
    const auto out = buffer(std::vector<float>(256));
    return find(state.get(), {out.get()}, MTL::Size(64 * groups, 1, 1), MTL::Size(64, 1, 1));
  }
};

// A tile that is written, and read by other threads after `between`.
std::string tile(const std::string& between) {
  return R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]],
              uint lane [[thread_index_in_simdgroup]]) {
  threadgroup float tile[64];
  tile[i] = float(i);
)" + between +
         R"(
  out[i] = tile[i ^ 1];
}
)";
}

TEST_F(Race, AMissingBarrierIsNamedWithBothAccesses) {
  const auto findings = run_on_64(tile(""));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  const Finding& race = findings.front();
  EXPECT_EQ(race.check, Check::kRace);
  EXPECT_EQ(race.kernel, "f");
  EXPECT_FALSE(race.is_advice);
  ASSERT_THAT(race.accesses, SizeIs(2));
  // Threads run in order: 1 reads what 0 wrote, or writes what 0 has read.
  const Access& second = race.accesses[0];
  const Access& first = race.accesses[1];
  ASSERT_TRUE(first.thread && second.thread);
  EXPECT_EQ(first.thread->index_in_threadgroup, 0u);
  EXPECT_EQ(second.thread->index_in_threadgroup, 1u);
  EXPECT_EQ(second.thread->position_in_grid[0], 1u);
  EXPECT_EQ(second.bytes, 4u);
  const bool writes_first = first.kind == Access::Kind::kWrite;
  EXPECT_NE(writes_first, second.kind == Access::Kind::kWrite);
  EXPECT_EQ(first.place.line, writes_first ? 5u : 7u);
  EXPECT_EQ(second.place.line, writes_first ? 7u : 5u);
  EXPECT_EQ(first.place.file, "program_source");
  EXPECT_GT(first.place.column, 2u);
  EXPECT_THAT(race.memory, HasSubstr("threadgroup variable 'tile'"));
  EXPECT_THAT(race.memory, HasSubstr("of float"));
  EXPECT_THAT(race.remedy, HasSubstr("threadgroup_barrier"));
  EXPECT_THAT(failure_, HasSubstr("[race]"));
}

TEST_F(Race, BarriersOrder) {
  EXPECT_THAT(run_on_64(tile("threadgroup_barrier(mem_flags::mem_threadgroup);")), IsEmpty());
  EXPECT_EQ(failure_, "");
  // Neighbours share a SIMD-group.
  EXPECT_THAT(run_on_64(tile("simdgroup_barrier(mem_flags::mem_threadgroup);")), IsEmpty());
}

TEST_F(Race, ABarrierForOtherMemoryOrdersNothing) {
  const auto findings = run_on_64(tile("threadgroup_barrier(mem_flags::mem_device);"));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_THAT(findings.front().remedy, HasSubstr("mem_threadgroup"));
  EXPECT_THAT(run_on_64(tile("threadgroup_barrier(mem_flags::mem_none);")), SizeIs(1));
}

TEST_F(Race, ASimdgroupBarrierDoesNotReachOtherSimdgroups) {
  std::string source = tile("simdgroup_barrier(mem_flags::mem_threadgroup);");
  source.replace(source.find("i ^ 1"), 5, "i ^ 32");
  EXPECT_THAT(run_on_64(source), SizeIs(1));
}

TEST_F(Race, DeviceMemoryNeedsItsOwnBarrier) {
  const auto source = [](const std::string& flags) {
    return R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  out[i] = 1;
  threadgroup_barrier()" +
           flags + R"();
  out[64 + i] = out[63 - i];
})";
  };
  EXPECT_THAT(run_on_64(source("mem_flags::mem_device")), IsEmpty());
  const auto findings = run_on_64(source("mem_flags::mem_threadgroup"));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_THAT(findings.front().memory, HasSubstr("buffer 0 'out' + "));
  EXPECT_THAT(findings.front().remedy, HasSubstr("mem_device"));
}

TEST_F(Race, ThreadgroupsThatMeetInMemory) {
  const auto findings = run_on_64(R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_position_in_threadgroup]]) {
  out[i] = 1;
})",
                                  2);
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  EXPECT_EQ(findings.front().count, 64u);
  ASSERT_THAT(findings.front().accesses, SizeIs(2));
  EXPECT_EQ(findings.front().accesses[0].thread->threadgroup[0], 1u);
  EXPECT_EQ(findings.front().accesses[1].thread->threadgroup[0], 0u);
  EXPECT_THAT(run_on_64(R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_position_in_grid]]) {
  out[i] = 1;
})",
                        2),
              IsEmpty());
}

TEST_F(Race, AtomicsDoNotRaceWithEachOtherButWithOthers) {
  const auto source = [](const std::string& more) {
    return R"(kernel void f(device atomic_uint* out [[buffer(0)]],
              uint i [[thread_position_in_grid]]) {
  atomic_fetch_add_explicit(out, 1u, memory_order_relaxed);
  atomic_store_explicit(out + 1, i, memory_order_relaxed);
  uint seen = atomic_load_explicit(out + 1, memory_order_relaxed);
  atomic_fetch_max_explicit(out + 2, seen, memory_order_relaxed);
)" + more + "}";
  };
  EXPECT_THAT(run_on_64(source(""), 3), IsEmpty());
  const auto findings = run_on_64(source("if (i == 5) *(device uint*)(out) = 0;\n"));
  ASSERT_THAT(findings, SizeIs(1)) << texts(findings);
  // Thread 6 meets what thread 5 has written.
  EXPECT_EQ(findings.front().accesses[0].kind, Access::Kind::kAtomicUpdate);
  EXPECT_EQ(findings.front().accesses[0].place.line, 3u);
  EXPECT_EQ(findings.front().accesses[1].place.line, 7u);
}

TEST_F(Race, NeighbouringHalvesAndBytesAreApart) {
  const auto source = [](const std::string& type, const std::string& index) {
    return "kernel void f(device " + type + R"(* out [[buffer(0)]],
              uint i [[thread_position_in_grid]]) {
  out[)" + index +
           "] = " + type + "(1);\n}";
  };
  for (const char* type : {"half", "uchar", "packed_half3", "char4"}) {
    EXPECT_THAT(run_on_64(source(type, "i"), 2), IsEmpty()) << type;
    EXPECT_THAT(run_on_64(source(type, "i / 2"), 2), SizeIs(1)) << type;
  }
}

// The first of two readers in the same phase must not be forgotten for the second.
TEST_F(Race, AWriteMeetsAnyOfManyReaders) {
  for (const unsigned reader : {1u, 31u, 62u}) {
    const auto findings = run_on_64(R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float shared[1];
  if (i == 0) shared[0] = 1;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float x = i <= )" + std::to_string(reader) +
                                    R"( ? shared[0] : 0;
  if (i == 63) shared[0] = 2;
  out[i] = x;
})");
    EXPECT_THAT(findings, SizeIs(1)) << reader;
  }
}

// Of the readers that a barrier of the SIMD-group has ordered none may stand for those behind it:
// lane 0 is before lane 3's write, lane 2 is not.
TEST_F(Race, AReaderBehindASimdgroupBarrierIsNotForgotten) {
  const auto source = [](const std::string& reader) {
    return R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float shared[2];
  if (i < 2) shared[i] = 1;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  float x = i == 0 ? shared[0] : 0;
  simdgroup_barrier(mem_flags::mem_threadgroup);
  if ()" + reader +
           R"() x = shared[i == 1];
  if (i == 3) shared[0] = 2;
  out[i] = x;
})";
  };
  EXPECT_THAT(run_on_64(source("i == 1 || i == 2 || i == 3")), SizeIs(1));
  EXPECT_THAT(run_on_64(source("i == 1 || i == 3")), IsEmpty());
}

// Thread 2's own earlier read is ordered without any barrier; that of thread 1 between is not.
TEST_F(Race, AReaderBetweenTwoOfAnotherThreadIsNotForgotten) {
  EXPECT_THAT(run_on_64(R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  float x = i == 2 ? out[0] : 0;
  threadgroup_barrier(mem_flags::mem_threadgroup);
  if (i == 1 || i == 2) x += out[0];
  if (i == 2) out[0] = 2;
  out[64 + i] = x;
})"),
              SizeIs(1));
}

// Group 1 waits for group 0 and reads what it wrote.
TEST_F(Race, FencesBesideAtomicsOrderThreadgroups) {
  const auto source = [](const std::string& fence) {
    return R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]],
              uint g [[threadgroup_position_in_grid]]) {
  device atomic_uint* flag = (device atomic_uint*)(out + 255);
  if (g == 0) {
    out[i] = 1;
    threadgroup_barrier(mem_flags::mem_device);
    if (i == 0) {
      )" + fence +
           R"(
      atomic_store_explicit(flag, 1u, memory_order_relaxed);
    }
  } else {
    if (i == 0) {
      while (atomic_load_explicit(flag, memory_order_relaxed) == 0u) {}
      )" + fence +
           R"(
    }
    threadgroup_barrier(mem_flags::mem_device);
    out[64 + i] = out[63 - i];
  }
})";
  };
  EXPECT_THAT(run_on_64(source("atomic_thread_fence(mem_flags::mem_device, memory_order_seq_cst,"
                               " thread_scope_device);"),
                        2),
              IsEmpty());
  EXPECT_THAT(run_on_64(source(""), 2), SizeIs(1));
}

TEST_F(Race, AccessesInHelpersNameTheCalls) {
  const auto findings = run_on_64(R"(void put(threadgroup float* to, uint i) {
  to[i] = 1;
}
kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_index_in_threadgroup]]) {
  threadgroup float tile[64];
  put(tile, i);
  put(tile, i ^ 1);
  out[i] = tile[i];
})");
  ASSERT_FALSE(findings.empty());
  const Access& first = findings.front().accesses[1];
  EXPECT_EQ(first.place.line, 2u) << texts(findings);
  ASSERT_THAT(first.called_from, SizeIs(1));
  EXPECT_TRUE(first.called_from[0].line == 7 || first.called_from[0].line == 8);
  EXPECT_THAT(failure_, HasSubstr("called at program_source:7:3"));
}

TEST_F(Race, DispatchesFollowEachOther) {
  const auto state = checked(R"(kernel void f(device float* out [[buffer(0)]],
              uint i [[thread_position_in_grid]]) {
  out[i] = out[63 - i] + 1;
})");
  const auto out = buffer(std::vector<float>(64));
  // 32 threads read what the other 32 write in the same dispatch.
  EXPECT_THAT(find(state.get(), {out.get()}, MTL::Size(64, 1, 1), MTL::Size(64, 1, 1)), SizeIs(1));
  // One thread a dispatch.
  EXPECT_THAT(find(state.get(), {out.get()}, MTL::Size(1, 1, 1), MTL::Size(1, 1, 1)), IsEmpty());
  EXPECT_THAT(find(state.get(), {out.get()}, MTL::Size(1, 1, 1), MTL::Size(1, 1, 1)), IsEmpty());
}

}  // namespace
}  // namespace softmetal::testing
