#include "planner/prices.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <tuple>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/text.hpp"
#include "planner/refuse.hpp"

namespace ingot::planner {
namespace {

auto key(const Price& price) {
  return std::tie(price.provider, price.instance, price.region);
}

bool before(const Price& a, const Price& b) {
  return key(a) < key(b);
}

std::string name_of(const Price& price) {
  return fmt::format("{} {}", price.provider, price.instance);
}

// A field of an entry: how it is read and written.
struct Field {
  std::string_view name;
  bool required;
  std::string Price::* text = nullptr;
  double Price::* number = nullptr;
};

constexpr Field kFields[] = {{"provider", true, &Price::provider},
                             {"instance", true, &Price::instance},
                             {"accelerator", false, &Price::accelerator},
                             {"accelerators", false, nullptr, &Price::accelerators},
                             {"vcpus", false, nullptr, &Price::vcpus},
                             {"memory_gb", true, nullptr, &Price::memory_gb},
                             {"price", true, nullptr, &Price::price},
                             {"currency", true, &Price::currency},
                             {"unit", true, &Price::unit},
                             {"region", true, &Price::region},
                             {"source", true, &Price::source},
                             {"date", true}};

void read_field(const Field& field, const Json& value, const std::string& subject, Price& price) {
  if (field.number != nullptr) {
    if (!value.is_number()) {
      refuse(subject, "is not a number");
    }
    price.*field.number = value.get<double>();
    return;
  }
  if (!value.is_string() || value.get_ref<const std::string&>().empty()) {
    refuse(subject, "is not a text");
  }
  if (field.text != nullptr) {
    price.*field.text = value.get<std::string>();
  } else {
    price.date = parse_date(value.get_ref<const std::string&>(), subject);
  }
}

Price read_price(const Json& entry, const std::string& subject) {
  if (!entry.is_object()) {
    refuse(subject, "is not a table");
  }
  Price price;
  for (const auto& [name, value] : entry.items()) {
    const auto* field = std::ranges::find(kFields, name, &Field::name);
    if (field == std::end(kFields)) {
      std::vector<std::string> names;
      for (const Field& known : kFields) {
        names.emplace_back(known.name);
      }
      refuse(fmt::format("{}: {}", subject, name),
             "is not a field of a price",
             suggestion(name, names));
    }
    read_field(*field, value, fmt::format("{}: {}", subject, name), price);
  }
  for (const Field& field : kFields) {
    if (field.required && !entry.contains(field.name)) {
      refuse(subject, fmt::format("{} is missing", field.name));
    }
  }
  return price;
}

std::string toml_text(std::string_view text) {
  // TOML's basic strings have JSON's escapes.
  return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace

Date today() {
  return std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now());
}

std::string to_string(Date date) {
  const std::chrono::year_month_day day(date);
  return fmt::format("{:04}-{:02}-{:02}",
                     static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()),
                     static_cast<unsigned>(day.day()));
}

Date parse_date(std::string_view text, const std::string& subject) {
  const auto digits = [&](size_t begin, size_t count) {
    int number = 0;
    for (const char c : text.substr(begin, count)) {
      number = c >= '0' && c <= '9' && number >= 0 ? number * 10 + (c - '0') : -1;
    }
    return number;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-' && digits(0, 4) > 0 &&
      digits(5, 2) > 0 && digits(8, 2) > 0) {
    const std::chrono::year_month_day day(std::chrono::year(digits(0, 4)),
                                          std::chrono::month(static_cast<unsigned>(digits(5, 2))),
                                          std::chrono::day(static_cast<unsigned>(digits(8, 2))));
    if (day.ok()) {
      return day;
    }
  }
  refuse(subject, fmt::format("'{}' is not a date", text), "write it as 2026-11-20");
}

double parse_number(std::string_view text, const std::string& subject) {
  const std::optional<double> value = parse_real(text);
  if (!value || !std::isfinite(*value)) {
    refuse(subject, fmt::format("'{}' is not a number", text));
  }
  return *value;
}

void check_price(const Price& price, const PriceList* known, Date today) {
  const std::string name = name_of(price);
  if (!std::isfinite(price.price) || price.price <= 0) {
    refuse(name, fmt::format("{} is not a price", price.price), "a price is greater than 0");
  }
  for (const double size : {price.accelerators, price.vcpus, price.memory_gb}) {
    if (!(size >= 0 && std::isfinite(size))) {
      refuse(name, fmt::format("{} GPUs, cores or GiB are not a size", size));
    }
  }
  if (price.currency != "USD") {
    refuse(name, fmt::format("the currency {} is not converted", price.currency), "give it in USD");
  }
  if (price.unit != "hour") {
    refuse(
        name, fmt::format("the unit '{}' is not 'hour'", price.unit), "give the price of an hour");
  }
  if (price.date > today + std::chrono::days(1)) {
    refuse(name, fmt::format("the date {} is still to come", to_string(price.date)));
  }
  const auto within = [&](double count, double least, double most, std::string_view what) {
    const double each = price.price / count;
    if (count > 0 && (each < least || each > most)) {
      refuse(
          name,
          fmt::format(
              "{:g} dollars an hour is an outlier: {:g} for each {}, where {:g} to {:g} is usual",
              price.price,
              each,
              what,
              least,
              most),
          "check the price and its unit");
    }
  };
  if (price.accelerators > 0) {
    within(price.accelerators, 0.01, 100, "GPU");
  } else {
    within(price.vcpus, 0.001, 2, "core");
  }
  const Price* last = known != nullptr ? known->find(price.provider, price.instance) : nullptr;
  if (last != nullptr && (price.price > 10 * last->price || price.price < last->price / 10)) {
    refuse(name,
           fmt::format("{:g} dollars an hour is an outlier: it was {:g} on {}",
                       price.price,
                       last->price,
                       to_string(last->date)),
           "check the price and its unit");
  }
}

PriceList PriceList::parse(std::string_view toml, const std::string& name, Date today) {
  const Json document = read_toml(toml, name);
  PriceList list;
  for (const auto& [key_name, entries] : document.items()) {
    if (key_name != "price" || !entries.is_array()) {
      refuse(fmt::format("{}: {}", name, key_name),
             "is not known there",
             "a price file holds [[price]] tables");
    }
    size_t number = 0;
    for (const Json& entry : entries) {
      const std::string subject = fmt::format("{}: price {}", name, ++number);
      Price price = read_price(entry, subject);
      try {
        check_price(price, nullptr, today);
      } catch (const Error& error) {
        refuse(fmt::format("{}: {}", subject, error.subject()), error.problem(), error.remedy());
      }
      list.prices_.push_back(std::move(price));
    }
  }
  std::ranges::sort(list.prices_, before);
  const auto twice = std::ranges::adjacent_find(
      list.prices_, [](const Price& a, const Price& b) { return key(a) == key(b); });
  if (twice != list.prices_.end()) {
    refuse(name,
           fmt::format("{} in {} is there twice", name_of(*twice), twice->region),
           "keep one of them");
  }
  return list;
}

void PriceList::set(std::vector<Price> prices) {
  std::map<std::tuple<std::string, std::string, std::string>, Price> merged;
  const auto put = [&](std::vector<Price>& list) {
    for (Price& price : list) {
      merged.insert_or_assign(key(price), std::move(price));
    }
    list.clear();
  };
  put(prices_);
  put(prices);
  for (auto& [place, price] : merged) {
    prices_.push_back(std::move(price));
  }
}

PriceList PriceList::overridden_by(const PriceList& other) const {
  PriceList list = other;
  std::vector<Price> rest;
  for (const Price& price : prices_) {
    if (other.find(price.provider, price.instance) == nullptr) {
      rest.push_back(price);
    }
  }
  list.set(std::move(rest));
  return list;
}

const Price* PriceList::find(std::string_view provider, std::string_view instance) const {
  const auto [begin, end] =
      std::ranges::equal_range(prices_, std::pair(provider, instance), {}, [](const Price& price) {
        return std::pair<std::string_view, std::string_view>(price.provider, price.instance);
      });
  const auto cheapest = std::ranges::min_element(begin, end, {}, &Price::price);
  return cheapest == end ? nullptr : &*cheapest;
}

std::string PriceList::toml() const {
  std::string text;
  for (const Price& price : prices_) {
    text += "[[price]]\n";
    for (const Field& field : kFields) {
      if (field.number != nullptr) {
        text += fmt::format("{} = {}\n", field.name, Json(price.*field.number).dump());
      } else if (field.text == nullptr) {
        text += fmt::format("{} = {}\n", field.name, to_string(price.date));
      } else if (!(price.*field.text).empty()) {
        text += fmt::format("{} = {}\n", field.name, toml_text(price.*field.text));
      }
    }
    text += '\n';
  }
  return text;
}

}  // namespace ingot::planner
