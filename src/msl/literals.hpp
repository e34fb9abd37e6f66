// Literals of Metal that C++ does not have.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ingot::msl {

/// The C++ expression for a literal of half (0.5h) or bfloat (0.5bf); nullopt for all others.
std::optional<std::string> cpp_literal(std::string_view number);

/// Whether the literal is a floating-point number without a suffix, as 1.5 or 0x1p3: a float in
/// Metal, a double in C++.
bool is_real_without_suffix(std::string_view number);

}  // namespace ingot::msl
