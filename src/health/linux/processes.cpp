// Memory of processes.
#include <unistd.h>

#include "fmt/format.h"

#include "core/text.hpp"
#include "health/linux/signals.hpp"

namespace ingot::health {
namespace {

constexpr double kGib = 1 << 30;

// /proc/PID/statm counts pages; its second number is the resident set.
std::optional<double> resident_gb(const Tree& tree, const std::string& process) {
  const std::string statm = tree.text(process + "/statm").value_or("");
  const size_t blank = statm.find(' ');
  const auto pages =
      blank == std::string::npos ? std::nullopt : leading_number(statm.substr(blank));
  return pages ? std::optional(*pages * static_cast<double>(sysconf(_SC_PAGESIZE)) / kGib)
               : std::nullopt;
}

}  // namespace

void read_top_process(const Tree& tree, Snapshot& snapshot) {
  double most = -1;
  std::string top;
  for (const std::string& process : tree.processes()) {
    const double size = resident_gb(tree, process).value_or(-1);
    if (size > most) {
      most = size;
      top = process;
    }
  }
  if (top.empty()) {
    snapshot.top_process_rss_gb = unknown<double>("no /proc/*/statm");
    snapshot.top_process_name = unknown<std::string>("no /proc/*/statm");
    return;
  }
  snapshot.top_process_rss_gb = known(most, "/" + top + "/statm");
  const auto name = tree.text(top + "/comm");
  snapshot.top_process_name =
      name ? known(*name, "/" + top + "/comm") : unknown<std::string>("it has just ended");
}

std::optional<double> process_tree_rss_gb(const Tree& tree, pid_t root) {
  if (!tree.text(fmt::format("proc/{0}/task/{0}/children", root))) {
    return std::nullopt;  // it has ended, or the kernel does not list children
  }
  std::optional<double> sum;
  std::vector<std::string> open = {fmt::format("proc/{}", root)};
  while (!open.empty()) {
    const std::string process = std::move(open.back());
    open.pop_back();
    if (const auto size = resident_gb(tree, process)) {
      sum = sum.value_or(0) + *size;
    }
    // Each thread has the children that it started.
    for (const std::string& thread : tree.entries(process + "/task", "")) {
      const std::string children = tree.text(thread + "/children").value_or("");
      for (const std::string_view child : split_words(children)) {
        open.push_back(fmt::format("proc/{}", child));
      }
    }
  }
  return sum;
}

}  // namespace ingot::health
