// Which line of a shader each instruction of a compiled kernel comes from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal {

/// The line number information of one shared object: DWARF 5, section 6.2, as clang writes it.
/// Immutable.
class LineTable {
 public:
  /// The instructions from `address` up to the next row's come from this place. Addresses are
  /// relative to where the object is loaded.
  struct Row {
    std::uint64_t address = 0;
    std::uint32_t file = 0;  // for LineTable::file()
    std::uint32_t line = 0;  // 0: the compiler's own work, of no line
    std::uint32_t column = 0;
    bool is_end = false;  // of a run of instructions: what follows comes from nowhere known
  };

  /// Of an ELF file; empty when it holds no line table. Throws ingot::Error (kIo) that names the
  /// file when it is damaged, or not of a kind that is read: 64 bits, little endian, uncompressed.
  static LineTable read(const std::filesystem::path& object);

  /// Of the bytes of an ELF file, named `name` in errors.
  static LineTable parse(std::span<const std::byte> object, const std::string& name);

  /// The place that the instruction at `offset` comes from; where it has no line, the nearest one
  /// before it. A return address is behind the call that it belongs to: look up one less.
  std::optional<Place> find(std::uint64_t offset) const;

  /// Ascending.
  std::span<const Row> rows() const { return rows_; }

  /// A file's name as the line markers gave it.
  const std::string& file(std::uint32_t index) const { return files_[index]; }

  /// For file(): file `number` of the unit that begins at `unit` in .debug_line, as other sections
  /// refer to files; nothing when it is not there.
  std::optional<std::uint32_t> file_of_unit(std::uint64_t unit, std::uint64_t number) const;

 private:
  struct Unit {
    std::uint64_t offset = 0;      // in .debug_line
    std::uint32_t first_file = 0;  // in files_, up to the next unit's
  };

  std::vector<Unit> units_;  // ascending
  std::vector<Row> rows_;
  std::vector<std::string> files_;
};

}  // namespace softmetal
