#include "softmetal/debug_entries.hpp"

#include <algorithm>
#include <utility>

#include "softmetal/elf_section.hpp"

namespace softmetal {
namespace {

// Section 7.25.
enum RangeListEntry : std::uint8_t {
  kEndOfList,
  kBaseAddressx,
  kStartxEndx,
  kStartxLength,
  kOffsetPair,
  kBaseAddress,
  kStartEnd,
  kStartLength,
};

constexpr unsigned kAddressBytes = 8;

ByteReader reader_at(std::span<const std::byte> section, std::uint64_t offset) {
  ByteReader reader(section);
  reader.bytes(offset);
  return reader;
}

}  // namespace

DebugSections::DebugSections(std::span<const std::byte> object)
    : entries(find_section(object, ".debug_info")),
      abbreviations(find_section(object, ".debug_abbrev")),
      addresses(find_section(object, ".debug_addr")),
      range_lists(find_section(object, ".debug_rnglists")),
      strings(find_section(object, ".debug_str")),
      string_offsets(find_section(object, ".debug_str_offsets")),
      line_strings(find_section(object, ".debug_line_str")) {}

const DebugValue* DebugEntry::find(DebugAttribute attribute) const {
  const auto found =
      std::ranges::find(attributes, attribute, [](const auto& a) { return a.first; });
  return found != attributes.end() ? &found->second : nullptr;
}

std::uint64_t DebugEntry::number(DebugAttribute attribute) const {
  const DebugValue* value = find(attribute);
  return value != nullptr ? value->number : 0;
}

// Section 7.5.1.1: the header.
DebugUnit::DebugUnit(const DebugSections& sections, std::uint64_t offset)
    : sections_(sections), begin_(offset), rest_({}) {
  constexpr std::uint8_t kCompileUnit = 1;
  ByteReader all = reader_at(sections.entries, offset);
  std::uint64_t length = all.value<std::uint32_t>();
  std::uint64_t length_bytes = sizeof(std::uint32_t);
  if (length == 0xffffffff) {
    length = all.value<std::uint64_t>();
    length_bytes += sizeof length;
    offset_bytes_ = 8;
  }
  rest_ = ByteReader(all.bytes(length));
  end_ = offset + length_bytes + length;
  if (rest_.value<std::uint16_t>() != 5 || rest_.value<std::uint8_t>() != kCompileUnit) {
    rest_ = ByteReader({});
    return;
  }
  if (rest_.value<std::uint8_t>() != kAddressBytes) {
    throw Damaged{"its addresses are not plain 64-bit ones"};
  }
  read_abbreviations(take_integer(rest_, offset_bytes_));
}

// Section 7.5.3: a table of what an entry with some number is and holds, up to the number 0.
void DebugUnit::read_abbreviations(std::uint64_t offset) {
  ByteReader table = reader_at(sections_.abbreviations, offset);
  while (const std::uint64_t code = table.uleb()) {
    Abbreviation& abbreviation = abbreviations_[code] = {};
    abbreviation.tag = DebugTag{table.uleb()};
    abbreviation.has_children = table.value<std::uint8_t>() != 0;
    for (;;) {
      const std::uint64_t attribute = table.uleb();
      const DebugForm form{table.uleb()};
      if (attribute == 0 && form == DebugForm{0}) {
        break;
      }
      const std::int64_t constant = form == DebugForm::kImplicitConst ? table.sleb() : 0;
      abbreviation.fields.push_back({DebugAttribute{attribute}, form, constant});
    }
  }
}

bool DebugUnit::next(DebugEntry& entry) {
  if (rest_.at_end()) {
    return false;
  }
  entry = {.offset = end_ - rest_.size(), .attributes = std::move(entry.attributes)};
  entry.attributes.clear();
  const std::uint64_t code = rest_.uleb();
  if (code == 0) {
    return true;
  }
  const auto abbreviation = abbreviations_.find(code);
  if (abbreviation == abbreviations_.end()) {
    throw Damaged{"an entry is of a kind that is not there"};
  }
  entry.tag = abbreviation->second.tag;
  entry.has_children = abbreviation->second.has_children;
  for (const Abbreviation::Field& field : abbreviation->second.fields) {
    DebugValue value = DebugValue::read(rest_, field.form, offset_bytes_);
    if (field.form == DebugForm::kImplicitConst) {
      value.number = static_cast<std::uint64_t>(field.constant);
    }
    value.number += value.is_offset_in_unit() ? begin_ : 0;
    entry.attributes.emplace_back(field.attribute, value);
  }
  if (std::exchange(is_first_, false)) {
    lines_ = entry.number(DebugAttribute::kStatementList);
    addresses_base_ = entry.number(DebugAttribute::kAddressBase);
    string_offsets_base_ = entry.number(DebugAttribute::kStringOffsetsBase);
    range_lists_base_ = entry.number(DebugAttribute::kRangeListsBase);
    const DebugValue* low = entry.find(DebugAttribute::kLowPc);
    base_address_ = low != nullptr ? address(*low) : 0;
  }
  return true;
}

// Sections 7.26 and 7.27: entry `index` of a table whose entries for this unit begin at `base`.
std::uint64_t DebugUnit::from_table(std::span<const std::byte> table,
                                    std::uint64_t base,
                                    std::uint64_t index,
                                    unsigned bytes) {
  if (base > table.size() || index >= (table.size() - base) / bytes) {
    throw Damaged{"an index is outside of its table"};
  }
  ByteReader entry(table.subspan(base + index * bytes));
  return take_integer(entry, bytes);
}

std::string_view DebugUnit::text(const DebugValue* value) const {
  if (value == nullptr) {
    return {};
  }
  switch (value->form) {
    case DebugForm::kString:
      return value->text;
    case DebugForm::kStrp:
      return reader_at(sections_.strings, value->number).string();
    case DebugForm::kLineStrp:
      return reader_at(sections_.line_strings, value->number).string();
    default:
      if (!value->is_string_index()) {
        throw Damaged{"a name has an unknown form"};
      }
      const std::uint64_t offset =
          from_table(sections_.string_offsets, string_offsets_base_, value->number, offset_bytes_);
      return reader_at(sections_.strings, offset).string();
  }
}

std::uint64_t DebugUnit::indexed_address(std::uint64_t index) const {
  return from_table(sections_.addresses, addresses_base_, index, kAddressBytes);
}

std::uint64_t DebugUnit::address(const DebugValue& value) const {
  if (!value.is_address()) {
    throw Damaged{"an address has an unknown form"};
  }
  return value.form == DebugForm::kAddr ? value.number : indexed_address(value.number);
}

// Section 2.17.
void DebugUnit::code_of(const DebugEntry& entry, std::vector<AddressRange>& ranges) const {
  ranges.clear();
  if (const auto* list = entry.find(DebugAttribute::kRanges)) {
    // Section 7.28: the unit's lists begin with a table of where each is, counted from the table.
    const std::uint64_t offset =
        list->form == DebugForm::kRnglistx
            ? range_lists_base_ +
                  from_table(sections_.range_lists, range_lists_base_, list->number, offset_bytes_)
            : list->number;
    read_range_list(reader_at(sections_.range_lists, offset), ranges);
    return;
  }
  const auto* low = entry.find(DebugAttribute::kLowPc);
  const auto* high = entry.find(DebugAttribute::kHighPc);
  if (low != nullptr && high != nullptr) {
    const std::uint64_t begin = address(*low);
    ranges.push_back({begin, high->is_address() ? address(*high) : begin + high->number});
  }
}

// Section 7.25.
void DebugUnit::read_range_list(ByteReader list, std::vector<AddressRange>& ranges) const {
  std::uint64_t base = base_address_;
  for (;;) {
    const auto kind = list.value<std::uint8_t>();
    AddressRange range;
    switch (kind) {
      case kEndOfList:
        return;
      case kBaseAddressx:
        base = indexed_address(list.uleb());
        continue;
      case kBaseAddress:
        base = list.value<std::uint64_t>();
        continue;
      case kOffsetPair:
        range.begin = base + list.uleb();
        range.end = base + list.uleb();
        break;
      case kStartxEndx:
        range.begin = indexed_address(list.uleb());
        range.end = indexed_address(list.uleb());
        break;
      case kStartxLength:
        range.begin = indexed_address(list.uleb());
        range.end = range.begin + list.uleb();
        break;
      case kStartEnd:
        range = list.value<AddressRange>();
        break;
      case kStartLength:
        range.begin = list.value<std::uint64_t>();
        range.end = range.begin + list.uleb();
        break;
      default:
        throw Damaged{"a range of addresses has an unknown kind"};
    }
    ranges.push_back(range);
  }
}

}  // namespace softmetal
