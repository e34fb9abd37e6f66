#include "select/facts.hpp"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/text.hpp"

namespace ingot {
namespace {

using Kind = FactSpec::Kind;

// The extent of dimension `axis`, -1 being the last one, of an input.
std::optional<Fact> extent(const Work& work, size_t input, int axis) {
  if (work.shapes.size() <= input || work.shapes[input].rank() < -axis) {
    return {};
  }
  return static_cast<double>(work.shapes[input][axis]);
}

std::optional<Fact> elements(const Work& work) {
  if (work.shapes.empty()) {
    return {};
  }
  return static_cast<double>(work.shapes[0].elements());
}

std::optional<Fact> rank(const Work& work) {
  if (work.shapes.empty()) {
    return {};
  }
  return static_cast<double>(work.shapes[0].rank());
}

std::optional<Fact> batch(const Work& work) {
  if (work.shapes.empty() || work.shapes[0].rank() < 3) {
    return {};
  }
  return static_cast<double>(work.shapes[0].without(-1).without(-1).elements());
}

std::optional<Fact> greatest_matrix_extent(const Work& work) {
  std::optional<Fact> greatest;
  for (size_t input = 0; input < work.shapes.size(); ++input) {
    for (const int axis : {-1, -2}) {
      const std::optional<Fact> candidate = extent(work, input, axis);
      if (candidate && (!greatest || *candidate > *greatest)) {
        greatest = candidate;
      }
    }
  }
  return greatest;
}

std::optional<Fact> dtype_name(const Work& work) {
  if (!work.dtype) {
    return {};
  }
  return std::string(to_string(*work.dtype));
}

constexpr FactSpec kFacts[] = {
    {"n", Kind::kNumber, "elements of the first input", elements, ""},
    {"row",
     Kind::kNumber,
     "last extent of the first input: the length of a row or a transform",
     [](const Work& work) { return extent(work, 0, -1); },
     ""},
    {"seq_length",
     Kind::kNumber,
     "last but one extent of the first input, the queries [b, h, s, d]",
     [](const Work& work) { return extent(work, 0, -2); },
     ""},
    {"kernel_size",
     Kind::kNumber,
     "last extent of the second input, the taps",
     [](const Work& work) { return extent(work, 1, -1); },
     ""},
    {"batch_size", Kind::kNumber, "matrices in the first input [b, m, k]", batch, "1"},
    {"max_dim",
     Kind::kNumber,
     "greatest of the last two extents of the inputs",
     greatest_matrix_extent,
     ""},
    {"dimensions", Kind::kNumber, "dimensions of the first input", rank, ""},
    {"dtype", Kind::kWord, "of the first input", dtype_name, ""},
    {"k", Kind::kNumber, "how many are selected", nullptr, ""},
    {"density", Kind::kNumber, "fraction of a sparse matrix that is not zero", nullptr, ""},
    {"momentum", Kind::kNumber, "of the optimiser", nullptr, "0"},
    {"weight_decay", Kind::kNumber, "of the optimiser", nullptr, "0"},
    {"clip_type", Kind::kWord, "norm or value", nullptr, "norm"},
    {"position_encoding", Kind::kWord, "none, rope or alibi", nullptr, "none"},
    {"real_input", Kind::kFlag, "the signal is real, not complex", nullptr, "true"},
    {"pairwise", Kind::kFlag, "every column with every other", nullptr, "false"},
    {"matrix", Kind::kFlag, "of all columns of a matrix", nullptr, "false"},
};

Fact parse_fact(const FactSpec& spec, std::string_view text) {
  if (spec.kind == Kind::kWord) {
    return std::string(text);
  }
  if (spec.kind == Kind::kFlag) {
    if (text == "true" || text == "false") {
      return text == "true";
    }
    throw Error(ErrorCode::kInvalidArgument,
                std::string(spec.name),
                fmt::format("'{}' is neither true nor false", text));
  }
  const std::optional<double> value = parse_real(text);
  if (!value || !std::isfinite(*value) || *value < 0) {
    throw Error(ErrorCode::kInvalidArgument,
                std::string(spec.name),
                fmt::format("'{}' is not a number of at least 0", text),
                std::string(spec.summary));
  }
  return *value;
}

}  // namespace

std::string to_string(const Fact& fact) {
  return std::visit([](const auto& value) { return fmt::format("{}", value); }, fact);
}

std::span<const FactSpec> fact_specs() {
  return kFacts;
}

const FactSpec& find_fact(std::string_view name) {
  const auto* const found = std::ranges::find(kFacts, name, &FactSpec::name);
  if (found == std::end(kFacts)) {
    std::vector<std::string> names;
    for (const FactSpec& spec : kFacts) {
      names.emplace_back(spec.name);
    }
    throw Error(ErrorCode::kInvalidArgument,
                std::string(name),
                "no operation asks for this",
                suggestion(name, names));
  }
  return *found;
}

Facts::Facts(const Work& work) {
  for (const FactSpec& spec : kFacts) {
    if (std::optional<Fact> fact = spec.derive == nullptr ? std::nullopt : spec.derive(work)) {
      known_[spec.name] = std::move(*fact);
    } else if (!spec.fallback.empty()) {
      known_[spec.name] = parse_fact(spec, spec.fallback);
    }
  }
  for (const auto& [name, text] : work.params) {
    const FactSpec& spec = find_fact(name);
    known_[spec.name] = parse_fact(spec, text);
  }
}

const Fact& Facts::get(std::string_view name) const {
  const auto found = known_.find(name);
  if (found == known_.end()) {
    const FactSpec& spec = find_fact(name);
    throw Error(ErrorCode::kInvalidArgument,
                std::string(name),
                fmt::format("must be known to choose: {}", spec.summary),
                fmt::format("--param {}=VALUE{}",
                            name,
                            spec.derive == nullptr ? "" : ", or the shapes of the inputs"));
  }
  return found->second;
}

}  // namespace ingot
