// What softmetal's tools say: the compiler's output as reports, reports as text and as SARIF.
#include <filesystem>
#include <fstream>
#include <set>

#include "gtest/gtest.h"

#include "gmock/gmock.h"
#include "softmetal/tool/report.hpp"
#include "softmetal/tool/rules.hpp"
#include "softmetal/tool/sarif.hpp"

namespace softmetal::tool {
namespace {

using ingot::Error;
using ingot::ErrorCode;
using ingot::cli::Json;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr const char* kClang = R"(In file included from a.metal:1:
lib/b.h:3:47: error: member reference base type 'float' is not a structure or union
    3 | template <typename T> T helper(T x) { return x.foo; }
      |                                              ~^~~~
a.metal:6:10: note: in instantiation of function template specialization 'helper<float>'
    6 |   x[1] = helper(x[2]);
      |          ^
lib/b.h:3:47: error: member reference base type 'float' is not a structure or union
a.metal:7:3: warning: unused: value
a.metal:8:4: fatal error: 'none.h' file not found
fatal error: too many errors emitted, stopping now
2 errors generated.
)";

TEST(SoftMetalToolReport, TheCompilersOutputIsRead) {
  const auto reports = reports_of(Error(ErrorCode::kCompile, "", kClang), "a.metal");
  ASSERT_THAT(reports, SizeIs(2));  // the repeated one once, and no warnings
  EXPECT_EQ(to_string(reports[0].place), "lib/b.h:3:47");
  EXPECT_EQ(reports[0].message, "member reference base type 'float' is not a structure or union");
  EXPECT_EQ(reports[0].level, Level::kError);
  ASSERT_THAT(reports[0].notes, SizeIs(1));
  EXPECT_EQ(to_string(reports[0].notes[0].place), "a.metal:6:10");
  EXPECT_EQ(reports[1].message, "'none.h' file not found");
}

TEST(SoftMetalToolReport, TheReadersErrorsHaveAPlaceAndARemedy) {
  const auto reports =
      reports_of(Error(ErrorCode::kCompile, "dir:x/a.metal:3:9", "no textures", "use buffers"), "");
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].place.file, "dir:x/a.metal");
  EXPECT_EQ(reports[0].place.line, 3u);
  EXPECT_EQ(reports[0].place.column, 9u);
  EXPECT_EQ(reports[0].remedy, "use buffers");
  const auto line_only = reports_of(Error(ErrorCode::kCompile, "a.metal:3", "no file"), "");
  EXPECT_EQ(line_only[0].place.line, 3u);
  EXPECT_EQ(line_only[0].place.column, 0u);
}

TEST(SoftMetalToolReport, ErrorsWithoutAPlaceAreAboutTheFile) {
  const auto reports = reports_of(Error(ErrorCode::kCompile, "shader", "took too long"), "a.metal");
  ASSERT_THAT(reports, SizeIs(1));
  EXPECT_EQ(reports[0].message, "took too long");
  EXPECT_EQ(reports[0].place.file, "a.metal");
}

// A folder with one source in it, which is the current one meanwhile.
class SoftMetalToolFile : public ::testing::Test {
 protected:
  SoftMetalToolFile() {
    std::filesystem::create_directories(folder_ / "sub dir");
    std::filesystem::current_path(folder_);
    std::ofstream(file_) << "first\n\tx = \"\xc3\xa9\" + y;\n";
  }
  ~SoftMetalToolFile() override {
    std::filesystem::current_path(before_);
    std::filesystem::remove_all(folder_);
  }

  // At the y of the second line: 1 tab, 2 bytes for one character.
  Report report() const {
    return {.level = Level::kError,
            .rule = "race",
            .place = {file_, 2, 12},
            .message = "two \"threads\"",
            .details = {"in kernel 'k'"},
            .notes = {{{"/elsewhere/b.metal", 7, 1}, "here"}},
            .remedy = "wait"};
  }

  const std::filesystem::path before_ = std::filesystem::current_path();
  const std::filesystem::path folder_ =
      std::filesystem::path(::testing::TempDir()) / ("tool" + std::to_string(getpid()));
  const std::string file_ = "sub dir/k\xc3\xa9.metal";
};

TEST_F(SoftMetalToolFile, TextHasTheLineAndACaretBelowTheColumn) {
  SourceLines lines;
  EXPECT_EQ(to_text(report(), lines, stdout),
            file_ +
                ":2:12: error: two \"threads\" [race]\n"
                "    2 | \tx = \"\xc3\xa9\" + y;\n"
                "      | \t         ^\n"
                "  in kernel 'k'\n"
                "/elsewhere/b.metal:7:1: note: here\n"
                "  try: wait\n");
}

// What SARIF 2.1.0 requires of each object, in the parts that are written.
void expect_valid(const Json& log) {
  EXPECT_EQ(log.at("version"), "2.1.0");
  const Json& run = log.at("runs").at(0);
  const Json& driver = run.at("tool").at("driver");
  EXPECT_FALSE(driver.at("name").get<std::string>().empty());
  std::set<std::string> ids;
  for (const Json& rule : driver.at("rules")) {
    EXPECT_TRUE(ids.insert(rule.at("id")).second) << rule;
    EXPECT_FALSE(rule.at("shortDescription").at("text").get<std::string>().empty());
    EXPECT_FALSE(rule.at("help").at("text").get<std::string>().empty());
  }
  const std::set<std::string> kLevels = {"none", "note", "warning", "error"};
  for (const Json& result : run.at("results")) {
    EXPECT_EQ(driver.at("rules").at(result.at("ruleIndex").get<std::size_t>()).at("id"),
              result.at("ruleId"));
    EXPECT_TRUE(kLevels.contains(result.at("level")));
    EXPECT_FALSE(result.at("message").at("text").get<std::string>().empty());
    Json locations = result.at("locations");
    if (result.contains("relatedLocations")) {
      locations.insert(locations.end(),
                       result.at("relatedLocations").begin(),
                       result.at("relatedLocations").end());
    }
    for (const Json& location : locations) {
      const Json& physical = location.at("physicalLocation");
      const std::string uri = physical.at("artifactLocation").at("uri");
      EXPECT_EQ(uri.find_first_of(" \"<>\\^`{|}"), std::string::npos) << uri;
      EXPECT_TRUE(std::ranges::all_of(uri, [](char c) { return c > ' ' && c < 127; })) << uri;
      if (physical.contains("region")) {
        EXPECT_GE(physical.at("region").at("startLine").get<int>(), 1);
        EXPECT_GE(physical.at("region").value("startColumn", 1), 1);
      }
    }
  }
}

TEST_F(SoftMetalToolFile, SarifNamesFilesAsUrisAndCountsCharacters) {
  Report whole_file = report();
  whole_file.place = {file_, 0, 0};
  whole_file.level = Level::kAdvice;
  const Json log = sarif_log({report(), whole_file}, folder_.string());
  expect_valid(log);
  const Json& result = log["runs"][0]["results"][0];
  const Json& physical = result["locations"][0]["physicalLocation"];
  EXPECT_EQ(physical["artifactLocation"]["uri"], "sub%20dir/k%C3%A9.metal");
  EXPECT_TRUE(log["runs"][0]["originalUriBaseIds"].contains(
      physical["artifactLocation"]["uriBaseId"].get<std::string>()));
  EXPECT_EQ(physical["region"], Json({{"startLine", 2}, {"startColumn", 11}}));
  EXPECT_THAT(result["message"]["text"].get<std::string>(), HasSubstr("in kernel 'k'\nTry: wait"));
  const Json& related = result["relatedLocations"][0];
  EXPECT_EQ(related["physicalLocation"]["artifactLocation"]["uri"], "file:///elsewhere/b.metal");
  EXPECT_EQ(related["message"]["text"], "here");
  EXPECT_EQ(log["runs"][0]["results"][1]["level"], "note");
}

TEST(SoftMetalToolReport, EveryCheckHasARule) {
  for (std::size_t i = 0; i < kCheckCount; ++i) {
    EXPECT_NO_THROW(rule_index(name_of(static_cast<Check>(i))));
  }
  EXPECT_THROW(rule_index("nonsense"), Error);
  for (const strict::Rule& rule : strict::rules()) {
    EXPECT_NO_THROW(rule_index(rule.id));
  }
  expect_valid(sarif_log({}, "."));
}

TEST(SoftMetalToolReport, FindingsNameBothThreads) {
  Finding finding;
  finding.check = Check::kRace;
  finding.kernel = "k";
  for (const std::uint32_t x : {1u, 2u}) {
    Access access;
    access.kind = x == 1 ? Access::Kind::kWrite : Access::Kind::kRead;
    access.thread = ThreadId{{x}, {0}, x};
    finding.accesses.push_back(access);
  }
  finding.count = 3;
  const Report report = report_of(finding);
  EXPECT_EQ(report.rule, "race");
  ASSERT_THAT(report.notes, SizeIs(2));
  EXPECT_THAT(report.notes[0].message, HasSubstr("thread (1, 0, 0)"));
  const Json json = json_of(finding);
  EXPECT_EQ(json["accesses"][1]["thread"]["position_in_grid"][0], 2);
  EXPECT_EQ(json["count"], 3);
  EXPECT_THAT(::testing::PrintToString(finding), HasSubstr("in kernel 'k'"));
}

}  // namespace
}  // namespace softmetal::tool
