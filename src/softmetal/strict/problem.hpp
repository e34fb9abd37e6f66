// How the rules of strict mode say what they found.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "msl/module.hpp"
#include "softmetal/diagnostic.hpp"

namespace softmetal::strict {

/// An error at a token of the module.
inline Diagnostic problem(const ingot::msl::Module& module,
                          std::size_t token,
                          std::string_view rule,
                          std::string message,
                          std::string_view reason) {
  ingot::msl::Location location = module.lexed.location(token);
  return {{std::move(location.file), location.line, location.column},
          Severity::kError,
          std::string(rule),
          std::move(message),
          std::string(reason)};
}

}  // namespace softmetal::strict
