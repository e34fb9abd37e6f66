// The Model Context Protocol: a message in, a message out.
#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "mcp/schema.hpp"
#include "mcp/server.hpp"

namespace ingot::mcp {
namespace {

Tool echo() {
  return {.name = "echo",
          .title = "Echo",
          .description = "Gives back a number",
          .input_schema = object_of({{"n", value_of("integer", "number"), true}}),
          .output_schema = object_of({{"n", value_of("integer", "number"), true}}),
          .call = [](const Json& arguments, const std::stop_token&) -> Json {
            if (arguments["n"] == 13) {
              throw Error(ErrorCode::kInvalidArgument, "n", "brings bad luck", "another number");
            }
            if (arguments["n"] == 14) {
              throw std::runtime_error("a defect");
            }
            return {{"n", arguments["n"]}};
          }};
}

// Objects of many members would take long to build.
std::string many_members() {
  std::string text = "{";
  for (int i = 0; i < 50000; ++i) {
    text += "\"" + std::to_string(i) + "\":0,";
  }
  return text + "\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}";
}

class McpServer : public testing::Test {
 protected:
  // The answer, with the calls of tools made; null where there is none.
  Json send(std::string_view line) {
    Server::Action action = server_.handle(line);
    if (const auto* const call = std::get_if<Server::Call>(&action)) {
      return Json::parse(call->run({}));
    }
    const auto* const answer = std::get_if<std::string>(&action);
    return answer == nullptr ? Json() : Json::parse(*answer);
  }
  Json send(const Json& message) { return send(std::string_view(message.dump())); }

  static Json request(const char* method, Json params = Json::object(), Json id = 1) {
    return {{"jsonrpc", "2.0"},
            {"id", std::move(id)},
            {"method", method},
            {"params", std::move(params)}};
  }
  // As revision 2026-07-28 sends it.
  static Json modern(const char* method, Json params = Json::object()) {
    params["_meta"] = {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                       {"io.modelcontextprotocol/clientInfo", {{"name", "test"}, {"version", "1"}}},
                       {"io.modelcontextprotocol/clientCapabilities", Json::object()}};
    return request(method, std::move(params));
  }
  static int code_of(const Json& answer) { return answer.at("error").at("code").get<int>(); }

  Server server_{{echo()}, "1.2.3"};
};

TEST_F(McpServer, DiscoverTellsTheRevisionAndTheServer) {
  const Json answer = send(modern("server/discover"));
  EXPECT_EQ(answer["id"], 1);
  const Json& result = answer["result"];
  EXPECT_EQ(result["supportedVersions"], Json::array({"2026-07-28"}));
  EXPECT_TRUE(result["capabilities"].contains("tools"));
  EXPECT_EQ(result["resultType"], "complete");
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "ingot");
  EXPECT_EQ(result["_meta"]["io.modelcontextprotocol/serverInfo"]["version"], "1.2.3");
  EXPECT_TRUE(result["ttlMs"].is_number_integer());
  EXPECT_EQ(result["cacheScope"], "public");
}

TEST_F(McpServer, StatelessRequestsNeedNoHandshake) {
  const Json list = send(modern("tools/list"));
  EXPECT_EQ(list["result"]["tools"][0]["name"], "echo");
  EXPECT_TRUE(list["result"]["tools"][0]["inputSchema"].is_object());
  EXPECT_TRUE(list["result"].contains("ttlMs"));
  const Json call = send(modern("tools/call", {{"name", "echo"}, {"arguments", {{"n", 5}}}}));
  EXPECT_EQ(call["result"]["structuredContent"], (Json{{"n", 5}}));
  EXPECT_EQ(Json::parse(call["result"]["content"][0]["text"].get<std::string>()), (Json{{"n", 5}}));
  EXPECT_EQ(call["result"]["isError"], false);
  EXPECT_EQ(call["result"]["resultType"], "complete");
}

TEST_F(McpServer, AnUnknownRevisionIsAnsweredWithThoseThereAre) {
  Json message = modern("tools/list");
  message["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"] = "1900-01-01";
  const Json answer = send(message);
  EXPECT_EQ(code_of(answer), -32022);
  EXPECT_EQ(answer["error"]["data"]["supported"], Json::array({"2026-07-28"}));
  EXPECT_EQ(answer["error"]["data"]["requested"], "1900-01-01");
}

TEST_F(McpServer, StatelessRequestsMustCarryTheirMetadata) {
  EXPECT_EQ(code_of(send(request("tools/list"))), -32602);
  for (const char* member :
       {"io.modelcontextprotocol/protocolVersion", "io.modelcontextprotocol/clientCapabilities"}) {
    Json without = modern("tools/list");
    without["params"]["_meta"].erase(member);
    EXPECT_EQ(code_of(send(without)), -32602) << member;
    Json wrong = modern("tools/list");
    wrong["params"]["_meta"][member] = 5;
    EXPECT_EQ(code_of(send(wrong)), -32602) << member;
  }
  Json anonymous = modern("tools/list");
  anonymous["params"]["_meta"].erase("io.modelcontextprotocol/clientInfo");
  EXPECT_TRUE(send(anonymous).contains("result"));
}

TEST_F(McpServer, NothingIsRememberedOfStatelessRequests) {
  send(modern("server/discover"));
  send(modern("tools/list"));
  EXPECT_EQ(code_of(send(request("tools/list"))), -32602);
}

TEST_F(McpServer, RemovedMethodsAreUnknownInTheStatelessRevision) {
  for (const char* method :
       {"ping", "logging/setLevel", "resources/list", "subscriptions/listen"}) {
    EXPECT_EQ(code_of(send(modern(method))), -32601) << method;
  }
}

TEST_F(McpServer, TheHandshakeAgreesOnARevision) {
  for (const auto& [wanted, agreed] : {std::pair("2025-11-25", "2025-11-25"),
                                       std::pair("2025-06-18", "2025-06-18"),
                                       std::pair("2024-11-05", "2025-11-25"),
                                       std::pair("2026-07-28", "2025-11-25"),
                                       std::pair("tomorrow", "2025-11-25")}) {
    const Json answer = send(request("initialize",
                                     {{"protocolVersion", wanted},
                                      {"capabilities", Json::object()},
                                      {"clientInfo", {{"name", "test"}, {"version", "1"}}}}));
    EXPECT_EQ(answer["result"]["protocolVersion"], agreed);
    EXPECT_EQ(answer["result"]["serverInfo"]["version"], "1.2.3");
    EXPECT_FALSE(answer["result"].contains("resultType"));
  }
  EXPECT_EQ(code_of(send(request("initialize"))), -32602);
}

TEST_F(McpServer, AfterTheHandshakeRequestsAreShort) {
  EXPECT_EQ(code_of(send(request("tools/list"))), -32602);
  send(request("initialize", {{"protocolVersion", "2025-11-25"}}));
  EXPECT_TRUE(send(Json{{"jsonrpc", "2.0"}, {"method", "notifications/initialized"}}).is_null());
  const Json list = send(request("tools/list"));
  EXPECT_EQ(list["result"]["tools"].size(), 1U);
  EXPECT_FALSE(list["result"].contains("resultType"));
  EXPECT_FALSE(list["result"].contains("ttlMs"));
  EXPECT_EQ(send(request("ping"))["result"], Json::object());
  EXPECT_EQ(code_of(send(request("server/discover"))), -32601);
  // The other era beside it.
  EXPECT_EQ(send(modern("tools/list"))["result"]["resultType"], "complete");
}

TEST_F(McpServer, WhatGoesWrongInAToolIsPartOfTheResult) {
  const auto call = [&](Json arguments) {
    return send(modern("tools/call", {{"name", "echo"}, {"arguments", std::move(arguments)}}));
  };
  const std::pair<Json, const char*> kCases[] = {{{{"n", 13}}, "brings bad luck"},
                                                 {Json::object(), "n: is missing"},
                                                 {{{"n", "five"}}, "n: must be of type integer"},
                                                 {{{"n", 5}, {"m", 6}}, "m: is unknown"}};
  for (const auto& [arguments, problem] : kCases) {
    const Json answer = call(arguments);
    EXPECT_EQ(answer["result"]["isError"], true);
    EXPECT_FALSE(answer["result"].contains("structuredContent"));
    EXPECT_NE(answer["result"]["content"][0]["text"].get<std::string>().find(problem),
              std::string::npos)
        << answer;
  }
  EXPECT_EQ(code_of(call({{"n", 14}})), -32603);
}

TEST_F(McpServer, CallsOfNoToolAreErrorsOfTheProtocol) {
  EXPECT_EQ(code_of(send(modern("tools/call", {{"name", "ecco"}}))), -32602);
  EXPECT_EQ(code_of(send(modern("tools/call", {{"name", 5}}))), -32602);
  EXPECT_EQ(code_of(send(modern("tools/call"))), -32602);
  EXPECT_EQ(code_of(send(modern("tools/call", {{"name", "echo"}, {"arguments", "n"}}))), -32602);
  EXPECT_EQ(code_of(send(modern("tools/list", {{"cursor", "2"}}))), -32602);
}

TEST_F(McpServer, IdsComeBackAsTheyAre) {
  for (const Json& id :
       {Json(0), Json(-5), Json(INT64_MAX), Json(UINT64_MAX), Json("a b"), Json("")}) {
    EXPECT_EQ(send(request("ping", Json::object(), id))["id"], id);
  }
  for (const char* id : {"null", "1.5", "true", "[1]", "{}", "1e400", "18446744073709551616"}) {
    const Json answer =
        send(std::string_view(R"({"jsonrpc":"2.0","method":"ping","id":)" + std::string(id) + "}"));
    EXPECT_TRUE(answer["id"].is_null()) << id;
    EXPECT_LT(code_of(answer), 0) << id;
  }
}

TEST_F(McpServer, BrokenMessagesAreAnsweredWithTheCodesOfJsonRpc) {
  const std::pair<std::string, int> kCases[] = {
      {"", -32700},
      {"{", -32700},
      {"nonsense", -32700},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping"} more)", -32700},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xff\xfe\"}", -32700},
      {"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"\xed\xa0\x80\"}", -32700},
      {R"({"jsonrpc":"2.0","id":1,"id":2,"method":"ping"})", -32700},
      {std::string(1000, '['), -32700},
      {std::string(200, '[') + std::string(200, ']'), -32700},
      {std::string(100000, '{'), -32700},
      {many_members(), -32700},
      {"5", -32600},
      {"null", -32600},
      {"\"ping\"", -32600},
      {"{}", -32600},
      {R"([{"jsonrpc":"2.0","id":1,"method":"ping"}])", -32600},
      {R"({"jsonrpc":"1.0","id":1,"method":"ping"})", -32600},
      {R"({"jsonrpc":2.0,"id":1,"method":"ping"})", -32600},
      {R"({"jsonrpc":"2.0","id":1})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":5})", -32600},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":[]})", -32602},
      {R"({"jsonrpc":"2.0","id":1,"method":"ping","params":null})", -32602},
      {R"({"jsonrpc":"2.0","id":1,"method":"tools/list","params":{"_meta":5}})", -32602}};
  for (const auto& [message, code] : kCases) {
    const Json answer = send(std::string_view(message));
    ASSERT_TRUE(answer.is_object()) << message.substr(0, 100);
    EXPECT_EQ(answer["jsonrpc"], "2.0");
    EXPECT_EQ(code_of(answer), code) << message.substr(0, 100);
  }
}

TEST_F(McpServer, NestedAsDeepAsAllowedIsRead) {
  const std::string deep = std::string(50, '[') + std::string(50, ']');
  EXPECT_TRUE(send(std::string_view(R"({"jsonrpc":"2.0","id":1,"method":"ping","params":{"x":)" +
                                    deep + "}}"))
                  .contains("result"));
}

TEST_F(McpServer, NotificationsAndAnswersAreNotAnswered) {
  for (const char* message : {R"({"jsonrpc":"2.0","method":"notifications/initialized"})",
                              R"({"jsonrpc":"2.0","method":"notifications/nonsense"})",
                              R"({"jsonrpc":"2.0","method":"tools/list"})",
                              R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{}})",
                              R"({"jsonrpc":"2.0","id":7,"result":{}})",
                              R"({"jsonrpc":"2.0","id":7,"error":{"code":1,"message":"x"}})"}) {
    EXPECT_TRUE(send(std::string_view(message)).is_null()) << message;
  }
}

TEST_F(McpServer, ACancellationNamesItsCall) {
  const auto action = server_.handle(
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"a"}})");
  ASSERT_TRUE(std::holds_alternative<Server::Cancel>(action));
  EXPECT_EQ(std::get<Server::Cancel>(action).id, "a");
}

TEST(McpSchema, FindsTheFirstProblemAndItsPlace) {
  const Json schema =
      object_of({{"list",
                  array_of({{"type", "integer"}, {"minimum", 1}, {"maximum", 9}}, "numbers", 3),
                  true},
                 {"word", one_of({"yes", "no"}, "word")},
                 {"map", map_of(value_of("string|null", "text"), "texts")},
                 {"name", value_of("string", "name")}});
  const std::pair<const char*, const char*> kCases[] = {
      {R"({"list":[]})", ""},
      {R"({"list":[1,9],"word":"no","map":{"a":null,"b":"c"}})", ""},
      {R"([])", "arguments: must be of type object"},
      {R"({})", "list: is missing"},
      {R"({"list":5})", "list: must be of type array"},
      {R"({"list":[1,2,3,4]})", "list: has 4 items"},
      {R"({"list":[1,0]})", "list[1]: must be at least 1"},
      {R"({"list":[1,10]})", "list[1]: must be at most 9"},
      {R"({"list":[1.5]})", "list[0]: must be of type integer"},
      {R"({"list":[1e300]})", "list[0]: must be of type integer"},
      {R"({"list":[],"word":"maybe"})", "word: must be one of"},
      {R"({"list":[],"map":{"a":5}})", "map.a: must be of type string or null"},
      {R"({"list":[],"nam":"x"})", "nam: is unknown; did you mean name?"}};
  for (const auto& [value, problem] : kCases) {
    const std::string found = find_problem(schema, Json::parse(value)).value_or("");
    EXPECT_EQ(found.substr(0, std::string_view(problem).size()), problem) << value;
    EXPECT_EQ(found.empty(), std::string_view(problem).empty()) << found;
  }
  EXPECT_TRUE(find_problem(schema, {{"list", Json::array()}, {"name", std::string(5000, 'x')}}));
}

}  // namespace
}  // namespace ingot::mcp
