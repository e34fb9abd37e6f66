#include "msl/attributes.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <limits>

namespace ingot::msl {
namespace {

constexpr std::array<std::string_view, 20> kBuiltins = {"dispatch_quadgroups_per_threadgroup",
                                                        "dispatch_simdgroups_per_threadgroup",
                                                        "dispatch_threads_per_threadgroup",
                                                        "grid_origin",
                                                        "grid_size",
                                                        "quadgroup_index_in_threadgroup",
                                                        "quadgroups_per_threadgroup",
                                                        "simdgroup_index_in_threadgroup",
                                                        "simdgroups_per_threadgroup",
                                                        "thread_execution_width",
                                                        "thread_index_in_quadgroup",
                                                        "thread_index_in_simdgroup",
                                                        "thread_index_in_threadgroup",
                                                        "thread_position_in_grid",
                                                        "thread_position_in_threadgroup",
                                                        "threadgroup_position_in_grid",
                                                        "threadgroups_per_grid",
                                                        "threads_per_grid",
                                                        "threads_per_simdgroup",
                                                        "threads_per_threadgroup"};

constexpr std::array<std::string_view, 7> kOtherMetal = {"kernel",
                                                         "id",
                                                         "host_name",
                                                         "max_total_threads_per_threadgroup",
                                                         "buffer",
                                                         "threadgroup",
                                                         "function_constant"};

constexpr std::array<std::string_view, 9> kStandard = {"carries_dependency",
                                                       "deprecated",
                                                       "fallthrough",
                                                       "likely",
                                                       "maybe_unused",
                                                       "nodiscard",
                                                       "no_unique_address",
                                                       "noreturn",
                                                       "unlikely"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<Attribute> read_attribute_list(const Syntax& syntax, std::size_t index) {
  std::vector<Attribute> attributes;
  for (const TokenRange part : syntax.split({index + 2, syntax.match(index + 1)})) {
    std::size_t i = part.first;
    if (part.empty()) {
      continue;
    }
    if (!syntax.is_identifier(i)) {
      throw compile_error(syntax.location(i), "an attribute's name is missing");
    }
    Attribute attribute{std::string(syntax[i]), {}, i};
    ++i;
    if (i + 1 < part.last && syntax.is(i, "::") && syntax.is_identifier(i + 1)) {
      attribute.name += "::" + std::string(syntax[i + 1]);
      i += 2;
    }
    if (i < part.last && syntax.is(i, "(")) {
      attribute.arguments = {i + 1, syntax.match(i)};
      i = syntax.match(i) + 1;
    }
    if (i != part.last) {
      throw compile_error(syntax.location(i),
                          fmt::format("the attribute '{}' is malformed", attribute.name));
    }
    attributes.push_back(std::move(attribute));
  }
  return attributes;
}

std::vector<Attribute> read_attributes(const Syntax& syntax, TokenRange range) {
  std::vector<Attribute> attributes;
  for (std::size_t i = range.first; i < range.last; i = syntax.skip_element(i, range.last)) {
    if (syntax.is_attribute_list(i)) {
      std::vector<Attribute> list = read_attribute_list(syntax, i);
      std::move(list.begin(), list.end(), std::back_inserter(attributes));
    }
  }
  return attributes;
}

const Attribute* find_attribute(const std::vector<Attribute>& attributes, std::string_view name) {
  const auto found = std::find_if(
      attributes.begin(), attributes.end(), [&](const Attribute& a) { return a.name == name; });
  return found != attributes.end() ? &*found : nullptr;
}

std::optional<std::uint32_t> find_number(const Syntax& syntax,
                                         const Attribute& attribute,
                                         const ConstantEvaluator& constants,
                                         const std::string& scope,
                                         const TemplateArguments& arguments) {
  const auto value = constants.evaluate(attribute.arguments, scope, arguments);
  if (!value) {
    return std::nullopt;
  }
  if (*value < 0 || *value > std::numeric_limits<std::uint32_t>::max()) {
    throw compile_error(
        syntax.location(attribute.token),
        fmt::format("the argument of '{}' is {}, which is no index", attribute.name, *value));
  }
  return static_cast<std::uint32_t>(*value);
}

std::uint32_t number_argument(const Syntax& syntax,
                              const Attribute& attribute,
                              const ConstantEvaluator& constants,
                              const std::string& scope) {
  const auto value = find_number(syntax, attribute, constants, scope, {});
  if (!value) {
    fail_without_number(syntax, attribute);
  }
  return *value;
}

void fail_without_number(const Syntax& syntax, const Attribute& attribute) {
  throw compile_error(syntax.location(attribute.token),
                      fmt::format("the argument of '{}' is not a constant number: {}",
                                  attribute.name,
                                  syntax.join(attribute.arguments)),
                      fmt::format("write [[{}(0)]] or another number", attribute.name));
}

std::string string_argument(const Syntax& syntax, const Attribute& attribute) {
  std::string text;
  bool is_plain = true;
  for (std::size_t i = attribute.arguments.first; i < attribute.arguments.last; ++i) {
    const std::string_view literal = syntax[i];
    is_plain = is_plain && literal.size() >= 2 && literal.front() == '"' && literal.back() == '"' &&
               literal.find('\\') == std::string_view::npos;
    text += is_plain ? literal.substr(1, literal.size() - 2) : std::string_view();
  }
  if (!is_plain || text.empty()) {
    throw compile_error(syntax.location(attribute.token),
                        fmt::format("the argument of '{}' is not a plain string", attribute.name),
                        fmt::format("write [[{}(\"name\")]]", attribute.name));
  }
  return text;
}

bool is_builtin(std::string_view name) {
  return one_of(kBuiltins, name);
}

bool is_metal_attribute(std::string_view name) {
  return one_of(kOtherMetal, name) || is_builtin(name);
}

bool is_cpp_attribute(std::string_view name) {
  return one_of(kStandard, name) || name.find("::") != std::string_view::npos;
}

}  // namespace ingot::msl
