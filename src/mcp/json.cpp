#include "mcp/json.hpp"

namespace ingot::mcp {

std::string to_line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& members_of(const Json& object, const char* name) {
  static const Json kEmpty = Json::object();
  const auto found = object.find(name);
  return found == object.end() ? kEmpty : *found;
}

}  // namespace ingot::mcp
