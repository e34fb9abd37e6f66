// JSON and TOML from outside, read strictly into one form.
#pragma once

#include <string>
#include <string_view>

#include "nlohmann/json.hpp"

namespace ingot::planner {

using Json = nlohmann::ordered_json;

/// The JSON value of a text. `name` is what errors call it: a file's name, "line 3". Throws
/// Error(kInvalidArgument) with line and column for what is not JSON, for a key that occurs twice
/// in an object, for nesting deeper than 64, and for an object of more than 1024 members.
Json read_json(std::string_view text, const std::string& name);

/// The same for TOML. Dates become strings ("2026-11-20"); infinities and NaN stay what they are.
Json read_toml(std::string_view text, const std::string& name);

/// Either: a text whose first character that is not blank is '{' is JSON, another one TOML.
Json read_document(std::string_view text, const std::string& name);

/// The text of a file, or of standard input for "-". Throws Error(kNotFound), Error(kIo), and
/// Error(kInvalidArgument) for more than 64 MiB.
std::string read_text(const std::string& file);

}  // namespace ingot::planner
