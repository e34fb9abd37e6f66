#include "softmetal/line_table.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "ingot/error.hpp"

#include "core/read_file.hpp"
#include "softmetal/byte_reader.hpp"
#include "softmetal/elf_section.hpp"

namespace softmetal {
namespace {

using Bytes = std::span<const std::byte>;

// The sections that a line table is made of; empty where the object has none.
struct Sections {
  explicit Sections(Bytes object)
      : line(find_section(object, ".debug_line")),
        line_strings(find_section(object, ".debug_line_str")),
        strings(find_section(object, ".debug_str")) {}
  Bytes line, line_strings, strings;
};

// DWARF 5, sections 7.5.6 and 7.22.
enum Form : std::uint64_t {
  kData2 = 0x05,
  kString = 0x08,
  kData1 = 0x0b,
  kStrp = 0x0e,
  kUdata = 0x0f,
  kData16 = 0x1e,
  kLineStrp = 0x1f,
};
enum Content : std::uint64_t { kPath = 1, kDirectoryIndex = 2 };
enum StandardOpcode : std::uint8_t {
  kCopy = 1,
  kAdvancePc,
  kAdvanceLine,
  kSetFile,
  kSetColumn,
  kNegateStatement,
  kSetBasicBlock,
  kConstAddPc,
  kFixedAdvancePc,
};
enum ExtendedOpcode : std::uint8_t { kEndSequence = 1, kSetAddress = 2 };

constexpr std::size_t kLongestPath = 4096;

// The rows of a run of instructions, ascending, the last one its end.
using Sequence = std::vector<LineTable::Row>;

// Reads one unit: a header with the names of files, and a program whose execution gives the rows.
class UnitReader {
 public:
  UnitReader(ByteReader unit, unsigned offset_bytes, const Sections& sections)
      : unit_(unit), offset_bytes_(offset_bytes), sections_(sections) {}

  // Adds to `files` and `sequences`. Units of other versions of DWARF are passed over.
  void read(std::vector<std::string>& files, std::vector<Sequence>& sequences) {
    if (unit_.value<std::uint16_t>() != 5) {
      return;
    }
    const auto address_bytes = unit_.value<std::uint8_t>();
    const auto segment_selector_bytes = unit_.value<std::uint8_t>();
    if (address_bytes != 8 || segment_selector_bytes != 0) {
      throw Damaged{"its addresses are not plain 64-bit ones"};
    }
    ByteReader header(unit_.bytes(offset(unit_)));
    instruction_bytes_ = header.value<std::uint8_t>();
    const auto operations = header.value<std::uint8_t>();
    header.value<std::uint8_t>();  // default_is_stmt: for debuggers
    line_base_ = header.value<std::int8_t>();
    line_range_ = header.value<std::uint8_t>();
    opcode_base_ = header.value<std::uint8_t>();
    if (operations != 1 || line_range_ == 0 || opcode_base_ == 0) {
      throw Damaged{"its line table's header makes no sense"};
    }
    operands_ = header.bytes(opcode_base_ - 1u);
    const auto directories = entries(header);
    first_file_ = static_cast<std::uint32_t>(files.size());
    for (const Entry& file : entries(header)) {
      if (file.directory >= directories.size()) {
        throw Damaged{"a file is in a directory that is not there"};
      }
      // Directory 0 is the compiler's own, which a name in a line marker does not mention.
      const auto directory = file.directory == 0 ? "" : directories[file.directory].path;
      files.push_back((std::filesystem::path(directory) / file.path).string());
    }
    file_count_ = static_cast<std::uint32_t>(files.size()) - first_file_;
    run(sequences);
  }

 private:
  struct Entry {
    std::string_view path;
    std::uint64_t directory = 0;
  };

  std::uint64_t offset(ByteReader& from) const {
    return offset_bytes_ == 8 ? from.value<std::uint64_t>() : from.value<std::uint32_t>();
  }

  // A table of directories or files: which fields an entry has, and the entries.
  std::vector<Entry> entries(ByteReader& header) const {
    std::vector<std::pair<std::uint64_t, std::uint64_t>> format(header.value<std::uint8_t>());
    for (auto& [content, form] : format) {
      content = header.uleb();
      form = header.uleb();
    }
    const std::uint64_t count = header.uleb();
    if (format.empty() && count != 0) {
      throw Damaged{"its files have no names"};
    }
    std::vector<Entry> result;
    for (std::uint64_t i = 0; i < count; ++i) {
      Entry& entry = result.emplace_back();
      for (const auto& [content, form] : format) {
        if (content == kPath) {
          entry.path = text(header, form);
          if (entry.path.size() > kLongestPath) {
            throw Damaged{"a file's name is too long"};
          }
        } else {
          const std::uint64_t value = number(header, form);
          entry.directory = content == kDirectoryIndex ? value : entry.directory;
        }
      }
    }
    return result;
  }

  std::string_view text(ByteReader& header, std::uint64_t form) const {
    switch (form) {
      case kString:
        return header.string();
      case kLineStrp:
        return string_at(sections_.line_strings, offset(header));
      case kStrp:
        return string_at(sections_.strings, offset(header));
      default:
        throw Damaged{"a file's name has an unknown form"};
    }
  }

  static std::string_view string_at(Bytes strings, std::uint64_t at) {
    ByteReader reader(strings);
    reader.bytes(at);
    return reader.string();
  }

  static std::uint64_t number(ByteReader& header, std::uint64_t form) {
    switch (form) {
      case kData1:
        return header.value<std::uint8_t>();
      case kData2:
        return header.value<std::uint16_t>();
      case kUdata:
        return header.uleb();
      case kData16:  // a hash of the file
        header.bytes(16);
        return 0;
      default:
        throw Damaged{"a property of a file has an unknown form"};
    }
  }

  // Section 6.2.5: the registers, and the opcodes that change them and add rows.
  void run(std::vector<Sequence>& sequences) {
    while (!unit_.at_end()) {
      const auto opcode = unit_.value<std::uint8_t>();
      if (opcode >= opcode_base_) {
        const unsigned adjusted = opcode - opcode_base_;
        advance(adjusted / line_range_);
        row_.line +=
            static_cast<std::uint32_t>(line_base_ + static_cast<int>(adjusted % line_range_));
        add_row();
      } else if (opcode == 0) {
        extended(sequences);
      } else {
        standard(opcode);
      }
    }
  }

  void standard(std::uint8_t opcode) {
    switch (opcode) {
      case kCopy:
        return add_row();
      case kAdvancePc:
        return advance(unit_.uleb());
      case kAdvanceLine:
        row_.line += static_cast<std::uint32_t>(unit_.sleb());
        return;
      case kSetFile:
        row_.file = static_cast<std::uint32_t>(unit_.uleb());
        return;
      case kSetColumn:
        row_.column = static_cast<std::uint32_t>(unit_.uleb());
        return;
      case kConstAddPc:
        return advance((255u - opcode_base_) / line_range_);
      case kFixedAdvancePc:
        row_.address += unit_.value<std::uint16_t>();
        return;
      default:  // for debuggers, or from the future: the header says how many operands it has
        for (auto left = static_cast<unsigned>(operands_[opcode - 1u]); left != 0; --left) {
          unit_.uleb();
        }
    }
  }

  void extended(std::vector<Sequence>& sequences) {
    ByteReader operation(unit_.bytes(unit_.uleb()));
    const auto opcode = operation.value<std::uint8_t>();
    if (opcode == kSetAddress) {
      row_.address = operation.value<std::uint64_t>();
    } else if (opcode == kEndSequence) {
      if (!sequence_.empty()) {
        sequence_.push_back({.address = row_.address, .is_end = true});
        sequences.push_back(std::exchange(sequence_, {}));
      }
      row_ = kStart;
    }
  }

  void advance(std::uint64_t instructions) { row_.address += instructions * instruction_bytes_; }

  void add_row() {
    if (row_.file >= file_count_) {
      throw Damaged{"a line is of a file that is not there"};
    }
    sequence_.push_back(row_);
    sequence_.back().file += first_file_;
  }

  static constexpr LineTable::Row kStart = {.address = 0, .file = 1, .line = 1, .column = 0};

  ByteReader unit_;
  unsigned offset_bytes_;
  const Sections& sections_;
  unsigned instruction_bytes_ = 1;
  int line_base_ = 0;
  unsigned line_range_ = 1;
  unsigned opcode_base_ = 1;
  Bytes operands_;  // how many each standard opcode has
  std::uint32_t first_file_ = 0;
  std::uint32_t file_count_ = 0;
  LineTable::Row row_ = kStart;
  Sequence sequence_;
};

}  // namespace

LineTable LineTable::parse(Bytes object, const std::string& name) try {
  const Sections sections(object);
  LineTable table;
  std::vector<Sequence> sequences;
  ByteReader units(sections.line);
  while (!units.at_end()) {
    table.units_.push_back({.offset = sections.line.size() - units.size(),
                            .first_file = static_cast<std::uint32_t>(table.files_.size())});
    // Section 7.4: a length of all ones says that lengths and offsets have 64 bits.
    std::uint64_t length = units.value<std::uint32_t>();
    const unsigned offset_bytes = length == 0xffffffff ? 8 : 4;
    length = offset_bytes == 8 ? units.value<std::uint64_t>() : length;
    UnitReader(ByteReader(units.bytes(length)), offset_bytes, sections)
        .read(table.files_, sequences);
  }
  std::ranges::sort(sequences, {}, [](const Sequence& s) { return s.front().address; });
  for (const Sequence& sequence : sequences) {
    table.rows_.insert(table.rows_.end(), sequence.begin(), sequence.end());
  }
  if (!std::ranges::is_sorted(table.rows_, {}, &Row::address)) {
    throw Damaged{"its lines overlap"};
  }
  return table;
} catch (const Damaged& damage) {
  throw ingot::Error(
      ingot::ErrorCode::kIo, name, std::string("cannot read its line table: ") + damage.what);
}

LineTable LineTable::read(const std::filesystem::path& object) {
  const std::string bytes = ingot::read_file(object).value_or("");
  return parse(std::as_bytes(std::span(bytes)), object.string());
}

std::optional<Place> LineTable::find(std::uint64_t offset) const {
  auto row = std::ranges::upper_bound(rows_, offset, {}, &Row::address);
  while (row != rows_.begin() && !(--row)->is_end) {
    if (row->line != 0) {
      return Place{files_[row->file], row->line, row->column};
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> LineTable::file_of_unit(std::uint64_t unit,
                                                     std::uint64_t number) const {
  const auto found = std::ranges::lower_bound(units_, unit, {}, &Unit::offset);
  if (found == units_.end() || found->offset != unit) {
    return std::nullopt;
  }
  const auto next = std::next(found);
  const std::size_t end = next != units_.end() ? next->first_file : files_.size();
  if (number >= end - found->first_file) {
    return std::nullopt;
  }
  return static_cast<std::uint32_t>(found->first_file + number);
}

}  // namespace softmetal
