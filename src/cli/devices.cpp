// ingot devices
#include "cli/command.hpp"
#include "fmt/format.h"

#include "ingot/tensor.hpp"

#include "program/terminal.hpp"

namespace ingot::cli {
namespace {

Json to_json(const DeviceReport& report) {
  Json json = {
      {"device", report.device}, {"kind", to_string(report.kind)}, {"available", report.available}};
  if (!report.available) {
    json["reason"] = report.reason;
    return json;
  }
  const DeviceInfo& info = report.info;
  json["name"] = info.name;
  json["notice"] = info.notice;
  json["fingerprint"] = info.fingerprint;
  json["memory_bytes"] = info.memory_bytes;
  json["unified_memory"] = info.unified_memory;
  json["cores"] = info.cores;
  json["simd_width"] = info.simd_width;
  json["max_threads_per_threadgroup"] = info.max_threads_per_threadgroup;
  json["max_threadgroup_memory"] = info.max_threadgroup_memory;
  json["max_buffer_bytes"] = info.max_buffer_bytes;
  if (const std::string family = to_string(info.metal_family); !family.empty()) {
    json["metal_family"] = family;
    json["tensor_units"] = info.metal_family.has_tensor_units();
  }
  return json;
}

std::string or_dash(uint64_t value) {
  return value == 0 ? "-" : fmt::to_string(value);
}

void print_devices(const std::vector<DeviceReport>& reports) {
  Table present({"device", "name", ">memory", ">cores", ">SIMD", ">group", ">group memory", ""});
  Table missing({"missing", "why"});
  for (const DeviceReport& report : reports) {
    const DeviceInfo& info = report.info;
    if (!report.available) {
      missing.add({report.device, report.reason});
      continue;
    }
    present.add({strong(report.device),
                 info.name,
                 human_bytes(static_cast<double>(info.memory_bytes)),
                 or_dash(static_cast<uint64_t>(info.cores)),
                 or_dash(info.simd_width),
                 or_dash(info.max_threads_per_threadgroup),
                 info.max_threadgroup_memory == 0
                     ? "-"
                     : human_bytes(static_cast<double>(info.max_threadgroup_memory)),
                 info.unified_memory ? "zero copy" : "copies"});
  }
  fmt::print("{}", present.text());
  const std::string reasons = missing.text();
  fmt::print("{}{}", reasons.empty() ? "" : "\n", reasons);
}

}  // namespace

void add_devices(CLI::App& app, Common& common) {
  const Help help = {"List the devices of this machine, and why others are missing",
                     {"'cuda' alone is the first CUDA device, cuda:0."},
                     {"ingot devices", "ingot devices --json"}};
  CLI::App& command = add_command(app, "devices", help, common);
  command.callback([&common] {
    const std::vector<DeviceReport> reports = list_devices();
    if (!common.json) {
      print_devices(reports);
      return;
    }
    Json devices = Json::array();
    for (const DeviceReport& report : reports) {
      devices.push_back(to_json(report));
    }
    print_json({{"devices", devices}});
  });
}

}  // namespace ingot::cli
