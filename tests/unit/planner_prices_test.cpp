// Prices: what is read, overridden, imported and refused.
#include <fstream>

#include "gtest/gtest.h"

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "planner/prices.hpp"
#include "tests/unit/refusal.hpp"

namespace ingot::planner {
namespace {

using testing::HasSubstr;

const Date kToday = parse_date("2026-11-20", "today");

std::string entry(const std::string& changed = "", const std::string& with = "") {
  std::string text =
      "[[price]]\nprovider = \"lambda\"\ninstance = \"gpu_8x\"\naccelerator = \"H100\"\n"
      "accelerators = 8\nvcpus = 208\nmemory_gb = 1800\nprice = 23.92\ncurrency = \"USD\"\n"
      "unit = \"hour\"\nregion = \"any\"\nsource = \"list\"\ndate = 2026-11-01\n";
  if (!changed.empty()) {
    const size_t at = text.find(changed);
    EXPECT_NE(at, std::string::npos) << changed;
    text.replace(at, changed.size(), with);
  }
  return text;
}

std::string refusal(const std::string& toml) {
  SCOPED_TRACE(toml);
  return ingot::refusal([&] { PriceList::parse(toml, "p.toml", kToday); },
                        ErrorCode::kInvalidArgument);
}

TEST(PlannerPrices, AFileIsReadAndWritten) {
  const PriceList list = PriceList::parse(entry(), "p.toml", kToday);
  const PriceList again = PriceList::parse(list.toml(), "again", kToday);
  for (const PriceList& prices : {list, again}) {
    const Price* price = prices.find("lambda", "gpu_8x");
    ASSERT_NE(price, nullptr);
    EXPECT_EQ(price->price, 23.92);
    EXPECT_EQ(price->accelerators, 8);
    EXPECT_EQ(price->accelerator, "H100");
    EXPECT_EQ(to_string(price->date), "2026-11-01");
    EXPECT_EQ(price->source, "list");
  }
  EXPECT_EQ(list.find("lambda", "gpu_9x"), nullptr);
  EXPECT_EQ(list.find("", ""), nullptr);
}

TEST(PlannerPrices, RefusesWhatIsNoPrice) {
  EXPECT_THAT(refusal(entry("23.92", "0")),
              HasSubstr("p.toml: price 1: lambda gpu_8x: 0 is not a price"));
  EXPECT_THAT(refusal(entry("23.92", "-1")), HasSubstr("-1 is not a price"));
  EXPECT_THAT(refusal(entry("23.92", "nan")), HasSubstr("nan is not a price"));
  EXPECT_THAT(refusal(entry("23.92", "inf")), HasSubstr("inf is not a price"));
  EXPECT_THAT(refusal(entry("23.92", "'free'")), HasSubstr("price: is not a number"));
  EXPECT_THAT(refusal(entry("23.92", "2392.0")), HasSubstr("outlier: 299 for each GPU"));
  EXPECT_THAT(refusal(entry("23.92", "0.02")), HasSubstr("outlier"));
  // 23.92 dollars are usual for 8 GPUs, but not for 8 cores without any.
  EXPECT_THAT(
      refusal(
          "[[price]]\nprovider = 'p'\ninstance = 'i'\nvcpus = 8\nmemory_gb = 16\nprice = 23.92\n"
          "currency = 'USD'\nunit = 'hour'\nregion = 'r'\nsource = 's'\ndate = 2026-11-01\n"),
      HasSubstr("outlier: 2.99 for each core"));
}

TEST(PlannerPrices, RefusesWhatIsMissingUnknownOrOfAnotherKind) {
  EXPECT_THAT(refusal(entry("price = 23.92", "prise = 23.92")), HasSubstr("did you mean price?"));
  EXPECT_THAT(refusal(entry("source = \"list\"\n", "")), HasSubstr("price 1: source is missing"));
  EXPECT_THAT(refusal(entry("USD", "EUR")), HasSubstr("the currency EUR is not converted"));
  EXPECT_THAT(refusal(entry("hour", "month")), HasSubstr("the unit 'month' is not 'hour'"));
  EXPECT_THAT(refusal(entry("2026-11-01", "2027-01-01")), HasSubstr("still to come"));
  EXPECT_THAT(refusal(entry("2026-11-01", "'2026-13-01'")), HasSubstr("is not a date"));
  EXPECT_THAT(refusal(entry("1800", "-1800")), HasSubstr("not a size"));
  EXPECT_THAT(refusal("[[prize]]\n"), HasSubstr("p.toml: prize"));
  EXPECT_THAT(refusal(entry() + entry()), HasSubstr("is there twice"));
  EXPECT_THAT(refusal("price = 3"), HasSubstr("is not known there"));
  EXPECT_THAT(refusal(entry() + "[["), HasSubstr("not valid TOML: line"));
}

TEST(PlannerPrices, AnOutlierIsMeasuredAgainstTheKnownPrice) {
  const PriceList known = PriceList::parse(entry(), "p", kToday);
  Price price = *known.find("lambda", "gpu_8x");
  price.price = 239.2;
  EXPECT_NO_THROW(check_price(price, &known, kToday));
  price.price = 240;
  EXPECT_THROW(check_price(price, &known, kToday), Error);
  price.price = 2.3;
  EXPECT_THROW(check_price(price, &known, kToday), Error);
  EXPECT_NO_THROW(check_price(price, nullptr, kToday));
}

TEST(PlannerPrices, TheCheapestRegionIsFound) {
  PriceList list = PriceList::parse(entry(), "p", kToday);
  Price price = *list.find("lambda", "gpu_8x");
  price.region = "b";
  price.price = 20;
  list.set({price});
  price.region = "z";
  price.price = 22;
  list.set({price});
  EXPECT_EQ(list.all().size(), 3u);
  EXPECT_EQ(list.find("lambda", "gpu_8x")->region, "b");
  price.price = 19;
  list.set({price});
  EXPECT_EQ(list.all().size(), 3u);
  EXPECT_EQ(list.find("lambda", "gpu_8x")->region, "z");
}

TEST(PlannerPrices, TheUsersInstancesAreTheUsersAlone) {
  const PriceList built_in =
      PriceList::parse(entry() + entry("\"gpu_8x\"", "\"other\""), "p", kToday);
  const PriceList user = PriceList::parse(entry("23.92", "30.0"), "u", kToday);
  const PriceList both = built_in.overridden_by(user);
  EXPECT_EQ(both.find("lambda", "gpu_8x")->price, 30);
  EXPECT_EQ(both.find("lambda", "other")->price, 23.92);
}

TEST(PlannerPrices, TheBuiltInPricesAreWhole) {
  const PriceList list = PriceList::built_in();
  EXPECT_EQ(list.find("lambda", "gpu_8x_h100_sxm5")->price, 23.92);
  EXPECT_EQ(list.find("digitalocean", "s-8vcpu-16gb-amd")->price, 0.17);
  for (const Price& price : list.all()) {
    EXPECT_FALSE(price.source.empty());
    EXPECT_NO_THROW(check_price(price, &list, today()));
  }
}

constexpr std::string_view kCsv =
    "InstanceType,AcceleratorName,AcceleratorCount,vCPUs,MemoryGiB,Price,Region,GpuInfo,"
    "SpotPrice\r\n"
    "cpu_4x,,,4.0,16.0,0.2,us-east-1,,\r\n"
    "gpu_8x,H100,8.0,208.0,1800.0,23.92,us-east-1,\"{'Gpus': [{'Name': \"\"H100\"\", 'Count': "
    "8.0}]}\",\r\n"
    "gpu_8x,H100,8.0,208.0,1800.0,22.0,us-east-1,,\r\n"
    "gpu_8x,H100,8.0,208.0,1800.0,25.0,us-west-1,,\r\n"
    "gone,H100,8.0,208.0,1800.0,,us-east-1,,3.0\r\n"
    ",V100,1,,,0.5,us-east-1,,\r\n"
    "zero,H100,1,8,64,0,us-east-1,,\r\n"
    "much,H100,1,8,64,900,us-east-1,,\r\n"
    "\r\n";

PriceImport import(std::string_view csv) {
  return import_skypilot(csv, "vms.csv", "lambda", PriceList(), kToday, kToday);
}

TEST(PlannerPrices, ACatalogueOfSkyPilotIsImported) {
  const PriceImport imported = import(kCsv);
  ASSERT_EQ(imported.prices.size(), 3u);
  EXPECT_EQ(imported.prices[0].instance, "cpu_4x");
  EXPECT_EQ(imported.prices[1].price, 22);  // the lowest of the region
  EXPECT_EQ(imported.prices[1].accelerators, 8);
  EXPECT_EQ(imported.prices[2].region, "us-west-1");
  EXPECT_EQ(imported.unpriced, 2);
  ASSERT_EQ(imported.refused.size(), 2u);
  EXPECT_THAT(imported.refused[0], HasSubstr("line 8: lambda zero: 0 is not a price"));
  EXPECT_THAT(imported.refused[1],
              HasSubstr("line 9: lambda much: 900 dollars an hour is an outlier"));
}

TEST(PlannerPrices, ColumnsAreFoundByName) {
  const PriceImport imported = import(
      "Region,AvailabilityZone,Price,SpotPrice,MemoryGiB,vCPUs,InstanceType\n"
      "r,ra,1.5,0.3,64,16,m6\n");
  ASSERT_EQ(imported.prices.size(), 1u);
  EXPECT_EQ(imported.prices[0].price, 1.5);
  EXPECT_EQ(imported.prices[0].region, "r");
}

TEST(PlannerPrices, BrokenCataloguesAreRefused) {
  const auto refused = [](std::string_view csv) { return ingot::refusal([&] { import(csv); }); };
  EXPECT_THAT(refused(""), HasSubstr("vms.csv: is empty"));
  EXPECT_THAT(refused("InstanceType,vCPUs,MemoryGiB,Region\n"), HasSubstr("has no column Price"));
  EXPECT_THAT(refused("InstanceType,vCPUs,MemoryGiB,Price,Region\na,1,2\n"),
              HasSubstr("line 2: has 3 fields"));
  EXPECT_THAT(refused("InstanceType,vCPUs,MemoryGiB,Price,Region\n\"a,1,2"),
              HasSubstr("line 2: a quoted field does not end"));
  EXPECT_THAT(import("InstanceType,vCPUs,MemoryGiB,Price,Region\na,1,2,x,r\n").refused.at(0),
              HasSubstr("'x' is not a number"));
}

TEST(PlannerPrices, DatesAreDaysOfTheCalendar) {
  EXPECT_EQ(to_string(parse_date("2024-02-29", "d")), "2024-02-29");
  for (const char* wrong :
       {"", "2025-02-29", "2026-1-1", "2026/01/01", "20260101xx", "2026-00-10", "2026-01-0a"}) {
    EXPECT_THROW(parse_date(wrong, "d"), Error) << wrong;
  }
}

}  // namespace
}  // namespace ingot::planner
