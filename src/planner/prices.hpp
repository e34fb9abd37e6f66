// What rented machines cost. Prices are data: a table that comes with Ingot, and the user's own.
#pragma once

#include <chrono>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "planner/document.hpp"

namespace ingot::planner {

using Date = std::chrono::sys_days;

Date today();
/// "2026-11-20".
std::string to_string(Date date);
/// Reads that form. Throws Error(kInvalidArgument) with `subject`.
Date parse_date(std::string_view text, const std::string& subject);

/// Reads "0.17". Throws Error(kInvalidArgument) with `subject` for what is not a number.
double parse_number(std::string_view text, const std::string& subject);

/// The price of one instance of a type in a region.
struct Price {
  std::string provider;     // "digitalocean"
  std::string instance;     // "s-8vcpu-16gb-amd"
  std::string accelerator;  // "H100"; empty: none
  double accelerators = 0;
  double vcpus = 0;
  double memory_gb = 0;  // GiB of the host's memory
  double price = 0;      // in `currency` per `unit`
  std::string currency = "USD";
  std::string unit = "hour";
  std::string region;  // "us-east-1"; "any"
  std::string source;  // where it was read
  Date date{};         // when it was true
};

/// A price older than this is used with a warning.
inline constexpr int kStaleDays = 60;

/// Prices by provider, instance and region.
class PriceList {
 public:
  /// Reads the form of data/providers.toml: an array `price` of tables with the names of Price.
  /// Throws Error(kInvalidArgument) that names the entry and the field: missing, unknown (with the
  /// nearest known one), not a price (see check_price), or an entry that occurs twice.
  static PriceList parse(std::string_view toml, const std::string& name, Date today);

  /// The table that comes with Ingot.
  static PriceList built_in();

  /// Puts each in the place of the one with the same provider, instance and region, or adds it.
  void set(std::vector<Price> prices);

  /// This list with `other` over it: an instance that `other` knows, in whatever region, has its
  /// prices from there alone.
  PriceList overridden_by(const PriceList& other) const;

  /// The cheapest region's price of an instance; nullptr when there is none.
  const Price* find(std::string_view provider, std::string_view instance) const;

  /// Ordered by provider, instance and region.
  const std::vector<Price>& all() const { return prices_; }

  /// The form that parse() reads.
  std::string toml() const;

 private:
  std::vector<Price> prices_;
};

/// Refuses what cannot be a price: zero, negative or not finite, as are its sizes; another unit than an hour or
/// another currency than USD (Ingot converts none); a date that is still to come; an outlier, which
/// is less than 0.01 or more than 100 dollars for each GPU and hour, less than 0.001 or more than 2
/// for each core of an instance without one, or more than ten times or less than a tenth of what
/// `known` says of the same instance. Throws Error(kInvalidArgument) with the reason.
void check_price(const Price& price, const PriceList* known, Date today);

/// $XDG_CONFIG_HOME/ingot/providers.toml, else ~/.config/ingot/providers.toml. Empty when neither
/// variable is set.
std::filesystem::path user_price_file();

/// The built-in prices, overridden by the user's file where there is one. Throws as parse() does.
PriceList load_prices(const std::filesystem::path& user_file, Date today);

/// What an import took and what it left, with the reasons.
struct PriceImport {
  std::vector<Price> prices;
  std::vector<std::string> refused;  // "line 17: price 0 ..."
  int unpriced = 0;                  // rows without a price, which are passed over
};

/// Reads a virtual machine catalogue of SkyPilot (vms.csv): InstanceType, vCPUs, MemoryGiB, Price
/// and Region; AcceleratorName and AcceleratorCount, if there are; other columns are passed over.
/// Zones of one region become one price, the lowest. Throws Error(kInvalidArgument) when a column
/// is missing or a row has another number of fields.
PriceImport import_skypilot(std::string_view csv,
                            const std::string& name,
                            const std::string& provider,
                            const PriceList& known,
                            Date date,
                            Date today);

}  // namespace ingot::planner
