// Entries written by hand, in encodings that the standard has and clang seldom uses.
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "softmetal/inline_table.hpp"
#include "softmetal/line_table.hpp"
#include "tests/elf_object.hpp"

namespace softmetal::testing {
namespace {

template <class T>
std::string little(T value) {
  return {reinterpret_cast<const char*>(&value), sizeof value};
}

std::string bytes(std::initializer_list<unsigned> values) {
  std::string result;
  for (const unsigned value : values) {
    result.push_back(static_cast<char>(value));
  }
  return result;
}

// Two functions, `outer` with a list of every kind of range, and one whose linkage name is an
// index. In the first, inside of a block with attributes to be passed over, the second is inlined.
struct Object {
  std::string abbreviations =
      bytes({1, 0x11, 1, 0x11, 0x1b, 0x73, 0x17, 0x72, 0x17, 0x74, 0x17, 0, 0}) +
      bytes({2, 0x2e, 1, 0x03, 0x08, 0x55, 0x23, 0, 0}) +
      bytes({3,    0x0b, 1,    0x02, 0x18, 0x02, 0x0a, 0x02, 0x03, 0x02, 0x04, 0x02, 0x09,
             0x02, 0x1e, 0x02, 0x0d, 0x02, 0x19, 0x02, 0x0c, 0x02, 0x22, 0,    0}) +
      bytes({4, 0x1d, 0, 0x31, 0x15, 0x11, 0x29, 0x12, 0x01, 0x59, 0x21, 0x07, 0, 0}) +
      bytes({0xc8, 0x01, 0x2e, 0, 0x6e, 0x27, 0x03, 0x08, 0, 0}) + bytes({0});
  std::string addresses = little(std::uint64_t{16}) + little(std::uint64_t{0x1000}) +
                          little(std::uint64_t{0x2000}) + little(std::uint64_t{0x2010}) +
                          little(std::uint64_t{0x3000}) + little(std::uint64_t{0x4000});
  std::string range_lists =
      little(std::uint64_t{0}) + little(std::uint32_t{1}) + little(std::uint32_t{4}) +
      bytes({4, 0x10, 0x20}) +                    // of the unit's low address
      bytes({1, 1, 4, 0x80, 0x01, 0x90, 0x01}) +  // 0x2080
      bytes({2, 1, 2}) +                          // 0x2000
      bytes({3, 3, 8}) +                          // 0x3000
      bytes({5}) + little(std::uint64_t{0x4000}) + bytes({4, 0, 8, 4, 8, 0x20}) + bytes({6}) +
      little(std::uint64_t{0x5000}) + little(std::uint64_t{0x5004}) + bytes({7}) +
      little(std::uint64_t{0x6000}) + bytes({2}) + bytes({0});
  std::string string_offsets = little(std::uint64_t{0}) + little(std::uint32_t{6});
  std::string strings = std::string("first\0second\0", 13);
  std::string entries = unit();

  static std::string unit() {
    std::string body = bytes({5, 0, 1, 8}) + little(std::uint32_t{0});
    body += bytes({1, 0}) + little(std::uint32_t{8}) + little(std::uint32_t{8}) +
            little(std::uint32_t{12});
    body += bytes({2}) + std::string("outer\0", 6) + bytes({0});
    body += bytes({3, 1, 'x', 2, 'x', 'x', 1, 0, 'x', 1, 0, 0, 0, 'x', 1, 'x'}) +
            std::string(16, 'x') + bytes({0x7f, 1, 5});
    const std::size_t at_origin = body.size() + 1;
    body += bytes({4, 0, 4}) + little(std::uint64_t{0x4010}) + bytes({0, 0});
    body[at_origin] = static_cast<char>(body.size() + sizeof(std::uint32_t));
    body += bytes({0xc8, 0x01, 0, 0, 0}) + std::string("plain\0", 6) + bytes({0});
    return little(static_cast<std::uint32_t>(body.size())) + body;
  }

  InlineTable read() const {
    const std::string object = elf_object({{".debug_info", entries},
                                           {".debug_abbrev", abbreviations},
                                           {".debug_addr", addresses},
                                           {".debug_rnglists", range_lists},
                                           {".debug_str_offsets", string_offsets},
                                           {".debug_str", strings}});
    return InlineTable::parse(std::as_bytes(std::span(object)), "object", LineTable());
  }

  std::string refusal() const {
    try {
      read();
      return "";
    } catch (const ingot::Error& error) {
      return error.what();
    }
  }
};

std::string name_at(const InlineTable& table, std::uint64_t address) {
  const auto* function = table.find(address);
  return function != nullptr ? std::string(function->name) : "nothing";
}

TEST(DebugEntries, HaveRangesOfEveryKind) {
  const InlineTable table = Object().read();
  const std::pair<std::uint64_t, std::uint64_t> ranges[] = {{0x1010, 0x1020},
                                                            {0x2080, 0x2090},
                                                            {0x2000, 0x2010},
                                                            {0x3000, 0x3008},
                                                            {0x5000, 0x5004},
                                                            {0x6000, 0x6002}};
  for (const auto& [begin, end] : ranges) {
    EXPECT_EQ(name_at(table, begin - 1), "nothing") << begin;
    EXPECT_EQ(name_at(table, begin), "outer") << begin;
    EXPECT_EQ(name_at(table, end - 1), "outer") << begin;
    EXPECT_EQ(name_at(table, end), "nothing") << begin;
  }
}

TEST(DebugEntries, AreFoundThroughBlocksAndReferences) {
  const InlineTable table = Object().read();
  EXPECT_EQ(name_at(table, 0x3fff), "nothing");
  EXPECT_EQ(name_at(table, 0x4008), "second");  // where two ranges of the outer one meet
  EXPECT_EQ(name_at(table, 0x400f), "second");
  EXPECT_EQ(name_at(table, 0x4010), "outer");
  EXPECT_EQ(name_at(table, 0x4020), "nothing");
  const auto* inlined = table.find(0x4000);
  ASSERT_NE(inlined, nullptr);
  ASSERT_NE(inlined->caller, nullptr);
  EXPECT_EQ(inlined->caller->name, "outer");
  EXPECT_EQ(inlined->call_line, 0u);  // of a file that no line table names
}

TEST(DebugEntries, ThatMakeNoSenseAreRefused) {
  const std::string prefix = "object: cannot read which functions were inlined: ";
  Object object;
  EXPECT_EQ(object.refusal(), "");
  object.entries[7] = 4;
  EXPECT_EQ(object.refusal(), prefix + "its addresses are not plain 64-bit ones");
  object = Object();
  object.entries[12] = 9;
  EXPECT_EQ(object.refusal(), prefix + "an entry is of a kind that is not there");
  object = Object();
  object.entries[13] = 5;
  EXPECT_EQ(object.refusal(), prefix + "an index is outside of its table");
  object = Object();
  object.range_lists[16] = 9;
  EXPECT_EQ(object.refusal(), prefix + "a range of addresses has an unknown kind");
  object = Object();
  object.range_lists.pop_back();
  EXPECT_EQ(object.refusal(), prefix + "it is cut short");
  object = Object();
  object.entries.pop_back();
  EXPECT_EQ(object.refusal(), prefix + "it is cut short");
  object = Object();
  object.strings.pop_back();
  EXPECT_EQ(object.refusal(), prefix + "a string has no end");
  object = Object();
  object.abbreviations[4] = 0x16;
  EXPECT_EQ(object.refusal(), prefix + "an attribute has an unknown form");
}

TEST(DebugEntries, MayNotSayMoreThanTheyHold) {
  Object object;
  for (int i = 0; i < 1000; ++i) {
    object.entries += bytes({2, 0, 0, 0});  // all with one list
  }
  const auto length = static_cast<std::uint32_t>(object.entries.size() - sizeof(std::uint32_t));
  object.entries.replace(0, sizeof length, little(length));
  EXPECT_EQ(object.refusal(),
            "object: cannot read which functions were inlined: it repeats itself");
}

TEST(DebugEntries, OfOtherVersionsArePassedOver) {
  Object object;
  object.entries[4] = 4;
  object.entries += Object::unit();
  EXPECT_EQ(name_at(object.read(), 0x1010), "outer");
  object.entries.resize(Object::unit().size());
  EXPECT_EQ(name_at(object.read(), 0x1010), "nothing");
}

}  // namespace
}  // namespace softmetal::testing
