// Any bytes given to the server are answered by one line of JSON, or not at all; and as a Metal
// source they are searched for includes without reading what they must not.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "nlohmann/json.hpp"

#include "ingot/error.hpp"

#include "mcp/includes.hpp"
#include "mcp/schema.hpp"
#include "mcp/server.hpp"

namespace {

using namespace ingot::mcp;

Tool echo() {
  return {.name = "echo",
          .title = "Echo",
          .description = "Gives its arguments back",
          .input_schema =
              object_of({{"numbers", array_of({{"type", "number"}, {"minimum", 0}}, "numbers", 4)},
                         {"words", map_of(one_of({"a", "b"}, "word"), "words")},
                         {"text", value_of("string|null", "text"), true}}),
          .output_schema = {{"type", "object"}},
          .call = [](const Json& arguments, const std::stop_token&) { return arguments; }};
}

void check_line(const std::string& line) {
  const Json answer = Json::parse(line);
  if (line.find('\n') != std::string::npos || answer.at("jsonrpc") != "2.0" ||
      !answer.contains("id") || answer.contains("result") == answer.contains("error")) {
    std::abort();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Server server({echo()}, "1");
  const Server::Action action = server.handle(text);
  if (const auto* const line = std::get_if<std::string>(&action)) {
    check_line(*line);
  } else if (const auto* const call = std::get_if<Server::Call>(&action)) {
    check_line(call->run({}));
  }
  try {
    check_includes(text, "/nowhere/fuzz.metal", [](const auto&) { return false; });
  } catch (const ingot::Error&) {
  }
  return 0;
}
