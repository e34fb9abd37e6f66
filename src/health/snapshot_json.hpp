// Snapshots as JSON: recorded, sent, and read back strictly.
#pragma once

#include <string>
#include <string_view>

#include "nlohmann/json.hpp"

#include "health/snapshot.hpp"

namespace ingot::health {

using Json = nlohmann::ordered_json;

/// An object with a field per signal, null where it is unknown, "gpus", and "sources" with a text
/// per signal.
Json to_json(const Snapshot& snapshot);

/// Reads such an object, "sources" or not, or a document that holds one as "snapshot", as what
/// `ingot health --json` prints does; a field left out is unknown. `name` is the file's, for
/// messages. Throws Error(kInvalidArgument) that names the field: no JSON or cut short, a field
/// that there is not (with the nearest that there is), a wrong type, a value out of range.
Snapshot parse_snapshot(std::string_view text, const std::string& name);

/// parse_snapshot of a file's text. Throws Error(kNotFound) or Error(kIo) too.
Snapshot read_snapshot(const std::string& path);

}  // namespace ingot::health
