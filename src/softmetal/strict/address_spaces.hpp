// The address spaces of Metal as clang's OpenCL dialect shows them.
#pragma once

#include <string>
#include <string_view>

namespace softmetal::strict {

enum class Space { kNone, kGeneric, kThread, kDevice, kConstant, kThreadgroup };

/// Why mixing them is wrong.
inline constexpr std::string_view kNoConversion = "Metal converts no address space to another";

/// The address space that a type as clang prints it begins with: that of what a pointer or
/// reference points to. A pointer's own space, behind its `*`, does not count.
Space space_of(std::string_view type);

/// "device" for Space::kDevice.
std::string_view name_of(Space space);

/// The type with all words for address spaces left out.
std::string without_spaces(std::string_view type);

/// Whether two types of `message`, which quotes them, are in different address spaces, both of
/// Metal. False when one of them is generic: that comes of an earlier problem, or of the dialect.
bool mixes_spaces(std::string_view message);

/// The message in Metal's words.
std::string in_words_of_metal(std::string_view message);

}  // namespace softmetal::strict
