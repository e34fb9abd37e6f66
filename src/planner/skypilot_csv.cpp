#include <algorithm>
#include <map>
#include <optional>
#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "planner/prices.hpp"
#include "planner/refuse.hpp"

namespace ingot::planner {
namespace {

// Records of RFC 4180: a field may be quoted, and then hold commas, newlines and doubled quotes.
class CsvReader {
 public:
  CsvReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  /// The fields of the next record that is not empty, or none at the end.
  std::optional<std::vector<std::string>> next() {
    while (!rest_.empty()) {
      line_ = next_line_;
      std::vector<std::string> fields = record();
      if (fields.size() > 1 || !fields[0].empty()) {
        return fields;
      }
    }
    return {};
  }

  /// Of the first line of the record that next() gave; counted from 1.
  int line() const { return line_; }

 private:
  std::vector<std::string> record() {
    std::vector<std::string> fields(1);
    bool quoted = false;
    while (!rest_.empty()) {
      const char c = take();
      if (quoted) {
        if (c != '"') {
          fields.back() += c;
        } else if (rest_.starts_with('"')) {
          fields.back() += take();
        } else {
          quoted = false;
        }
      } else if (c == '"' && fields.back().empty()) {
        quoted = true;
      } else if (c == ',') {
        fields.emplace_back();
      } else if (c == '\n') {
        return fields;
      } else if (c != '\r') {
        fields.back() += c;
      }
    }
    if (quoted) {
      refuse(fmt::format("{}: line {}", name_, line_), "a quoted field does not end");
    }
    return fields;
  }

  char take() {
    const char c = rest_.front();
    rest_.remove_prefix(1);
    next_line_ += c == '\n' ? 1 : 0;
    return c;
  }

  std::string_view rest_;
  const std::string& name_;
  int line_ = 1;
  int next_line_ = 1;
};

enum Column : uint8_t {
  kInstance,
  kAccelerator,
  kCount,
  kVcpus,
  kMemory,
  kPrice,
  kRegion,
  kColumns
};

struct ColumnName {
  std::string_view name;
  bool required;
};
constexpr ColumnName kNames[kColumns] = {{"InstanceType", true},
                                         {"AcceleratorName", false},
                                         {"AcceleratorCount", false},
                                         {"vCPUs", true},
                                         {"MemoryGiB", true},
                                         {"Price", true},
                                         {"Region", true}};

// Where each column is; as many as there are fields: not there.
std::vector<size_t> columns_of(const std::vector<std::string>& header, const std::string& name) {
  std::vector<size_t> places;
  for (const ColumnName& column : kNames) {
    places.push_back(static_cast<size_t>(std::ranges::find(header, column.name) - header.begin()));
    if (column.required && places.back() == header.size()) {
      refuse(name,
             fmt::format("has no column {}", column.name),
             "it is not a virtual machine catalogue of SkyPilot (vms.csv)");
    }
  }
  return places;
}

// Empty is 0.
double number(std::string_view text, const std::string& subject) {
  return text.empty() ? 0 : parse_number(text, subject);
}

}  // namespace

PriceImport import_skypilot(std::string_view csv,
                            const std::string& name,
                            const std::string& provider,
                            const PriceList& known,
                            Date date,
                            Date today) {
  CsvReader reader(csv, name);
  const auto header = reader.next();
  if (!header) {
    refuse(name, "is empty");
  }
  const std::vector<size_t> places = columns_of(*header, name);
  PriceImport result;
  // Zones of a region differ little: the lowest price stands for it.
  std::map<std::pair<std::string, std::string>, Price> lowest;
  while (const auto row = reader.next()) {
    const std::string subject = fmt::format("{}: line {}", name, reader.line());
    if (row->size() != header->size()) {
      refuse(subject, fmt::format("has {} fields, the first line {}", row->size(), header->size()));
    }
    const auto field = [&](Column column) -> std::string_view {
      return places[column] < row->size() ? std::string_view((*row)[places[column]]) : "";
    };
    // Rows without an instance are accelerators to attach to one.
    if (field(kPrice).empty() || field(kInstance).empty()) {
      ++result.unpriced;
      continue;
    }
    try {
      Price price{.provider = provider,
                  .instance = std::string(field(kInstance)),
                  .accelerator = std::string(field(kAccelerator)),
                  .accelerators = number(field(kCount), "AcceleratorCount"),
                  .vcpus = number(field(kVcpus), "vCPUs"),
                  .memory_gb = number(field(kMemory), "MemoryGiB"),
                  .price = number(field(kPrice), "Price"),
                  .region = std::string(field(kRegion).empty() ? "any" : field(kRegion)),
                  .source = "SkyPilot catalogue",
                  .date = date};
      check_price(price, &known, today);
      const auto [place, first] = lowest.try_emplace({price.instance, price.region}, price);
      if (!first && price.price < place->second.price) {
        place->second = price;
      }
    } catch (const Error& error) {
      result.refused.push_back(fmt::format("line {}: {}", reader.line(), error.what()));
    }
  }
  for (auto& [place, price] : lowest) {
    result.prices.push_back(std::move(price));
  }
  return result;
}

}  // namespace ingot::planner
