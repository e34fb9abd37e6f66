// Questions that every target's emitter has about a module.
#pragma once

#include <string_view>
#include <unordered_set>
#include <vector>

#include "msl/module.hpp"

namespace ingot::msl {

/// Functions, and specialisations of class templates, that would be defined twice once the address
/// spaces are gone, for example the second of `float sum(device float* p)` and
/// `float sum(threadgroup float* p)`. All but the first can be
/// dropped, because they do the same. Throws Error (kCompile) where bodies differ: with one address
/// space, nothing could tell which one a call means.
std::vector<TokenRange> address_space_duplicates(const Module& module);

/// Every identifier in the text of `kernel` and of whatever it names, directly or through others:
/// what the kernel may call, and more, since names alone decide.
std::unordered_set<std::string_view> words_reached(const Module& module, const Kernel& kernel);

/// The function constants that `kernel` cannot do without: those it uses, directly or through
/// anything it names, and does not ask is_function_constant_defined about.
std::vector<const FunctionConstant*> required_constants(const Module& module, const Kernel& kernel);

/// For each token, whether it stands inside of a template.
std::vector<bool> tokens_in_templates(const Module& module);

}  // namespace ingot::msl
