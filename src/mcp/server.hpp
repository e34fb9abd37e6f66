// The Model Context Protocol, without the wire: from a message to what must be done about it.
//
// Two eras of the protocol are spoken at once. In revision 2026-07-28 every request names its
// revision in params._meta, and nothing is remembered between requests. Before it (2025-11-25,
// 2025-06-18) a client begins with `initialize`.
#pragma once

#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "mcp/message.hpp"
#include "mcp/tool.hpp"

namespace ingot::mcp {

class Server {
 public:
  Server(std::vector<Tool> tools, std::string version);

  /// A call of a tool, which may take long. `run` gives the line that answers it; it does not
  /// throw.
  struct Call {
    Json id;
    std::function<std::string(std::stop_token)> run;
  };
  /// The call of this id is no longer wanted.
  struct Cancel {
    Json id;
  };
  /// Nothing to do, a line to send, or one of the above.
  using Action = std::variant<std::monostate, std::string, Call, Cancel>;

  /// Does not throw, whatever the message is.
  Action handle(std::string_view message);

  const std::vector<Tool>& tools() const { return tools_; }

 private:
  enum class Era { kHandshake, kStateless };

  Action answer(const Message& request);
  Era era_of(const Message& request) const;
  Json initialize(const Json& params);
  Json discover() const;
  Json list_tools(const Json& params, Era era) const;
  Call call_tool(const Message& request, Era era) const;
  Json finish(Json result, Era era) const;

  std::vector<Tool> tools_;
  std::string version_;
  bool initialized_ = false;
};

}  // namespace ingot::mcp
