#include <cstdlib>

#include "planner/data.hpp"
#include "planner/prices.hpp"

namespace ingot::planner {

namespace fs = std::filesystem;

PriceList PriceList::built_in() {
  return parse(data_file("providers.toml"), "providers.toml", today());
}

fs::path user_price_file() {
  const auto variable = [](const char* name) {
    const char* value = std::getenv(name);
    return std::string(value != nullptr ? value : "");
  };
  if (const std::string config = variable("XDG_CONFIG_HOME"); !config.empty()) {
    return fs::path(config) / "ingot" / "providers.toml";
  }
  const std::string home = variable("HOME");
  return home.empty() ? fs::path() : fs::path(home) / ".config" / "ingot" / "providers.toml";
}

PriceList load_prices(const fs::path& user_file, Date today) {
  PriceList prices = PriceList::built_in();
  if (!user_file.empty() && fs::exists(user_file)) {
    const std::string name = user_file.string();
    prices = prices.overridden_by(PriceList::parse(read_text(name), name, today));
  }
  return prices;
}

}  // namespace ingot::planner
