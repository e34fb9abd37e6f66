// ingot prices list | set | import
#include "planner/prices.hpp"

#include <filesystem>
#include <memory>

#include "cli/command.hpp"
#include "fmt/format.h"

#include "core/output_file.hpp"
#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

using planner::Price;
using planner::PriceList;

struct SetArguments {
  std::string provider, instance, price, region, accelerator, source = "set by hand", date;
  double accelerators = 0, vcpus = 0, memory_gb = 0;
};

struct ImportArguments {
  std::string file, provider, date;
};

int age_days(const Price& price) {
  return static_cast<int>((planner::today() - price.date).count());
}

planner::Date date_of(const std::string& text) {
  return text.empty() ? planner::today() : planner::parse_date(text, "--date");
}

// The user's prices alone, without those that come with Ingot.
PriceList user_prices(const std::filesystem::path& file) {
  if (!std::filesystem::exists(file)) {
    return {};
  }
  return PriceList::parse(planner::read_text(file.string()), file.string(), planner::today());
}

void store(const PriceList& prices, const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::create_directories(path.parent_path(), failure);
  if (failure) {
    throw Error(
        ErrorCode::kIo, path.parent_path().string(), "cannot be made: " + failure.message());
  }
  OutputFile file(path.string());
  const std::string text = "# Written by 'ingot prices'.\n\n" + prices.toml();
  file.write(text.data(), text.size());
  file.commit();
}

std::filesystem::path user_file() {
  const std::filesystem::path path = planner::user_price_file();
  if (path.empty()) {
    throw Error(ErrorCode::kIo,
                "prices",
                "there is no place for the user's prices",
                "set HOME or XDG_CONFIG_HOME");
  }
  return path;
}

Json to_json(const Price& price) {
  return {{"provider", price.provider},
          {"instance", price.instance},
          {"accelerator", price.accelerator.empty() ? Json() : Json(price.accelerator)},
          {"accelerators", price.accelerators},
          {"vcpus", price.vcpus},
          {"memory_gb", price.memory_gb},
          {"price", price.price},
          {"currency", price.currency},
          {"unit", price.unit},
          {"region", price.region},
          {"source", price.source},
          {"date", planner::to_string(price.date)},
          {"age_days", age_days(price)},
          {"stale", age_days(price) > planner::kStaleDays}};
}

void list(bool json) {
  const std::filesystem::path path = planner::user_price_file();
  const PriceList prices = planner::load_prices(path, planner::today());
  if (json) {
    Json entries = Json::array();
    for (const Price& price : prices.all()) {
      entries.push_back(to_json(price));
    }
    print_json({{"prices", entries}, {"user_file", path.string()}});
    return;
  }
  Table table({"provider",
               "instance",
               "GPUs",
               ">cores",
               ">memory",
               ">$ an hour",
               "region",
               "date",
               "source"});
  for (const Price& price : prices.all()) {
    table.add(
        {price.provider,
         price.instance,
         price.accelerator.empty() ? "-"
                                   : fmt::format("{:g} {}", price.accelerators, price.accelerator),
         fmt::format("{:g}", price.vcpus),
         fmt::format("{:g} GiB", price.memory_gb),
         fmt::format("{:.2f}", price.price),
         price.region,
         planner::to_string(price.date) + (age_days(price) > planner::kStaleDays ? " (old)" : ""),
         faint(price.source)});
  }
  fmt::print("{}", table.text());
}

void set(const SetArguments& arguments, bool json) {
  const std::filesystem::path path = user_file();
  const PriceList known = planner::load_prices(path, planner::today());
  const Price* before = known.find(arguments.provider, arguments.instance);
  Price price;
  from_usage([&] {
    if (before != nullptr) {
      price = *before;
    } else if (arguments.memory_gb == 0) {
      throw UsageError(arguments.instance,
                       fmt::format("is not known of {}", arguments.provider),
                       "give --vcpus and --memory-gb with a new instance");
    }
    price.provider = arguments.provider;
    price.instance = arguments.instance;
    price.price = planner::parse_number(arguments.price, "price");
    price.source = arguments.source;
    price.date = date_of(arguments.date);
    const auto take = [](auto& into, const auto& from) {
      if (from != std::decay_t<decltype(from)>()) {
        into = from;
      }
    };
    take(price.region,
         arguments.region.empty() && before == nullptr ? std::string("any") : arguments.region);
    take(price.accelerator, arguments.accelerator);
    take(price.accelerators, arguments.accelerators);
    take(price.vcpus, arguments.vcpus);
    take(price.memory_gb, arguments.memory_gb);
    planner::check_price(price, &known, planner::today());
  });
  PriceList prices = user_prices(path);
  prices.set({price});
  store(prices, path);
  if (json) {
    print_json({{"price", to_json(price)}, {"file", path.string()}});
  } else {
    fmt::print("{} {}: ${:.2f} an hour, in {}\n",
               price.provider,
               price.instance,
               price.price,
               path.string());
  }
}

void import(const ImportArguments& arguments, bool json) {
  const std::filesystem::path path = user_file();
  const PriceList known = planner::load_prices(path, planner::today());
  const std::string csv = planner::read_text(arguments.file);
  const planner::PriceImport imported = from_usage([&] {
    return planner::import_skypilot(
        csv, arguments.file, arguments.provider, known, date_of(arguments.date), planner::today());
  });
  PriceList prices = user_prices(path);
  prices.set(imported.prices);
  if (!imported.prices.empty()) {
    store(prices, path);
  }
  if (json) {
    print_json({{"imported", imported.prices.size()},
                {"refused", imported.refused},
                {"unpriced", imported.unpriced},
                {"file", path.string()}});
  } else {
    for (const std::string& refused : imported.refused) {
      fmt::print(stderr, "ingot: refused: {}\n", refused);
    }
    fmt::print("{} prices of {} imported, {} refused, {} rows without a price; they are in {}\n",
               imported.prices.size(),
               arguments.provider,
               imported.refused.size(),
               imported.unpriced,
               path.string());
  }
  if (imported.prices.empty()) {
    throw Failed();
  }
}

}  // namespace

void add_prices(CLI::App& app, Common& common) {
  CLI::App* prices =
      app.add_subcommand("prices", "What rented machines cost: shown, set, imported");
  prices->require_subcommand(1);
  prices->footer(
      "\nExamples:\n  ingot prices list\n  ingot prices set lambda gpu_8x_h100_sxm5 23.92");

  const Help list_help = {"List the prices, with source and date",
                          {},
                          {"ingot prices list", "ingot prices list --json"}};
  add_command(*prices, "list", list_help, common).callback([&common] { list(common.json); });

  const auto values = std::make_shared<SetArguments>();
  const Help set_help = {
      "Set the price of an instance, in dollars an hour, in the user's own file",
      {"What is not given of a known instance stays as it is. A price that is zero, negative or "
       "far\n"
       "from the known one is refused."},
      {"ingot prices set lambda gpu_8x_h100_sxm5 23.92",
       "ingot prices set hetzner ccx63 0.95 --vcpus 48 --memory-gb 192 --region fsn1"}};
  CLI::App& set_command = add_command(*prices, "set", set_help, common);
  set_command.add_option("provider", values->provider, "digitalocean, lambda, aws, ...")
      ->required();
  set_command.add_option("instance", values->instance, "The provider's name of the type")
      ->required();
  set_command.add_option("price", values->price, "Dollars an hour")->required();
  set_command.add_option("--region", values->region, "Region of the price");
  set_command.add_option("--source", values->source, "Where the price was read")
      ->capture_default_str();
  set_command.add_option(
      "--date", values->date, "When it was true, as 2026-11-20 (default: today)");
  set_command.add_option("--accelerator", values->accelerator, "Kind of its GPUs: H100");
  set_command.add_option("--accelerators", values->accelerators, "Number of its GPUs");
  set_command.add_option("--vcpus", values->vcpus, "Number of its cores");
  set_command.add_option("--memory-gb", values->memory_gb, "Its memory in GiB");
  set_command.callback([values, &common] { set(*values, common.json); });

  const auto files = std::make_shared<ImportArguments>();
  const Help import_help = {
      "Import prices from a catalogue of SkyPilot (vms.csv) into the user's own file",
      {"Rows without a price are passed over; a zero, negative or outlying price is refused and "
       "named."},
      {"ingot prices import lambda/vms.csv --provider lambda"}};
  CLI::App& import_command = add_command(*prices, "import", import_help, common);
  import_command.add_option("file", files->file, "The CSV file, or -")
      ->required()
      ->type_name("FILE");
  import_command.add_option("--provider", files->provider, "The provider whose catalogue it is")
      ->required();
  import_command.add_option("--date", files->date, "When the prices were true (default: today)");
  import_command.callback([files, &common] { import(*files, common.json); });
}

}  // namespace ingot::cli
