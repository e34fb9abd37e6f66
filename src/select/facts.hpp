// What the conditions of the routing table ask about a piece of work.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "ingot/dtype.hpp"
#include "ingot/shape.hpp"

namespace ingot {

/// A number, a word or a yes or no.
using Fact = std::variant<double, std::string, bool>;

std::string to_string(const Fact& fact);

/// A piece of work, as far as its tensors and parameters say what it is.
struct Work {
  std::vector<Shape> shapes;  // of the inputs, in the operation's order
  std::optional<DType> dtype;
  std::vector<std::pair<std::string, std::string>> params;  // facts by name, over those of shapes
};

struct FactSpec {
  enum class Kind { kNumber, kWord, kFlag };
  std::string_view name;
  Kind kind;
  std::string_view summary;
  /// The fact of the tensors alone; nothing where they do not tell. May be null.
  std::optional<Fact> (*derive)(const Work&);
  /// Where neither the tensors nor a parameter tell; empty: then it is unknown.
  std::string_view fallback;
};

/// All facts that conditions may ask for.
std::span<const FactSpec> fact_specs();

/// Throws Error(kInvalidArgument) that names the nearest fact.
const FactSpec& find_fact(std::string_view name);

class Facts {
 public:
  /// Throws Error(kInvalidArgument) for a parameter that is no fact, or whose value is not of its
  /// kind.
  explicit Facts(const Work& work);

  /// Throws Error(kInvalidArgument) that says how to give a fact which is unknown.
  const Fact& get(std::string_view name) const;
  bool has(std::string_view name) const { return known_.find(name) != known_.end(); }

 private:
  std::map<std::string_view, Fact> known_;
};

}  // namespace ingot
