// From an operation and what is known of the work to the kernels that serve it. A pure function of
// the routing table and the catalogue.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "runtime/record.hpp"
#include "select/facts.hpp"
#include "select/routing.hpp"

namespace ingot {

struct Selection {
  struct Choice {
    Step step;
    const KernelRecord* record;  // nullptr: this version does not have the kernel
  };
  std::string_view operation;
  std::vector<Choice> choices;
  std::vector<const Rule*> rules;  // the row that was taken and those that added to it
  std::string reason;              // "n <= 100000 holds (n = 5000)"

  /// All kernels are in this version.
  bool is_served() const;
};

/// Throws Error(kNotFound) for an unknown operation, naming the nearest, and
/// Error(kInvalidArgument) where a fact that a condition asks for is unknown or no row fits.
Selection select(std::string_view operation, const Facts& facts);

/// The rows of an operation, by any of its names. Throws Error(kNotFound).
std::vector<const Rule*> rules_of(std::string_view operation);

/// This version has all kernels of the row.
bool is_served(const Rule& rule);

/// The record of an id, or nullptr where this version does not have the kernel.
const KernelRecord* kernel_or_null(std::string_view id);

}  // namespace ingot
