// A tool: what a client may call.
#pragma once

#include <functional>
#include <stop_token>
#include <string>

#include "mcp/json.hpp"

namespace ingot::mcp {

struct Tool {
  std::string name, title, description;
  Json input_schema, output_schema;
  bool writes_files = false;
  /// The answer to arguments that fit the input schema: a document that fits the output schema.
  /// Throws Error; may throw anything once the token asks to stop.
  std::function<Json(const Json& arguments, std::stop_token stop)> call;
};

}  // namespace ingot::mcp
