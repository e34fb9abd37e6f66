#include "mcp/json.hpp"

#include <set>
#include <string>
#include <vector>

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace ingot::mcp {
namespace {

[[noreturn]] void fail(std::string problem) {
  throw Error(ErrorCode::kInvalidArgument, "JSON", std::move(problem));
}

}  // namespace

Json parse_json(std::string_view text) {
  using Event = Json::parse_event_t;
  std::vector<std::set<std::string>> names;  // of the members of the open objects
  const auto check = [&](int depth, Event event, Json& parsed) {
    if ((event == Event::object_start || event == Event::array_start) && depth >= kMostDepth) {
      fail(fmt::format("nests deeper than {}", kMostDepth));
    }
    if (event == Event::object_start) {
      names.emplace_back();
    } else if (event == Event::object_end) {
      names.pop_back();
    } else if (event == Event::key && !names.back().insert(parsed.get<std::string>()).second) {
      fail("names a member twice");
    }
    return true;
  };
  try {
    return Json::parse(text, check);
  } catch (const nlohmann::json::exception& error) {
    fail(error.what());
  }
}

std::string to_line(const Json& document) {
  return document.dump(-1, ' ', false, Json::error_handler_t::replace);
}

const Json& members_of(const Json& object, const char* name) {
  static const Json kEmpty = Json::object();
  const auto found = object.find(name);
  return found == object.end() ? kEmpty : *found;
}

}  // namespace ingot::mcp
