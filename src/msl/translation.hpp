// What an emitter is asked for, whatever the target.
#pragma once

#include <map>
#include <string>

#include "msl/module.hpp"

namespace ingot::msl {

/// One specialisation of one kernel, to be written for a target.
struct Translation {
  const Module* module = nullptr;
  /// The entry point to write a call for; nullptr only checks the syntax.
  const Kernel* kernel = nullptr;
  /// C++ literals of the function constants, by index ("3") or name; the index is looked up first.
  /// As in Metal, values that the source has no constant for are ignored.
  std::map<std::string, std::string> constants;
};

}  // namespace ingot::msl
