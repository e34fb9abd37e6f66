// The sampler of Linux.
#include "health/linux/signals.hpp"
#include "health/nvml.hpp"

namespace ingot::health {
namespace {

// A sample takes 50 ms at most. Thousands of processes on a busy machine would take longer.
constexpr std::chrono::milliseconds kProcessTime(30);

}  // namespace

Snapshot read_linux(const Tree& tree, LinuxHistory& history, const SampleOptions& options) {
  Snapshot snapshot;
  read_memory(tree, snapshot);
  read_load(tree, snapshot);
  read_thermal(tree, history, snapshot);
  read_power(tree, snapshot);
  if (options.top_process) {
    read_top_process(tree, std::chrono::steady_clock::now() + kProcessTime, snapshot);
  } else {
    snapshot.top_process_rss_gb = unknown<double>("not looked for");
    snapshot.top_process_name = unknown<std::string>("not looked for");
  }
  return snapshot;
}

struct Sampler::State {
  Tree tree{"/"};
  LinuxHistory history;
  Nvml nvml;
};

Sampler::Sampler() : state_(std::make_unique<State>()) {}
Sampler::~Sampler() = default;

Snapshot Sampler::sample(const SampleOptions& options) {
  Snapshot snapshot = read_linux(state_->tree, state_->history, options);
  if (options.gpus) {
    state_->nvml.sample(snapshot);
  } else {
    snapshot.gpu_source = "not looked for";
  }
  return snapshot;
}

Snapshot sample() {
  return Sampler().sample();
}

std::optional<double> process_tree_rss_gb(pid_t root) {
  return process_tree_rss_gb(Tree("/"), root);
}

}  // namespace ingot::health
