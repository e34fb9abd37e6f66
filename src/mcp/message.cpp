#include "mcp/message.hpp"

#include "ingot/error.hpp"

#include "planner/document.hpp"

namespace ingot::mcp {
namespace {

Json parse(std::string_view text) {
  try {
    return planner::read_json(text, "message");
  } catch (const Error& error) {
    throw RpcError(Code::kParse, error.what());
  }
}

bool is_id(const Json& id) {
  return id.is_string() || id.is_number_integer();
}

}  // namespace

Message parse_message(std::string_view text) {
  Json document = parse(text);
  if (document.is_array()) {
    throw RpcError(Code::kInvalidRequest,
                   "batches are not part of this protocol: send one message a line");
  }
  if (!document.is_object() || document.value("jsonrpc", Json()) != "2.0") {
    throw RpcError(Code::kInvalidRequest, "a message is an object whose jsonrpc is \"2.0\"");
  }
  const bool has_id = document.contains("id");
  const bool has_method = document.contains("method");
  if (!has_method && (document.contains("result") || document.contains("error"))) {
    return {Message::Kind::kResponse, nullptr, "", Json::object()};
  }
  if (has_id && !is_id(document["id"])) {
    throw RpcError(Code::kInvalidRequest, "an id is a string or an integer of 64 bits");
  }
  const Json id = has_id ? document["id"] : Json();
  if (!has_method || !document["method"].is_string()) {
    throw RpcError(Code::kInvalidRequest, "the method is missing or is not a string", nullptr, id);
  }
  Json params = document.contains("params") ? std::move(document["params"]) : Json::object();
  if (!params.is_object()) {
    throw RpcError(Code::kInvalidParams, "params must be an object", nullptr, id);
  }
  return {has_id ? Message::Kind::kRequest : Message::Kind::kNotification,
          id,
          document["method"].get<std::string>(),
          std::move(params)};
}

std::string result_line(const Json& id, Json result) {
  return to_line({{"jsonrpc", "2.0"}, {"id", id}, {"result", std::move(result)}});
}

std::string error_line(const Json& id, const RpcError& error) {
  Json content = {{"code", static_cast<int>(error.code())}, {"message", error.what()}};
  if (!error.data().is_null()) {
    content["data"] = error.data();
  }
  return to_line({{"jsonrpc", "2.0"}, {"id", id}, {"error", std::move(content)}});
}

}  // namespace ingot::mcp
