#include "health/snapshot_json.hpp"

#include <algorithm>
#include <cmath>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "ingot/error.hpp"

#include "core/text.hpp"
#include "planner/document.hpp"

namespace ingot::health {
namespace {

constexpr size_t kMostBytes = size_t{1} << 20;
constexpr size_t kMostGpus = 1024;

Json json_of(MemPressure value) {
  return to_string(value);
}
Json json_of(PowerSource value) {
  return to_string(value);
}
template <class T>
Json json_of(const T& value) {
  return value;
}

std::string unit_text(const SignalInfo& info) {
  return info.unit.empty() ? "" : fmt::format(" {}", info.unit);
}

// Where a value stands, "gpus[0].power_w", and what is wrong with it.
[[noreturn]] void fail(const std::string& file,
                       std::string_view field,
                       std::string problem,
                       std::string remedy) {
  throw Error(ErrorCode::kInvalidArgument,
              field.empty() ? file : fmt::format("{}: {}", file, field),
              std::move(problem),
              std::move(remedy));
}

// Reads one value of the object that it stands in.
class FieldReader {
 public:
  FieldReader(const Json& object, std::string file, std::string prefix)
      : object_(object), file_(std::move(file)), prefix_(std::move(prefix)) {}

  template <class T>
  void operator()(const SignalInfo& info, Signal<T>& signal) {
    known_.emplace_back(info.name);
    const auto found = object_.find(info.name);
    if (found == object_.end() || found->is_null()) {
      signal = unknown<T>(fmt::format("not in {}", file_));
      return;
    }
    signal.source = file_;
    read(*found, info, signal.value);
  }

  // Fields beside the signals.
  void allow(std::string_view name) { known_.emplace_back(name); }

  void refuse_unknown_fields() const {
    for (const auto& [name, value] : object_.items()) {
      if (std::ranges::find(known_, name) == known_.end()) {
        fail(file_, prefix_ + name, "there is no such signal", suggestion(name, known_));
      }
    }
  }

 private:
  [[noreturn]] void refuse(const SignalInfo& info,
                           const std::string& problem,
                           const std::string& expected) const {
    fail(file_,
         prefix_ + std::string(info.name),
         problem,
         fmt::format("give {}, or null where it is unknown", expected));
  }

  void read(const Json& json, const SignalInfo& info, std::optional<double>& value) const {
    const std::string range = info.most < 1e9
                                  ? fmt::format("a number from {} to {}", info.least, info.most)
                                  : fmt::format("a number of at least {}", info.least);
    if (!json.is_number()) {
      refuse(info, fmt::format("is {} {}", json.type_name(), json.dump()), range);
    }
    const double number = json.get<double>();
    if (!std::isfinite(number) || number < info.least || number > info.most) {
      refuse(info, fmt::format("is {}{}", number, unit_text(info)), range);
    }
    value = number;
  }

  void read(const Json& json, const SignalInfo& info, std::optional<std::string>& value) const {
    if (!json.is_string()) {
      refuse(info, fmt::format("is {} {}", json.type_name(), json.dump()), "a text");
    }
    value = json.get<std::string>();
  }

  template <class E, size_t kCount>
  void read_word(const Json& json,
                 const SignalInfo& info,
                 const std::array<std::string_view, kCount>& words,
                 std::optional<E>& value) const {
    const auto found = json.is_string()
                           ? std::ranges::find(words, json.get_ref<const std::string&>())
                           : words.end();
    if (found == words.end()) {
      refuse(info,
             fmt::format("is {}", json.dump(-1, ' ', false, Json::error_handler_t::replace)),
             fmt::format("\"{}\"", fmt::join(words, "\", \"")));
    }
    value = static_cast<E>(found - words.begin());
  }

  void read(const Json& json, const SignalInfo& info, std::optional<MemPressure>& value) const {
    read_word(json, info, kMemPressureWords, value);
  }
  void read(const Json& json, const SignalInfo& info, std::optional<PowerSource>& value) const {
    read_word(json, info, kPowerSourceWords, value);
  }

  const Json& object_;
  std::string file_;
  std::string prefix_;
  std::vector<std::string> known_;
};

Json parse_object(std::string_view text, const std::string& name) {
  if (text.size() > kMostBytes) {
    fail(name, "", fmt::format("is {} bytes long", text.size()), "a snapshot has at most 1 MiB");
  }
  Json json = planner::read_json(text, name);
  if (!json.is_object()) {
    fail(name,
         "",
         fmt::format("holds {} instead of an object", json.type_name()),
         R"(write {"mem_pressure": "normal", ...})");
  }
  return json;
}

void read_gpus(const Json& gpus, const std::string& name, Snapshot& snapshot) {
  if (!gpus.is_array() || gpus.size() > kMostGpus) {
    fail(name, "gpus", "is not a list of at most 1024 objects", "");
  }
  for (const Json& json : gpus) {
    const std::string field = fmt::format("gpus[{}]", snapshot.gpus.size());
    if (!json.is_object()) {
      fail(name, field, fmt::format("is {} instead of an object", json.type_name()), "");
    }
    FieldReader reader(json, name, field + ".");
    for_each_gpu_signal(snapshot.gpus.emplace_back(), reader);
    reader.refuse_unknown_fields();
  }
}

// The recorded texts replace the file's name.
void read_sources(const Json& sources, const std::string& name, Snapshot& snapshot) {
  const auto text_of = [&](std::string_view field, std::string& text) {
    const auto found = sources.find(field);
    if (found == sources.end()) {
      return;
    }
    if (!found->is_string()) {
      fail(name, fmt::format("sources.{}", field), "is not a text", "");
    }
    text = found->get<std::string>();
  };
  if (!sources.is_object()) {
    fail(name, "sources", "is not an object", "");
  }
  for_each_signal(snapshot,
                  [&](const SignalInfo& info, auto& signal) { text_of(info.name, signal.source); });
  text_of("gpus", snapshot.gpu_source);
}

}  // namespace

Json to_json(const Snapshot& snapshot) {
  Json json = Json::object();
  Json sources = Json::object();
  const auto add_to = [](Json& object) {
    return [&object](const SignalInfo& info, const auto& signal) {
      object[std::string(info.name)] = signal.known() ? json_of(*signal.value) : Json(nullptr);
    };
  };
  for_each_signal(snapshot, add_to(json));
  json["gpus"] = Json::array();
  for (const Gpu& gpu : snapshot.gpus) {
    for_each_gpu_signal(gpu, add_to(json["gpus"].emplace_back(Json::object())));
  }
  for_each_signal(snapshot, [&](const SignalInfo& info, const auto& signal) {
    sources[std::string(info.name)] = signal.source;
  });
  sources["gpus"] = snapshot.gpu_source;
  json["sources"] = std::move(sources);
  return json;
}

Snapshot parse_snapshot(std::string_view text, const std::string& name) {
  Json json = parse_object(text, name);
  if (const auto inner = json.find("snapshot"); inner != json.end() && inner->is_object()) {
    json = Json(*inner);
  }
  Snapshot snapshot;
  FieldReader reader(json, name, "");
  for_each_signal(snapshot, reader);
  reader.allow("gpus");
  reader.allow("sources");
  reader.refuse_unknown_fields();
  snapshot.gpu_source = json.contains("gpus") ? name : "not in " + name;
  if (json.contains("gpus")) {
    read_gpus(json["gpus"], name, snapshot);
  }
  if (json.contains("sources")) {
    read_sources(json["sources"], name, snapshot);
  }
  return snapshot;
}

Snapshot read_snapshot(const std::string& path) {
  return parse_snapshot(planner::read_text(path), path);
}

}  // namespace ingot::health
