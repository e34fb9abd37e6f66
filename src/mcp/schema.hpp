// The part of JSON Schema 2020-12 that the tools describe their arguments and answers with.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "mcp/json.hpp"

namespace ingot::mcp {

/// What is wrong with `value`, as "inputs.x.shape[2]: must be an integer"; nothing when it fits the
/// schema. Understands type, enum, properties, required, additionalProperties, items, minimum,
/// maximum, minLength, maxLength and maxItems.
std::optional<std::string> find_problem(const Json& schema, const Json& value);

// Building schemas.

struct Property {
  const char* name;
  Json schema;
  bool required = false;
};

Json object_of(std::initializer_list<Property> properties);
/// An object with any names, whose values all fit `schema`.
Json map_of(Json schema, const char* description);
Json array_of(Json items, const char* description, int most = 0);
/// `type` is "string", "integer", "number", "boolean", or a list of such: "string|null".
Json value_of(const char* type, const char* description);
Json one_of(std::initializer_list<const char*> words, const char* description);

}  // namespace ingot::mcp
