// Reading JSON that somebody else wrote.
#pragma once

#include <string>
#include <string_view>

#include "nlohmann/json.hpp"

namespace ingot::mcp {

using Json = nlohmann::ordered_json;

/// Deepest nesting of arrays and objects in a message.
inline constexpr int kMostDepth = 64;

/// Parses a document. Throws Error(kInvalidArgument) for what is not JSON in UTF-8, nests deeper
/// than kMostDepth or names a member twice, which readers do not agree about.
Json parse_json(std::string_view text);

/// The document in one line of UTF-8; bytes that are no character are replaced.
std::string to_line(const Json& document);

/// The object that is a member of an object; an empty one where there is none.
const Json& members_of(const Json& object, const char* name);

}  // namespace ingot::mcp
