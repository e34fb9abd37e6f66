// Which calls of inlined functions each instruction of a compiled kernel stands in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_set>

#include "softmetal/line_table.hpp"

namespace softmetal {

/// The functions of one shared object and those inlined in them: DWARF 5, sections 3.3.7 and 3.3.8.
/// Immutable.
class InlineTable {
 public:
  InlineTable() = default;  // empty
  InlineTable(InlineTable&&) = default;
  InlineTable& operator=(InlineTable&&) = default;

  /// A function with code of its own, or one call that was replaced by the function's code.
  struct Function {
    std::string_view name;             // as the linker knows it, or as in the source; may be empty
    const Function* caller = nullptr;  // which it was inlined in; nullptr for code of its own
    // Where in the caller the call stands.
    std::uint32_t call_file = 0;  // for LineTable::file()
    std::uint32_t call_line = 0;  // 0: not known
    std::uint32_t call_column = 0;
  };

  /// Of an ELF file, whose line table is `lines`; empty when it says nothing of its functions.
  /// Throws ingot::Error (kIo) that names the file when it is damaged, or not of a kind that is
  /// read: 64 bits, little endian, uncompressed.
  static InlineTable read(const std::filesystem::path& object, const LineTable& lines);

  /// Of the bytes of an ELF file, named `name` in errors.
  static InlineTable parse(std::span<const std::byte> object,
                           const std::string& name,
                           const LineTable& lines);

  /// The innermost function that the instruction at `offset` belongs to; nullptr outside of all.
  /// Offsets are relative to where the object is loaded.
  const Function* find(std::uint64_t offset) const;

 private:
  friend class InlineTableReader;

  // Nodes that never move, since they refer to each other.
  std::deque<Function> functions_;
  std::unordered_set<std::string> names_;
  std::map<std::uint64_t, const Function*> innermost_;  // from this address up to the next
};

}  // namespace softmetal
