// Any bytes given to the price parsers end in prices that are prices, or in an ingot::Error.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "ingot/error.hpp"

#include "planner/prices.hpp"

namespace {

using namespace ingot::planner;

const Date kToday = parse_date("2026-11-20", "fuzz");

void require_prices(const std::vector<Price>& prices) {
  for (const Price& price : prices) {
    if (!(price.price > 0)) {
      std::abort();
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  try {
    const PriceList prices = PriceList::parse(text, "fuzz", kToday);
    require_prices(prices.all());
    require_prices(PriceList::parse(prices.toml(), "written", kToday).all());
  } catch (const ingot::Error&) {
  }
  try {
    require_prices(import_skypilot(text, "fuzz", "p", PriceList(), kToday, kToday).prices);
  } catch (const ingot::Error&) {
  }
  return 0;
}
