// Any bytes given to the reader of line tables, as an object file or as the section inside of a
// sound one, end in a table that answers, or in an ingot::Error.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <elf.h>
#include <span>
#include <string>
#include <string_view>

#include "ingot/error.hpp"

#include "softmetal/line_table.hpp"

namespace {

void parse(std::string_view object) {
  try {
    const auto table = softmetal::LineTable::parse(std::as_bytes(std::span(object)), "fuzz.so");
    for (const auto& row : table.rows()) {
      table.find(row.address);
    }
  } catch (const ingot::Error&) {
  }
}

std::string object_with(std::string_view line_section) {
  using namespace std::string_view_literals;
  constexpr auto kNames = "\0.debug_line\0.debug_line_str\0"sv;
  constexpr auto kStrings = ".\0include\0a.metal\0b.h\0"sv;
  struct {
    Elf64_Ehdr header = {};
    Elf64_Shdr sections[4] = {};
  } head;
  std::memcpy(head.header.e_ident, ELFMAG, SELFMAG);
  head.header.e_ident[EI_CLASS] = ELFCLASS64;
  head.header.e_ident[EI_DATA] = ELFDATA2LSB;
  head.header.e_shoff = sizeof head.header;
  head.header.e_shnum = 4;
  head.header.e_shstrndx = 3;
  std::string content;
  const auto fill = [&](unsigned index, std::size_t name, std::string_view bytes) {
    Elf64_Shdr& section = head.sections[index];
    section.sh_name = static_cast<unsigned>(name);
    section.sh_type = SHT_PROGBITS;
    section.sh_offset = sizeof head + content.size();
    section.sh_size = bytes.size();
    content += bytes;
  };
  fill(1, kNames.find(".debug_line"), line_section);
  fill(2, kNames.find(".debug_line_str"), kStrings);
  fill(3, 0, kNames);
  return std::string(reinterpret_cast<const char*>(&head), sizeof head) + content;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  parse(bytes);
  parse(object_with(bytes));
  return 0;
}
