// The entries of .debug_info, in which a compiler describes the functions of an object.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "softmetal/byte_reader.hpp"
#include "softmetal/debug_value.hpp"

namespace softmetal {

/// The sections that entries are made of; empty where the object has none.
struct DebugSections {
  explicit DebugSections(std::span<const std::byte> object);
  std::span<const std::byte> entries, abbreviations, addresses, range_lists, strings,
      string_offsets, line_strings;
};

// DWARF 5, sections 7.5.3 and 7.5.4.
enum class DebugTag : std::uint64_t { kNone, kInlinedSubroutine = 0x1d, kSubprogram = 0x2e };
enum class DebugAttribute : std::uint64_t {
  kName = 0x03,
  kStatementList = 0x10,
  kLowPc = 0x11,
  kHighPc = 0x12,
  kAbstractOrigin = 0x31,
  kSpecification = 0x47,
  kRanges = 0x55,
  kCallColumn = 0x57,
  kCallFile = 0x58,
  kCallLine = 0x59,
  kLinkageName = 0x6e,
  kStringOffsetsBase = 0x72,
  kAddressBase = 0x73,
  kRangeListsBase = 0x74,
};

/// One entry: what it describes, and its attributes as they are encoded.
struct DebugEntry {
  /// nullptr when the entry has no such attribute.
  const DebugValue* find(DebugAttribute attribute) const;
  /// An attribute that is a plain number or a reference; 0 when there is none.
  std::uint64_t number(DebugAttribute attribute) const;

  std::uint64_t offset = 0;  // in the section
  DebugTag tag = DebugTag::kNone;
  bool has_children = false;
  // References to other entries of the unit count from the section's begin.
  std::vector<std::pair<DebugAttribute, DebugValue>> attributes;
};

/// Addresses from `begin` up to `end`.
struct AddressRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// The entries of one unit of an object: DWARF 5, section 7.5. Every function throws Damaged where
/// the data cannot be what it claims to be.
class DebugUnit {
 public:
  /// Takes the unit that begins at `offset` of the section of entries.
  DebugUnit(const DebugSections& sections, std::uint64_t offset);

  /// Where the next unit begins.
  std::uint64_t end() const { return end_; }

  /// Reads the next entry: a parent, then its children, then one without a tag that ends them.
  /// False at the end of the unit. A unit of another version than 5 has no entries.
  bool next(DebugEntry& entry);

  /// The offset in .debug_line of the unit's files.
  std::uint64_t lines() const { return lines_; }

  /// A name; empty when there is none.
  std::string_view text(const DebugValue* value) const;

  /// Sets `ranges` to where the entry's code is: to nothing when it has none.
  void code_of(const DebugEntry& entry, std::vector<AddressRange>& ranges) const;

 private:
  struct Abbreviation {
    struct Field {
      DebugAttribute attribute;
      DebugForm form;
      std::int64_t constant;
    };
    DebugTag tag;
    bool has_children;
    std::vector<Field> fields;
  };

  void read_abbreviations(std::uint64_t offset);
  static std::uint64_t from_table(std::span<const std::byte> table,
                                  std::uint64_t base,
                                  std::uint64_t index,
                                  unsigned bytes);
  std::uint64_t indexed_address(std::uint64_t index) const;
  std::uint64_t address(const DebugValue& value) const;
  void read_range_list(ByteReader list, std::vector<AddressRange>& ranges) const;

  const DebugSections& sections_;
  const std::uint64_t begin_;
  std::uint64_t end_ = 0;
  unsigned offset_bytes_ = 4;
  ByteReader rest_;
  std::unordered_map<std::uint64_t, Abbreviation> abbreviations_;
  bool is_first_ = true;
  // From the first entry, which describes the unit.
  std::uint64_t lines_ = 0;
  std::uint64_t base_address_ = 0;
  std::uint64_t addresses_base_ = 0;
  std::uint64_t string_offsets_base_ = 0;
  std::uint64_t range_lists_base_ = 0;
};

}  // namespace softmetal
