// Object files made by hand.
#pragma once

#include <cstdint>
#include <cstring>
#include <elf.h>
#include <string>
#include <string_view>
#include <vector>

namespace softmetal::testing {

struct Section {
  std::string_view name;
  std::string_view content;
};

/// An ELF file of 64 bits, little endian, with these sections and nothing else.
inline std::string elf_object(std::vector<Section> sections) {
  std::string names;
  for (const Section& section : sections) {
    names.append(section.name).push_back('\0');
  }
  names.push_back('\0');  // the last section's, which holds them
  Elf64_Ehdr header = {};
  std::memcpy(header.e_ident, ELFMAG, SELFMAG);
  header.e_ident[EI_CLASS] = ELFCLASS64;
  header.e_ident[EI_DATA] = ELFDATA2LSB;
  header.e_shoff = sizeof header;
  header.e_shnum = static_cast<std::uint16_t>(sections.size() + 1);
  header.e_shstrndx = static_cast<std::uint16_t>(sections.size());
  sections.push_back({"", names});
  std::string headers(reinterpret_cast<const char*>(&header), sizeof header);
  std::string contents;
  std::size_t name = 0;
  for (const auto& [its_name, content] : sections) {
    Elf64_Shdr section = {};
    section.sh_name = static_cast<std::uint32_t>(name);
    section.sh_type = SHT_PROGBITS;
    section.sh_offset = sizeof header + sections.size() * sizeof section + contents.size();
    section.sh_size = content.size();
    headers.append(reinterpret_cast<const char*>(&section), sizeof section);
    contents += content;
    name += its_name.size() + 1;
  }
  return headers + contents;
}

}  // namespace softmetal::testing
