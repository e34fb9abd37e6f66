// Sections of ELF files.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace softmetal {

/// The bytes of the section of this name; empty when there is none. Throws Damaged unless `object`
/// is an ELF file of 64 bits, little endian, and the section is uncompressed.
std::span<const std::byte> find_section(std::span<const std::byte> object, std::string_view name);

}  // namespace softmetal
