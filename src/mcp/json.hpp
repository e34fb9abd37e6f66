// JSON as it goes over the wire.
#pragma once

#include <string>

#include "nlohmann/json.hpp"

namespace ingot::mcp {

using Json = nlohmann::ordered_json;

/// The document in one line of UTF-8; bytes that are no character are replaced.
std::string to_line(const Json& document);

/// The object that is a member of an object; an empty one where there is none.
const Json& members_of(const Json& object, const char* name);

}  // namespace ingot::mcp
