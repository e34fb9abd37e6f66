// JSON-RPC 2.0 messages, as the Model Context Protocol uses them.
#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "mcp/json.hpp"

namespace ingot::mcp {

enum class Code {
  kParse = -32700,
  kInvalidRequest = -32600,
  kMethodNotFound = -32601,
  kInvalidParams = -32602,
  kInternal = -32603,
  kUnsupportedVersion = -32022,  // the protocol's own
};

/// An error that a request is answered with.
class RpcError : public std::exception {
 public:
  RpcError(Code code, std::string message, Json data = nullptr, Json id = nullptr)
      : code_(code), message_(std::move(message)), data_(std::move(data)), id_(std::move(id)) {}
  const char* what() const noexcept override { return message_.c_str(); }
  Code code() const { return code_; }
  const Json& data() const { return data_; }
  /// Of the request, where it could be read.
  const Json& id() const { return id_; }

 private:
  Code code_;
  std::string message_;
  Json data_, id_;
};

struct Message {
  enum class Kind { kRequest, kNotification, kResponse };
  Kind kind;
  Json id;  // of a request
  std::string method;
  Json params;  // an object, empty where none was sent
};

/// Throws RpcError.
Message parse_message(std::string_view text);

/// The lines that answer a request. `id` is null where the request's could not be read.
std::string result_line(const Json& id, Json result);
std::string error_line(const Json& id, const RpcError& error);

}  // namespace ingot::mcp
