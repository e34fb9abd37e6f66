// Frames of inlined calls, against the addresses that a compiled kernel itself gives out, and the
// places of findings in what Metal's library does for a shader.
#include <algorithm>
#include <cstdint>
#include <dlfcn.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <string>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "softmetal/frames.hpp"
#include "softmetal/inline_table.hpp"
#include "softmetal/line_table.hpp"
#include "softmetal/toolchain.hpp"
#include "softmetal_checks_fixture.hpp"

namespace softmetal {
namespace {

// Each probe gives the address behind a call of `here`. Both branches of `merged` end alike, which
// the optimiser makes one end of no line: a part of `work`, called from nowhere, and a store.
constexpr const char* kSource = R"(#include <metal_stdlib>
__attribute__((noinline, nomerge, not_tail_called)) static const void* here(int) {
  return __builtin_return_address(0);
}
#define INLINED __attribute__((always_inline)) static inline
typedef const void* Probe(int);
# 10 "program_source"
template <class T> INLINED const void* innermost(T n) {
  const void* place =
      here(int(n));
  return n < 0 ? nullptr : place;
}
# 20 "include/middle.h"
namespace helpers {
struct Middle {
  INLINED const void* call(int n) { return n < -1 ? nullptr :
      innermost<long>(n); }
};
}
# 40 "program_source"
static const void* nested(int n) {
  const void* place = helpers::Middle::call(n + 1);
  return n < -2 ? nullptr : place; }
static const void* twice(int n) {
  return n == 0 ? innermost(n) : innermost(n); }
static const void* alone(int n) {
  const void* place = here(n); return n < 0 ? nullptr : place; }
INLINED int work(volatile int* to, int n) {
  to[7] = n;
  return to[8] * n;
}
extern "C" __attribute__((visibility("default"))) void merged(volatile int* to, int n) {
  if (n > 2) {
    to[n] = work(to, n);
  } else {
    to[3] = 1;
    to[n] = work(to + 4, n);
  }
}
extern "C" __attribute__((visibility("default"))) Probe* const probes[] = {nested, twice, alone};
)";

std::string text_of(const std::vector<Frame>& frames) {
  std::string text;
  for (const Frame& frame : frames) {
    text += frame.function + " " + to_string(frame.place) + "\n";
  }
  return text;
}

class Inlines : public ::testing::Test {
 protected:
  Inlines()
      : path_(Toolchain::get().compile(kSource, {}).object),
        object_(dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL)),
        lines_(LineTable::read(path_)) {}
  ~Inlines() override { dlclose(object_); }

  const void* probe(unsigned index, int argument) const {
    using Probe = const void*(int);
    const auto* probes = static_cast<Probe* const*>(dlsym(object_, "probes"));
    return static_cast<const std::byte*>(probes[index](argument)) - 1;
  }

  std::uint64_t offset_of(const void* code) const {
    Dl_info info;
    dladdr(code, &info);
    return static_cast<std::uint64_t>(static_cast<const std::byte*>(code) -
                                      static_cast<std::byte*>(info.dli_fbase));
  }

  const std::filesystem::path path_;
  void* const object_;
  const LineTable lines_;
};

TEST_F(Inlines, AreFramesFromTheInnermostOutwards) {
  ASSERT_NE(object_, nullptr) << dlerror();
  EXPECT_EQ(text_of(frames_of(probe(0, 1))),
            "void const* innermost<long>(long) program_source:12:7\n"
            "helpers::Middle::call(int) include/middle.h:23:7\n"
            "nested(int) program_source:41:23\n");
}

TEST_F(Inlines, TellTwoCallsOnALineApart) {
  const std::string innermost = "void const* innermost<int>(int) program_source:12:7\n";
  EXPECT_EQ(text_of(frames_of(probe(1, 0))), innermost + "twice(int) program_source:44:19\n");
  EXPECT_EQ(text_of(frames_of(probe(1, 1))), innermost + "twice(int) program_source:44:34\n");
}

TEST_F(Inlines, AreOneFrameWhereNothingWasInlined) {
  EXPECT_EQ(text_of(frames_of(probe(2, 1))), "alone(int) program_source:46:23\n");
  EXPECT_TRUE(frames_of(nullptr).empty());
  EXPECT_TRUE(frames_of(reinterpret_cast<const void*>(&frames_of)).empty());
}

TEST_F(Inlines, GiveCodeOfNoLineToItsFunction) {
  const auto* code = static_cast<const std::byte*>(dlsym(object_, "merged"));
  const std::uint64_t begin = offset_of(code);
  const InlineTable inlines = InlineTable::read(path_, lines_);
  unsigned of_no_line = 0;
  unsigned called_from_nowhere = 0;
  for (const LineTable::Row& row : lines_.rows()) {
    const auto* function = row.is_end ? nullptr : inlines.find(row.address);
    const bool is_work =
        function != nullptr && function->caller != nullptr && function->caller->name == "merged";
    if (!is_work && (function == nullptr || function->name != "merged")) {
      continue;
    }
    of_no_line += row.line == 0 ? 1 : 0;
    called_from_nowhere += is_work && function->call_line == 0 ? 1 : 0;
    const auto frames = frames_of(code + (row.address - begin));
    ASSERT_EQ(frames.size(), is_work ? 2u : 1u) << text_of(frames);
    if (is_work) {
      EXPECT_EQ(frames[0].function, "work(int volatile*, int)");
      EXPECT_GE(frames[0].place.line, 47u);
      EXPECT_LE(frames[0].place.line, 49u);
    }
    EXPECT_EQ(frames.back().function, "merged");
    EXPECT_GE(frames.back().place.line, 51u) << text_of(frames);
    EXPECT_LE(frames.back().place.line, 58u) << text_of(frames);
  }
  EXPECT_GT(of_no_line, 0u);
  EXPECT_GT(called_from_nowhere, 0u);
}

TEST_F(Inlines, FindTheFunctionOfAnyAddress) {
  const InlineTable inlines = InlineTable::read(path_, lines_);
  EXPECT_EQ(inlines.find(0), nullptr);
  EXPECT_EQ(inlines.find(~std::uint64_t{0}), nullptr);
  const auto* function = inlines.find(offset_of(probe(0, 1)));
  ASSERT_NE(function, nullptr);
  EXPECT_EQ(function->name, "_ZL9innermostIlEPKvT_");
  EXPECT_EQ(lines_.file(function->call_file), "include/middle.h");
  ASSERT_NE(function->caller, nullptr);
  EXPECT_EQ(function->caller->call_line, 41u);
  ASSERT_NE(function->caller->caller, nullptr);
  EXPECT_EQ(function->caller->caller->caller, nullptr);
}

TEST_F(Inlines, OfDamagedFilesAreRefused) {
  std::ifstream file(path_, std::ios::binary);
  const std::string whole{std::istreambuf_iterator<char>(file), {}};
  const auto refusal = [&](const std::string& bytes) -> std::string {
    try {
      InlineTable::parse(std::as_bytes(std::span(bytes)), "kernel.so", lines_);
      return "";
    } catch (const ingot::Error& error) {
      EXPECT_EQ(error.code(), ingot::ErrorCode::kIo);
      return error.what();
    }
  };
  EXPECT_EQ(refusal(whole), "");
  EXPECT_EQ(refusal(""), "kernel.so: cannot read which functions were inlined: it is cut short");
  // Whatever is changed, the answer is a table or a refusal.
  std::mt19937 random(1);
  unsigned refused = 0;
  for (int round = 0; round < 300; ++round) {
    std::string damaged = whole;
    for (int i = 0; i < 40; ++i) {
      damaged[random() % damaged.size()] = static_cast<char>(random());
    }
    refused += refusal(damaged).empty() ? 0 : 1;
  }
  EXPECT_GT(refused, 0u);
}

}  // namespace

namespace testing {
namespace {

// In each case another statement touches memory outside of its buffer.
constexpr const char* kCases = R"(template <class T>
T pick(const device T* from, uint i) {
  return from[i];
}
float sum(const device float* from, uint i) {
  return pick(from, 0) +
         pick(from, i);
}
kernel void f(device float4* out [[buffer(0)]], device atomic_uint* counts [[buffer(1)]],
              device const float* in [[buffer(2)]], constant uint& which [[buffer(3)]],
              device half3* triples [[buffer(4)]], device packed_float3* packed [[buffer(5)]],
              uint id [[thread_position_in_grid]]) {
  const uint far = 1000;
  switch (which) {
    case 0: out[far] += float4(1); break;
    case 1: out[far].zyx = float3(1, 2, 3); break;
    case 2: out[far].w *= 2; break;
    case 3:
      atomic_fetch_add_explicit(counts + far, 1u, memory_order_relaxed); break;
    case 4: atomic_store_explicit(
        counts + far, 1u, memory_order_relaxed);
      break;
    case 5: out[0] = as_type<float4>(out[far]); break;
    case 6:
      out[0].x = sum(in, far); break;
    case 7: out[0] =
        fma(out[1], out[2], out[far]); break;
    case 8: triples[far] = -triples[0]; break;
    case 9: packed[far] = out[0].xyz; break;
    case 10: out[0].xyz += float3(packed[far]); break;
    case 11: out[0].x = in[far]; break;
    case 12: out[far][2] = 1; break;
    case 13: out[0].x = dot(out[1], out[far]); break;
    case 14: if (in[0] > 0)
        out[far].x = 1;
      else
        out[far].x = 2;
      break;
    case 15: if (in[0] > 0)
        atomic_fetch_max_explicit(counts + far, 1u, memory_order_relaxed);
      else
        atomic_fetch_max_explicit(counts + far, 2u, memory_order_relaxed);
      break;
    case 16: {
      array<float, 2> two = {1, 2};
      out[0].x = two[which];
      break; }
  }
}
)";

using PlacesOfFindings = Checked;

TEST_F(PlacesOfFindings, AreTheShadersLines) {
  const auto state = checked(kCases);
  const std::uint32_t lines[] = {15, 16, 17, 19, 20, 23, 3, 27, 28, 29, 30, 31, 32, 33, 37, 42, 46};
  for (std::uint32_t which = 0; which < std::size(lines); ++which) {
    const auto out = buffer(std::vector<float>(16));
    const auto counts = buffer(std::vector<std::uint32_t>(4));
    const auto in = buffer(std::vector<float>(4));
    const auto selector = buffer(std::vector<std::uint32_t>{which});
    const auto triples = buffer(std::vector<std::uint64_t>(4));
    const auto packed = buffer(std::vector<float>(12));
    const auto findings =
        find(state.get(),
             {out.get(), counts.get(), in.get(), selector.get(), triples.get(), packed.get()},
             MTL::Size(1, 1, 1),
             MTL::Size(1, 1, 1));
    ASSERT_EQ(findings.size(), 1u) << which << "\n" << texts(findings);
    EXPECT_EQ(findings[0].check, Check::kBounds) << which << "\n" << texts(findings);
    EXPECT_EQ(findings[0].place.file, "program_source") << which;
    EXPECT_EQ(findings[0].place.line, lines[which]) << texts(findings);
    EXPECT_GT(findings[0].place.column, 0u);
  }
}

}  // namespace
}  // namespace testing
}  // namespace softmetal
