// ingot health and ingot doctor.
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using Health = ProgramTest;

constexpr const char* kHealthy = R"({"mem_pressure": "normal", "mem_available_pct": 60,
  "cpu_speed_limit": 100, "power_source": "AC", "load_avg_1min": 1.0, "num_cores": 10,
  "top_process_rss_gb": 6.2, "top_process_name": "Google Chrome"})";

TEST_F(Health, ExitCodesAreTheVerdicts) {
  write("workload.json", R"({"data_size_gb": 14, "machine_ram_gb": 24, "local_time_hours": 2})");
  const std::pair<std::pair<std::string, std::string>, int> kCases[] = {
      {{"", ""}, 0},
      {{R"("mem_pressure": "normal")", R"("mem_pressure": "critical")"}, 4},
      {{R"("cpu_speed_limit": 100)", R"("cpu_speed_limit": 60)"}, 3},
      {{R"("power_source": "AC")", R"("power_source": "battery")"}, 3},
      {{R"("load_avg_1min": 1.0)", R"("load_avg_1min": 11)"}, 3},
      {{R"("load_avg_1min": 1.0)", R"("load_avg_1min": null)"}, 0},
  };
  for (const auto& [change, exit_code] : kCases) {
    std::string text = kHealthy;
    text.replace(text.find(change.first), change.first.size(), change.second);
    write("snapshot.json", text);
    const std::string line = "ingot health --snapshot snapshot.json --workload workload.json";
    const Outcome people = shell(line);
    EXPECT_EQ(people.exit_code, exit_code) << people.out << people.err;
    const Outcome machines = shell(line + " --json");
    EXPECT_EQ(machines.exit_code, exit_code);
    EXPECT_EQ(machines.err, "");
    const std::string verdict = exit_code == 0 ? "pass" : exit_code == 3 ? "warn" : "block";
    EXPECT_EQ(machines.json()["verdict"], verdict);
    EXPECT_NE(people.out.find(verdict + ":"), std::string::npos);
    EXPECT_EQ(machines.json()["findings"].empty(), exit_code == 0);
  }
}

TEST_F(Health, ThisMachineIsReadInTimeAndCanBeRecorded) {
  const Outcome outcome = shell("ingot health --json");
  EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 3 || outcome.exit_code == 4);
  const nlohmann::json document = outcome.json();
  EXPECT_GE(document["snapshot"]["num_cores"], 1);
  EXPECT_GT(document["sample_seconds"], 0);
  for (const auto& [name, source] : document["snapshot"]["sources"].items()) {
    EXPECT_NE(source, "") << name;
  }
  write("recorded.json", outcome.out);
  const Outcome again = shell("ingot health --snapshot recorded.json --json");
  EXPECT_EQ(again.exit_code, outcome.exit_code);
  EXPECT_EQ(again.json()["snapshot"], document["snapshot"]);
}

TEST_F(Health, BadFilesAreNamed) {
  write("cut.json", std::string(kHealthy).substr(0, 70));
  write("typo.json", R"({"cpu_sped_limit": 40})");
  write("empty.json", "");
  write("workload.json", R"({"data_size": 3})");
  const std::pair<std::string, std::string> kCases[] = {
      {"--snapshot cut.json", "cut.json"},
      {"--snapshot typo.json", "did you mean cpu_speed_limit?"},
      {"--snapshot empty.json", "empty.json"},
      {"--snapshot missing.json", "missing.json"},
      {"--snapshot .", "directory"},
      {"--workload workload.json", "data_size"},
  };
  for (const auto& [arguments, part] : kCases) {
    const Outcome outcome = shell("ingot health " + arguments);
    EXPECT_EQ(outcome.exit_code, 1) << arguments;
    EXPECT_EQ(outcome.out, "");
    EXPECT_NE(outcome.err.find(part), std::string::npos) << outcome.err;
  }
}

nlohmann::json check_of(const nlohmann::json& document, const std::string& name) {
  for (const auto& check : document["checks"]) {
    if (check["name"] == name) {
      return check;
    }
  }
  return {};
}

TEST_F(Health, TheDoctorTellsWhatWorks) {
  const Outcome outcome = shell("ingot doctor --json");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  const nlohmann::json document = outcome.json();
  EXPECT_EQ(document["well"], true);
  for (const char* name : {"simd", "matrix products", "threads", "cache"}) {
    EXPECT_EQ(check_of(document, name)["state"], "ok") << name;
    EXPECT_NE(check_of(document, name)["found"], "") << name;
  }
  for (const auto& check : document["checks"]) {
    EXPECT_NE(check["why"], "") << check["name"];
  }
#if !defined(__APPLE__)
  EXPECT_EQ(check_of(document, "metal family")["found"], "Apple9, Metal 3");
  EXPECT_NE(check_of(document, "metal family")["why"].get<std::string>().find("no Apple GPU"),
            std::string::npos);
  EXPECT_EQ(check_of(document, "tensor units")["state"], "missing");
#endif
  const Outcome people = shell("ingot doctor");
  EXPECT_EQ(people.exit_code, 0);
  EXPECT_NE(people.out.find("simd"), std::string::npos);
}

TEST_F(Health, TheDoctorTellsHowToMend) {
  const auto bin = std::filesystem::path(INGOT_PROGRAM).string();
  const std::string cache = "INGOT_CACHE_DIR=" + path("cache") + " ";
  const Outcome without = shell(cache + "SOFTMETAL_CLANG= PATH=/nowhere " + bin + " doctor --json");
#if !defined(__APPLE__)
  EXPECT_EQ(without.exit_code, 0) << without.out;
  EXPECT_EQ(check_of(without.json(), "softmetal")["state"], "missing");
  EXPECT_NE(check_of(without.json(), "softmetal")["remedy"], "");
  EXPECT_EQ(check_of(without.json(), "metal family")["state"], "missing");

  const Outcome wrong = shell(cache + "SOFTMETAL_CLANG=/nowhere/clang ingot doctor --json");
  EXPECT_EQ(wrong.exit_code, 1);
  EXPECT_EQ(wrong.json()["well"], false);
  EXPECT_EQ(check_of(wrong.json(), "softmetal")["state"], "broken");

  const Outcome useless = shell(cache + "SOFTMETAL_CLANG=/bin/false ingot doctor --json");
  EXPECT_EQ(useless.exit_code, 1);
  EXPECT_EQ(check_of(useless.json(), "softmetal")["state"], "broken");

  const Outcome read_only = shell("INGOT_CACHE_DIR=/proc/nowhere ingot doctor --json");
  EXPECT_EQ(read_only.exit_code, 0);
  EXPECT_EQ(check_of(read_only.json(), "cache")["state"], "missing");
#endif
}

}  // namespace
}  // namespace ingot
