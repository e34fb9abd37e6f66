#include "mcp/server.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/text.hpp"
#include "mcp/schema.hpp"

namespace ingot::mcp {
namespace {

constexpr std::string_view kStatelessRevision = "2026-07-28";
constexpr std::string_view kHandshakeRevisions[] = {"2025-11-25", "2025-06-18"};  // newest first

// Members of params._meta and of a result's _meta.
constexpr const char* kVersionMember = "io.modelcontextprotocol/protocolVersion";
constexpr const char* kCapabilitiesMember = "io.modelcontextprotocol/clientCapabilities";
constexpr const char* kServerMember = "io.modelcontextprotocol/serverInfo";

// Milliseconds for which a client may keep a list. Ours change when the program is replaced only.
constexpr int kTimeToLive = 3'600'000;

constexpr std::string_view kInstructions =
    "Ingot runs and plans GPU compute: Metal kernels on Apple GPUs, on any CPU and on a software "
    "Metal device. Choose kernels with `select` or `kernels_search`, read `kernel_show` before "
    "`run_kernel`, ask `route` and `health` before long work, and check Metal sources with "
    "`msl_check`.";

Json capabilities() {
  return {{"tools", {{"listChanged", false}}}};
}

Json json_of(const Tool& tool) {
  return {{"name", tool.name},
          {"title", tool.title},
          {"description", tool.description},
          {"inputSchema", tool.input_schema},
          {"outputSchema", tool.output_schema},
          {"annotations",
           {{"readOnlyHint", !tool.writes_files},
            {"destructiveHint", tool.writes_files},
            {"openWorldHint", false}}}};
}

Json text_content(std::string text) {
  return Json::array({{{"type", "text"}, {"text", std::move(text)}}});
}

// What went wrong in a tool is part of the result, where the model sees it and can do better.
Json tool_error(std::string text) {
  return {{"content", text_content(std::move(text))}, {"isError", true}};
}

Json run_tool(const Tool& tool, const Json& arguments, const std::stop_token& stop) {
  if (const auto problem = find_problem(tool.input_schema, arguments)) {
    return tool_error(*problem);
  }
  try {
    Json document = tool.call(arguments, stop);
    std::string text = to_line(document);
    return {{"content", text_content(std::move(text))},
            {"structuredContent", std::move(document)},
            {"isError", false}};
  } catch (const Error& error) {
    return tool_error(error.what());
  }
}

}  // namespace

Server::Server(std::vector<Tool> tools, std::string version)
    : tools_(std::move(tools)), version_(std::move(version)) {}

Server::Action Server::handle(std::string_view message) {
  Json id;
  try {
    const Message parsed = parse_message(message);
    id = parsed.id;
    if (parsed.kind == Message::Kind::kRequest) {
      return answer(parsed);
    }
    const auto cancelled = parsed.params.find("requestId");
    if (parsed.method == "notifications/cancelled" && cancelled != parsed.params.end()) {
      return Cancel{*cancelled};
    }
    return std::monostate();  // a notification that needs nothing, or an answer to no question
  } catch (const RpcError& error) {
    return error_line(error.id().is_null() ? id : error.id(), error);
  } catch (const std::exception& error) {
    return error_line(id, RpcError(Code::kInternal, error.what()));
  }
}

Server::Action Server::answer(const Message& request) {
  if (request.method == "initialize") {
    return result_line(request.id, initialize(request.params));
  }
  const Era era = era_of(request);
  if (request.method == "ping" && era == Era::kHandshake) {
    return result_line(request.id, Json::object());
  }
  if (request.method == "server/discover" && era == Era::kStateless) {
    return result_line(request.id, finish(discover(), era));
  }
  if (request.method == "tools/list") {
    return result_line(request.id, finish(list_tools(request.params, era), era));
  }
  if (request.method == "tools/call") {
    return call_tool(request, era);
  }
  throw RpcError(Code::kMethodNotFound, "there is no method " + request.method);
}

Server::Era Server::era_of(const Message& request) const {
  const Json meta = request.params.value("_meta", Json::object());
  if (!meta.is_object() || !meta.contains(kVersionMember)) {
    if (initialized_ || request.method == "ping") {
      return Era::kHandshake;
    }
    throw RpcError(Code::kInvalidParams,
                   fmt::format("params._meta must name {} and {}, or the client begin with "
                               "initialize",
                               kVersionMember,
                               kCapabilitiesMember));
  }
  const Json& version = meta[kVersionMember];
  if (!version.is_string()) {
    throw RpcError(Code::kInvalidParams, std::string(kVersionMember) + " must be a string");
  }
  if (version != kStatelessRevision) {
    throw RpcError(Code::kUnsupportedVersion,
                   "Unsupported protocol version",
                   {{"supported", Json::array({kStatelessRevision})}, {"requested", version}});
  }
  if (!meta.contains(kCapabilitiesMember) || !meta[kCapabilitiesMember].is_object()) {
    throw RpcError(Code::kInvalidParams,
                   fmt::format("params._meta must have {}, an object", kCapabilitiesMember));
  }
  return Era::kStateless;
}

Json Server::initialize(const Json& params) {
  const Json wanted = params.value("protocolVersion", Json());
  if (!wanted.is_string()) {
    throw RpcError(Code::kInvalidParams, "params.protocolVersion must be a string");
  }
  initialized_ = true;
  const bool known = std::ranges::find(kHandshakeRevisions, wanted.get<std::string>()) !=
                     std::end(kHandshakeRevisions);
  return {{"protocolVersion", known ? wanted : Json(kHandshakeRevisions[0])},
          {"capabilities", capabilities()},
          {"serverInfo", {{"name", "ingot"}, {"title", "Ingot"}, {"version", version_}}},
          {"instructions", kInstructions}};
}

Json Server::discover() const {
  return {{"supportedVersions", Json::array({kStatelessRevision})},
          {"capabilities", capabilities()},
          {"instructions", kInstructions},
          {"ttlMs", kTimeToLive},
          {"cacheScope", "public"}};
}

Json Server::list_tools(const Json& params, Era era) const {
  if (params.contains("cursor")) {
    throw RpcError(Code::kInvalidParams, "there is no such cursor: the list has one page");
  }
  Json tools = Json::array();
  for (const Tool& tool : tools_) {
    tools.push_back(json_of(tool));
  }
  Json list = {{"tools", std::move(tools)}};
  if (era == Era::kStateless) {
    list["ttlMs"] = kTimeToLive;
    list["cacheScope"] = "public";
  }
  return list;
}

Server::Call Server::call_tool(const Message& request, Era era) const {
  const Json name = request.params.value("name", Json());
  if (!name.is_string()) {
    throw RpcError(Code::kInvalidParams, "params.name must be a string");
  }
  const auto tool = std::ranges::find(tools_, name.get<std::string>(), &Tool::name);
  if (tool == tools_.end()) {
    throw RpcError(Code::kInvalidParams, "Unknown tool: " + name.get<std::string>());
  }
  Json arguments = request.params.value("arguments", Json::object());
  if (!arguments.is_object()) {
    throw RpcError(Code::kInvalidParams, "params.arguments must be an object");
  }
  return {request.id,
          [this, era, &tool = *tool, id = request.id, arguments = std::move(arguments)](
              const std::stop_token& stop) {
            try {
              return result_line(id, finish(run_tool(tool, arguments, stop), era));
            } catch (const std::exception& error) {
              return error_line(id, RpcError(Code::kInternal, error.what()));
            }
          }};
}

// What every result of revision 2026-07-28 says beside its content.
Json Server::finish(Json result, Era era) const {
  if (era == Era::kHandshake) {
    return result;
  }
  result["resultType"] = "complete";
  result["_meta"] = {
      {kServerMember, {{"name", "ingot"}, {"title", "Ingot"}, {"version", version_}}}};
  return result;
}

}  // namespace ingot::mcp
