#include "planner/route.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "fmt/args.h"
#include "fmt/format.h"

#include "ingot/error.hpp"

#include "planner/json_writer.hpp"
#include "planner/profiles.hpp"

namespace ingot::planner {
namespace {

// The roofline of one pass over the data.
double roofline_seconds(const Workload& workload, const Speed& speed) {
  return std::max(workload.data_size_gb * 1e9 / speed.bytes_per_second,
                  workload.item_count * workload.flops_per_item / speed.flops_per_second);
}

std::string figure(double number) {
  return number >= 1000 ? fmt::format("{:.0f}", number) : fmt::format("{:.3g}", number);
}

// Dollars as the documents give them: whole ones, and cents where there is less than one.
std::string dollars(double usd) {
  return usd < 0.995 ? fmt::format("{:.2f}", usd) : fmt::format("{:.0f}", usd);
}

// Fills the {fields} of a terminal's or branch's text.
std::string filled(std::string_view text,
                   const Workload& workload,
                   const std::optional<CloudPlan>& cloud) {
  if (text.find('{') == std::string_view::npos) {
    return std::string(text);
  }
  fmt::dynamic_format_arg_store<fmt::format_context> arguments;
  const auto add = [&](const char* name, std::string value) {
    arguments.push_back(fmt::arg(name, std::move(value)));
  };
  add("local_time_hours", figure(workload.local_time_hours));
  add("data_size_gb", figure(workload.data_size_gb));
  add("machine_ram_gb", figure(workload.machine_ram_gb));
  add("memory_ceiling_gb", figure(workload.machine_ram_gb * kMemoryShare));
  const double pieces = std::ceil(workload.data_size_gb / (workload.machine_ram_gb * kMemoryShare));
  add("pieces", fmt::format("{:.0f}", pieces));
  if (cloud) {
    add("cloud_hours", figure(cloud->hours));
    add("cloud_usd", dollars(cloud->usd));
    add("usd_per_hour", fmt::format("{:.2f}", cloud->price.price));
    add("usd_per_day", fmt::format("{:.0f}", cloud->price.price * cloud->count * 24));
  }
  return fmt::vformat(text, arguments);
}

std::string facts_of(const Branch& branch, const Situation& situation) {
  std::string text;
  for (const Fact& fact : branch.facts) {
    text += fmt::format("{}{} = {}", text.empty() ? "" : ", ", fact.name, fact.text(situation));
  }
  return text;
}

std::string price_source(const Price& price) {
  return fmt::format("{} {}, dollars an hour, region {}, {}: {}",
                     price.provider,
                     price.instance,
                     price.region,
                     to_string(price.date),
                     price.source);
}

}  // namespace

Router::Router(PriceList prices, const LocalMachine& local, Date today)
    : prices_(std::move(prices)), local_(local), today_(today) {
  for (const Terminal& terminal : terminals()) {
    Offer offer;
    const Rental& rental = terminal.rental;
    if (!rental.instance.empty()) {
      offer.price = prices_.find(rental.provider, rental.instance);
      if (offer.price == nullptr) {
        throw Error(ErrorCode::kNotFound,
                    fmt::format("{} {}", rental.provider, rental.instance),
                    "has no price",
                    "'ingot prices set' adds one");
      }
    }
    if (!rental.profile.empty()) {
      const DeviceProfile& gpu = find_profile(rental.profile);
      offer.speed = {gpu.f32_flops.value * rental.gpus, gpu.bandwidth.value * rental.gpus};
    }
    offers_.push_back(offer);
  }
}

const Price& Router::droplet_for(const Rental& rental, double data_size_gb) const {
  const Price* best = nullptr;
  for (const Price& price : prices_.all()) {
    if (price.provider == rental.provider && price.instance.starts_with(rental.family) &&
        price.memory_gb >= data_size_gb && (best == nullptr || price.price < best->price)) {
      best = &price;
    }
  }
  if (best == nullptr) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("{} {}*", rental.provider, rental.family),
                fmt::format("no instance with {:g} GB of memory has a price", data_size_gb),
                "'ingot prices set' adds one");
  }
  return *best;
}

CloudPlan Router::plan(const Terminal& terminal, const Workload& workload) const {
  const Rental& rental = terminal.rental;
  const Offer& offer = offers_[static_cast<size_t>(&terminal - terminals().data())];
  const Price& price =
      offer.price != nullptr ? *offer.price : droplet_for(rental, workload.data_size_gb);
  CloudPlan plan{price.provider, price.instance, rental.count, 0, 0, price};
  if (rental.gpu_memory_gb > 0) {
    plan.count = std::max(
        1,
        static_cast<int>(std::min(1e6, std::ceil(workload.data_size_gb / rental.gpu_memory_gb))));
  }
  double faster = plan.count;
  if (offer.speed.flops_per_second > 0) {
    const Speed here = {local_.flops_per_second, local_.bytes_per_second};
    const double there = roofline_seconds(workload, offer.speed);
    faster *= there > 0 ? roofline_seconds(workload, here) / there : 1;
  }
  plan.hours = workload.local_time_hours / faster;
  plan.usd = plan.hours * plan.count * price.price;
  return plan;
}

void Router::warn_of_stale(const Price& price, Placement& placement) const {
  placement.prices_as_of =
      placement.prices_as_of == Date{} ? price.date : std::min(placement.prices_as_of, price.date);
  const int days = static_cast<int>((today_ - price.date).count());
  if (days <= kStaleDays) {
    return;
  }
  std::string warning =
      fmt::format("the price of {} {} is {} days old ({}): check it, then 'ingot prices set'",
                  price.provider,
                  price.instance,
                  days,
                  to_string(price.date));
  if (std::ranges::find(placement.warnings, warning) == placement.warnings.end()) {
    placement.warnings.push_back(std::move(warning));
  }
}

void Router::add_alternatives(const Situation& situation, Placement& placement) const {
  for (const AlternativeRule& rule : alternative_rules()) {
    if (rule.from != placement.terminal->id || !rule.holds(situation)) {
      continue;
    }
    const Terminal& terminal = find_terminal(rule.to);
    Alternative alternative{&terminal, rule.why, situation.workload.local_time_hours, 0};
    if (terminal.place == Place::kCloud) {
      const CloudPlan other = plan(terminal, situation.workload);
      alternative.hours = other.hours;
      alternative.usd = other.usd;
      warn_of_stale(other.price, placement);
    }
    placement.alternatives.push_back(alternative);
  }
}

void Router::finish(const Situation& situation, Placement& placement) const {
  const Workload& workload = situation.workload;
  const Terminal& terminal = *placement.terminal;
  placement.local_hours = workload.local_time_hours;
  placement.assumptions = workload.assumptions;
  if (terminal.place == Place::kCloud) {
    placement.cloud = plan(terminal, workload);
    const CloudPlan& cloud = *placement.cloud;
    placement.assumptions.push_back({"price", cloud.price.price, price_source(cloud.price)});
    placement.assumptions.push_back(
        {"cloud.hours",
         cloud.hours,
         terminal.rental.profile.empty()
             ? "each instance as fast as this machine"
             : fmt::format(
                   "the local time, scaled by the rooflines of {} x {} and of this machine ({})",
                   cloud.count * terminal.rental.gpus,
                   terminal.rental.profile,
                   local_.rate_source)});
  }
  placement.tell = filled(terminal.tell, workload, placement.cloud);
  for (const std::string_view warning : terminal.warnings) {
    placement.warnings.push_back(filled(warning, workload, placement.cloud));
  }
  if (placement.cloud) {
    warn_of_stale(placement.cloud->price, placement);
  }
  add_alternatives(situation, placement);
}

Placement Router::route(const Workload& workload) const {
  Placement placement;
  Situation situation{workload};
  const Price& droplet =
      *offers_[static_cast<size_t>(&find_terminal("T6") - terminals().data())].price;
  situation.fleet_hours = workload.local_time_hours / kFleetSize;
  situation.fleet_usd = situation.fleet_hours * kFleetSize * droplet.price;

  std::string_view at = "S0";
  while (at.starts_with('S')) {
    const State& state = find_state(at);
    const auto branch = std::ranges::find_if(
        state.branches, [&](const Branch& candidate) { return candidate.holds(situation); });
    if (branch == state.branches.end() || placement.path.size() > states().size()) {
      throw Error(ErrorCode::kInternal, std::string(at), "the router's tables have no way on");
    }
    placement.path.push_back({at, branch->when, facts_of(*branch, situation), branch->to});
    if (!branch->warning.empty()) {
      placement.warnings.push_back(filled(branch->warning, workload, {}));
    }
    at = branch->to;
  }
  placement.terminal = &find_terminal(at);
  finish(situation, placement);
  if (placement.prices_as_of == Date{}) {
    placement.prices_as_of = droplet.date;
  }
  return placement;
}

std::vector<std::string> reasons(const Placement& placement) {
  std::vector<std::string> texts;
  for (const Step& step : placement.path) {
    texts.push_back(fmt::format("{}: {} ({})", step.state, step.predicate, step.facts));
  }
  return texts;
}

std::string json_text(const Placement& placement) {
  JsonWriter json;
  json.begin_object()
      .member("terminal", placement.terminal->id)
      .member("name", placement.terminal->name);
  json.key("path").begin_array();
  for (const Step& step : placement.path) {
    json.value(step.state);
  }
  json.value(placement.terminal->id).end_array();
  json.key("reasons").begin_array();
  for (const std::string& reason : reasons(placement)) {
    json.value(reason);
  }
  json.end_array().member("local_hours", placement.local_hours).key("cloud");
  if (placement.cloud) {
    json.begin_object()
        .member("provider", placement.cloud->provider)
        .member("instance", placement.cloud->instance)
        .member("count", placement.cloud->count)
        .member("hours", placement.cloud->hours)
        .member("usd", placement.cloud->usd)
        .end_object();
  } else {
    json.null();
  }
  json.key("warnings").begin_array();
  for (const std::string& warning : placement.warnings) {
    json.value(warning);
  }
  json.end_array().key("alternatives").begin_array();
  for (const Alternative& other : placement.alternatives) {
    json.begin_object()
        .member("terminal", other.terminal->id)
        .member("name", other.terminal->name)
        .member("why", other.why)
        .member("hours", other.hours)
        .member("usd", other.usd)
        .end_object();
  }
  json.end_array().key("assumptions").begin_array();
  for (const Assumption& assumption : placement.assumptions) {
    json.begin_object().member("field", assumption.field).key("value");
    std::visit([&](const auto& value) { json.value(value); }, assumption.value.get());
    json.member("source", assumption.source).end_object();
  }
  json.end_array().member("prices_as_of", to_string(placement.prices_as_of)).end_object();
  return json.take();
}

Json to_json(const Placement& placement) {
  return Json::parse(json_text(placement));
}

}  // namespace ingot::planner
