// Finds the kernels of a Metal source and what must be known to call and to translate them.
#pragma once

#include <string>
#include <vector>

#include "msl/module.hpp"

namespace ingot::msl {

/// Reads preprocessed Metal text (`clang -E` with an empty <metal_stdlib>, line markers kept);
/// `name` is the file's name until a line marker says otherwise. Throws Error (kCompile) with
/// file:line:column for anything that Ingot cannot run: textures, render functions, unknown
/// attributes, writable program-scope variables, ...
Module read_module(std::string text, std::string name);

/// The same, but goes on after a problem with what it concerns left out. Throws only where no
/// declaration can be told from the next.
Module read_module(std::string text, std::string name, std::vector<Error>& problems);

}  // namespace ingot::msl
