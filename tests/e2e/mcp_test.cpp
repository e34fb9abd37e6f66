// `ingot mcp` on its wire: what comes out for what goes in, to the byte.
#include <algorithm>

#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using nlohmann::json;

class McpWire : public ProgramTest {
 protected:
  // The answers to lines that are all there at once, by id; those without an id in order behind
  // "null".
  std::map<std::string, std::vector<json>> answers(const std::string& lines,
                                                   const std::string& options = "") {
    write("input", lines);
    const Outcome outcome = shell("ingot mcp " + options + " < input");
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    errors_ = outcome.err;
    std::map<std::string, std::vector<json>> found;
    std::istringstream stream(outcome.out);
    for (std::string line; std::getline(stream, line);) {
      const json answer = json::parse(line);  // nothing but messages
      EXPECT_EQ(answer["jsonrpc"], "2.0");
      found[answer["id"].dump()].push_back(answer);
    }
    EXPECT_TRUE(outcome.out.empty() || outcome.out.back() == '\n');
    return found;
  }

  static std::string call(const json& id, const std::string& tool, json arguments) {
    const json message = {{"jsonrpc", "2.0"},
                          {"id", id},
                          {"method", "tools/call"},
                          {"params",
                           {{"name", tool},
                            {"arguments", std::move(arguments)},
                            {"_meta",
                             {{"io.modelcontextprotocol/protocolVersion", "2026-07-28"},
                              {"io.modelcontextprotocol/clientCapabilities", json::object()}}}}}};
    return message.dump() + "\n";
  }
  // A call that takes minutes, if nothing ends it.
  static std::string endless(const json& id) {
    return call(
        id,
        "run_kernel",
        {{"kernel", "DOT_BATCHED"},
         {"device", "softmetal"},
         {"inputs", {{"a", {{"random", {10'000, 256}}}}, {"b", {{"random", {10'000, 256}}}}}},
         {"params", {{"pairs", "all"}}}});
  }
  static constexpr const char* kPing = R"({"jsonrpc":"2.0","id":"ping","method":"ping"})";

  std::string errors_;
};

TEST_F(McpWire, AnEmptyInputEndsItCleanly) {
  EXPECT_TRUE(answers("").empty());
  EXPECT_TRUE(answers("\n\r\n  \n").empty());
}

TEST_F(McpWire, ALastLineNeedsNoNewline) {
  EXPECT_EQ(answers(kPing).at("\"ping\"").size(), 1U);
  EXPECT_EQ(answers(std::string(kPing) + "\r\n").at("\"ping\"").size(), 1U);
}

TEST_F(McpWire, CallsThatRunAtTheEndAreAnswered) {
  std::string lines;
  for (int id = 0; id < 5; ++id) {
    lines += call(id, "kernel_show", {{"kernel", "REDUCE_SUM"}});
  }
  const auto found = answers(lines);
  EXPECT_EQ(found.size(), 5U);
  EXPECT_EQ(found.at("3")[0]["result"]["structuredContent"]["id"], "REDUCE_SUM");
}

TEST_F(McpWire, ALongMessageIsSkippedAndTheNextAnswered) {
  const auto found = answers(std::string(3'000'000, 'x') + "\n" + kPing + "\n");
  EXPECT_EQ(found.at("null")[0]["error"]["code"], -32600);
  EXPECT_EQ(found.at("\"ping\"").size(), 1U);
}

TEST_F(McpWire, RubbishDoesNotEndIt) {
  const std::string rubbish[] = {std::string(500000, '['),
                                 std::string("\0\1\2\xff", 4),
                                 "{\"jsonrpc\":\"2.0\",\"id\":1e999,\"method\":\"ping\"}",
                                 "[]",
                                 "{}",
                                 "GET / HTTP/1.1"};
  std::string lines;
  for (const std::string& line : rubbish) {
    lines += line + "\n";
  }
  const auto found = answers(lines + kPing);
  EXPECT_EQ(found.at("null").size(), std::size(rubbish));
  EXPECT_EQ(found.at("\"ping\"").size(), 1U);
}

TEST_F(McpWire, MoreCallsThanItTakesAreRefusedNotLost) {
  std::string lines;
  for (int id = 0; id < 40; ++id) {
    lines += call(id, "kernel_show", {{"kernel", "REDUCE_SUM"}});
  }
  const auto found = answers(lines);
  EXPECT_EQ(found.size(), 40U);
  for (const auto& [id, messages] : found) {
    EXPECT_EQ(messages.size(), 1U) << id;
  }
}

TEST_F(McpWire, AnIdThatIsInUseIsRefused) {
  // Compiling takes long enough for the second to come meanwhile.
  const std::string source = "kernel void f(device float* x [[buffer(0)]]) { x[0] = 1; }";
  const auto found = answers(call(1, "msl_check", {{"source", source}}) +
                             call(1, "msl_check", {{"source", source}}));
  ASSERT_EQ(found.at("1").size(), 2U);
  EXPECT_TRUE(
      std::ranges::any_of(found.at("1"), [](const json& m) { return m.contains("error"); }));
  EXPECT_TRUE(
      std::ranges::any_of(found.at("1"), [](const json& m) { return m.contains("result"); }));
}

TEST_F(McpWire, ACancelledCallIsNotAnswered) {
  const auto found = answers(
      endless("long") +
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"other"}})"
      "\n"
      R"({"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":"long"}})"
      "\n" +
      kPing);
  EXPECT_EQ(found.count("\"long\""), 0U);
  EXPECT_EQ(found.count("\"ping\""), 1U);
}

TEST_F(McpWire, ACallThatTakesTooLongIsEnded) {
  const json result = answers(endless(1), "--timeout 1").at("1")[0]["result"];
  EXPECT_EQ(result["isError"], true);
  EXPECT_NE(result["content"][0]["text"].get<std::string>().find("too long"), std::string::npos);
}

TEST_F(McpWire, AReaderThatGoesAwayEndsIt) {
  EXPECT_EQ(shell("yes '" + std::string(kPing) + "' | ingot mcp | head -n 1 | wc -l").out, "1\n");
}

TEST_F(McpWire, RootsMustBeDirectories) {
  EXPECT_EQ(shell("ingot mcp --root absent < /dev/null").exit_code, 2);
  EXPECT_EQ(shell("ingot mcp --timeout 0 < /dev/null").exit_code, 2);
}

}  // namespace
}  // namespace ingot
