// JSON written as text, read back by another parser.
#include <cmath>
#include <limits>

#include "gtest/gtest.h"
#include "nlohmann/json.hpp"

#include "planner/json_writer.hpp"

namespace ingot::planner {
namespace {

TEST(PlannerJsonWriter, NestsAndSeparates) {
  JsonWriter json;
  json.begin_object().key("a").begin_array().value(1).value("x").begin_object().end_object();
  json.begin_array().end_array().null().end_array();
  json.member("b", true).key("c").begin_object().member("d", 0.1).end_object().end_object();
  EXPECT_EQ(json.take(), R"({"a":[1,"x",{},[],null],"b":true,"c":{"d":0.1}})");
}

TEST(PlannerJsonWriter, TextsAndNumbersComeBack) {
  const std::string texts[] = {"", "plain", "\"quoted\" \\ \n\t\x01", "caf\xc3\xa9"};
  const double numbers[] = {0, -0.5, 1e300, 5e-324, 4294967296, 0.1, std::nextafter(1.0, 2.0)};
  JsonWriter json;
  json.begin_array();
  for (const std::string& text : texts) {
    json.value(text);
  }
  for (const double number : numbers) {
    json.value(number);
  }
  json.end_array();
  const nlohmann::json read = nlohmann::json::parse(json.take());
  size_t at = 0;
  for (const std::string& text : texts) {
    EXPECT_EQ(read[at++], text);
  }
  for (const double number : numbers) {
    EXPECT_EQ(read[at++], number);
  }
}

TEST(PlannerJsonWriter, WhatJsonLacksIsReplaced) {
  JsonWriter json;
  json.begin_array().value(std::numeric_limits<double>::infinity()).value(std::nan(""));
  json.value("\xff\"").end_array();
  const nlohmann::json read = nlohmann::json::parse(json.take());
  EXPECT_TRUE(read[0].is_null() && read[1].is_null());
  EXPECT_EQ(read[2], "\xef\xbf\xbd\"");
}

}  // namespace
}  // namespace ingot::planner
