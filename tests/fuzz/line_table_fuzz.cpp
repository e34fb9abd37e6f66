// Any bytes given to the readers of line tables and of inlined functions, as an object file, as the
// line table inside of a sound one, or as all the sections that they read, end in tables that
// answer or in an ingot::Error.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/error.hpp"

#include "softmetal/inline_table.hpp"
#include "softmetal/line_table.hpp"
#include "tests/elf_object.hpp"

namespace {

using namespace std::string_view_literals;

using softmetal::testing::elf_object;
using softmetal::testing::Section;

void parse(std::string_view object) {
  const auto bytes = std::as_bytes(std::span(object));
  softmetal::LineTable lines;
  try {
    lines = softmetal::LineTable::parse(bytes, "fuzz.so");
    for (const auto& row : lines.rows()) {
      lines.find(row.address);
    }
  } catch (const ingot::Error&) {
  }
  try {
    const auto inlines = softmetal::InlineTable::parse(bytes, "fuzz.so", lines);
    for (std::uint64_t address = 0; address < 0x2000; address += 8) {
      for (const auto* call = inlines.find(address); call != nullptr; call = call->caller) {
        if (call->call_line != 0) {
          lines.file(call->call_file);
        }
      }
    }
  } catch (const ingot::Error&) {
  }
}

// Each section is a length of two bytes and its content; the last ones may be missing.
std::string object_of(std::string_view bytes) {
  std::vector<Section> sections = {{".debug_info", {}},
                                   {".debug_abbrev", {}},
                                   {".debug_addr", {}},
                                   {".debug_rnglists", {}},
                                   {".debug_str_offsets", {}},
                                   {".debug_str", {}},
                                   {".debug_line", {}},
                                   {".debug_line_str", {}}};
  for (Section& section : sections) {
    std::uint16_t size = 0;
    const std::size_t header = std::min(bytes.size(), sizeof size);
    std::memcpy(&size, bytes.data(), header);
    bytes.remove_prefix(header);
    section.content = bytes.substr(0, size);
    bytes.remove_prefix(section.content.size());
  }
  return elf_object(sections);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  parse(bytes);
  parse(elf_object({{".debug_line", bytes}, {".debug_line_str", ".\0include\0a.metal\0b.h\0"sv}}));
  parse(object_of(bytes));
  return 0;
}
