#include "softmetal/elf_section.hpp"

#include <algorithm>
#include <elf.h>

#include "softmetal/byte_reader.hpp"

namespace softmetal {
namespace {

class ElfFile {
 public:
  explicit ElfFile(std::span<const std::byte> bytes)
      : bytes_(bytes), header_(ByteReader(bytes).value<Elf64_Ehdr>()) {
    if (!std::equal(header_.e_ident, header_.e_ident + SELFMAG, ELFMAG) ||
        header_.e_ident[EI_CLASS] != ELFCLASS64 || header_.e_ident[EI_DATA] != ELFDATA2LSB) {
      throw Damaged{"it is no ELF file of 64 bits, little endian"};
    }
  }

  unsigned section_count() const { return header_.e_shnum; }
  unsigned name_section() const { return header_.e_shstrndx; }

  Elf64_Shdr section(unsigned index) const {
    if (index >= header_.e_shnum) {
      throw Damaged{"it names a section that is not there"};
    }
    ByteReader headers = at(header_.e_shoff);
    headers.bytes(index * sizeof(Elf64_Shdr));
    return headers.value<Elf64_Shdr>();
  }

  std::span<const std::byte> content(const Elf64_Shdr& section) const {
    return at(section.sh_offset).bytes(section.sh_size);
  }

 private:
  ByteReader at(std::uint64_t offset) const {
    ByteReader reader(bytes_);
    reader.bytes(offset);
    return reader;
  }

  std::span<const std::byte> bytes_;
  Elf64_Ehdr header_;
};

}  // namespace

std::span<const std::byte> find_section(std::span<const std::byte> object, std::string_view name) {
  const ElfFile file(object);
  if (file.section_count() == 0) {
    return {};
  }
  const auto names = file.content(file.section(file.name_section()));
  for (unsigned i = 0; i < file.section_count(); ++i) {
    const Elf64_Shdr section = file.section(i);
    ByteReader its_name(names);
    its_name.bytes(section.sh_name);
    if (section.sh_type != SHT_PROGBITS || its_name.string() != name) {
      continue;
    }
    if ((section.sh_flags & SHF_COMPRESSED) != 0) {
      throw Damaged{"a section of it is compressed"};
    }
    return file.content(section);
  }
  return {};
}

}  // namespace softmetal
