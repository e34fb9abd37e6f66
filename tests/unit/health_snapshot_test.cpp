// Snapshots as JSON.
#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "health/snapshot_json.hpp"

namespace ingot::health {
namespace {

using testing::HasSubstr;
using testing::Optional;

constexpr const char* kRecorded = R"({
  "mem_pressure": "warn", "mem_available_pct": 45, "cpu_speed_limit": 78.5,
  "power_source": "battery", "load_avg_1min": 3.25, "num_cores": 10,
  "top_process_rss_gb": 6.2, "top_process_name": "Google Chrome"})";

std::string error_of(const std::string& text) {
  try {
    parse_snapshot(text, "s.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(HealthSnapshot, ReadsTheDocumentsSignals) {
  const Snapshot s = parse_snapshot(kRecorded, "s.json");
  EXPECT_EQ(s.mem_pressure.value, MemPressure::kWarn);
  EXPECT_THAT(s.mem_available_pct.value, Optional(45.0));
  EXPECT_THAT(s.cpu_speed_limit.value, Optional(78.5));
  EXPECT_EQ(s.power_source.value, PowerSource::kBattery);
  EXPECT_THAT(s.load_avg_1min.value, Optional(3.25));
  EXPECT_THAT(s.num_cores.value, Optional(10.0));
  EXPECT_THAT(s.top_process_rss_gb.value, Optional(6.2));
  EXPECT_THAT(s.top_process_name.value, Optional(std::string("Google Chrome")));
  EXPECT_EQ(s.mem_pressure.source, "s.json");
  EXPECT_FALSE(s.machine_ram_gb.known());
  EXPECT_EQ(s.machine_ram_gb.source, "not in s.json");
}

TEST(HealthSnapshot, NullAndAbsentAreUnknown) {
  const Snapshot s = parse_snapshot(R"({"mem_pressure": null})", "s.json");
  for_each_signal(s, [](const SignalInfo& info, const auto& signal) {
    EXPECT_FALSE(signal.known()) << info.name;
  });
}

TEST(HealthSnapshot, WhatIsWrittenIsReadBack) {
  Snapshot s = parse_snapshot(kRecorded, "s.json");
  s.cpu_temperature_c = unknown<double>("no sensor");
  s.gpus.resize(2);
  s.gpus[0].name = known(std::string("NVIDIA H200"), "NVML");
  s.gpus[0].temperature_c = known(41.0, "NVML");
  s.gpus[1].clocks_held_by = known(std::string(), "NVML");
  s.gpu_source = "NVML";
  const Json json = to_json(s);
  const Snapshot again = parse_snapshot(json.dump(), "s.json");
  EXPECT_EQ(to_json(again), json);
  EXPECT_EQ(again.cpu_temperature_c.source, "no sensor");
  EXPECT_THAT(again.gpus.at(0).temperature_c.value, Optional(41.0));
}

TEST(HealthSnapshot, ReadsADocumentThatHoldsOne) {
  const std::string document = R"({"verdict": "pass", "snapshot": {"num_cores": 3}})";
  EXPECT_THAT(parse_snapshot(document, "s.json").num_cores.value, Optional(3.0));
  EXPECT_THAT(error_of(R"({"snapshot": {"num_core": 3}})"), HasSubstr("num_cores"));
  EXPECT_THAT(error_of(R"({"snapshot": 3})"), HasSubstr("snapshot"));
}

TEST(HealthSnapshot, CutShortAnywhereIsAnError) {
  const std::string whole = to_json(parse_snapshot(kRecorded, "s.json")).dump();
  for (size_t length = 0; length < whole.size(); ++length) {
    EXPECT_THAT(error_of(whole.substr(0, length)), HasSubstr("s.json")) << length;
  }
  EXPECT_EQ(error_of(whole), "");
}

TEST(HealthSnapshot, ErrorsNameTheFieldAndTheWayOut) {
  const std::pair<const char*, std::vector<const char*>> kCases[] = {
      {R"({"mem_presure": "warn"})", {"s.json: mem_presure", "did you mean mem_pressure?"}},
      {R"({"mem_pressure": "high"})",
       {"mem_pressure", "\"high\"", R"("normal", "warn", "critical")"}},
      {R"({"mem_pressure": 2})", {"mem_pressure", "null where it is unknown"}},
      {R"({"power_source": "ac"})", {"power_source", R"("AC", "battery")"}},
      {R"({"num_cores": "ten"})", {"num_cores", "string"}},
      {R"({"num_cores": 0})", {"num_cores", "at least 1"}},
      {R"({"cpu_speed_limit": 101})", {"cpu_speed_limit", "101", "from 0 to 100"}},
      {R"({"cpu_speed_limit": -1})", {"cpu_speed_limit", "-1"}},
      {R"({"load_avg_1min": true})", {"load_avg_1min", "boolean"}},
      {R"({"load_avg_1min": 1e999})", {"s.json"}},
      {R"({"load_avg_1min": NaN})", {"s.json", "JSON"}},
      {R"({"top_process_name": 7})", {"top_process_name", "a text"}},
      {R"({"num_cores": 4, "num_cores": 8})", {"num_cores", "twice"}},
      {R"([])", {"object"}},
      {R"(3)", {"object"}},
      {R"({"gpus": {}})", {"gpus", "list"}},
      {R"({"gpus": [3]})", {"gpus[0]", "object"}},
      {R"({"gpus": [{}, {"temperature": 3}]})", {"gpus[1].temperature", "temperature_c"}},
      {R"({"gpus": [{"power_w": "x"}]})", {"gpus[0].power_w"}},
      {R"({"sources": 3})", {"sources"}},
      {R"({"sources": {"num_cores": 3}})", {"sources.num_cores"}},
  };
  for (const auto& [text, parts] : kCases) {
    const std::string message = error_of(text);
    EXPECT_NE(message, "") << text;
    for (const char* part : parts) {
      EXPECT_THAT(message, HasSubstr(part)) << text;
    }
  }
}

TEST(HealthSnapshot, FilesThatCannotBeRead) {
  EXPECT_THROW(read_snapshot("/nonexistent/snapshot.json"), Error);
  EXPECT_THROW(read_snapshot("/"), Error);
}

}  // namespace
}  // namespace ingot::health
