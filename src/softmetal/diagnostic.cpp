#include "softmetal/diagnostic.hpp"

#include "fmt/format.h"

namespace softmetal {

std::string to_string(const Diagnostic& diagnostic) {
  const char* severity = diagnostic.severity == Severity::kError ? "error" : "warning";
  const std::string reason =
      diagnostic.reason.empty() ? std::string() : fmt::format(" ({})", diagnostic.reason);
  return fmt::format("{}: {}: {}{} [{}]",
                     to_string(diagnostic.place),
                     severity,
                     diagnostic.message,
                     reason,
                     diagnostic.rule);
}

}  // namespace softmetal
