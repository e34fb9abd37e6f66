// Memory of processes.
#include <algorithm>
#include <array>
#include <cctype>
#include <dirent.h>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

#include "fmt/format.h"

#include "core/text.hpp"
#include "health/linux/signals.hpp"

namespace ingot::health {
namespace {

constexpr int kProcessesPerLook = 16;  // at the clock
const double kPageGb = static_cast<double>(sysconf(_SC_PAGESIZE)) / (1 << 30);

// The second number of /proc/PID/statm is the resident set; -1 when there is none.
double resident_pages(int proc, const char* process) {
  std::array<char, 4096> path;
  *fmt::format_to_n(path.data(), path.size() - 1, "{}/statm", process).out = 0;
  const int file = openat(proc, path.data(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    return -1;
  }
  std::array<char, 128> text;
  const ssize_t count = read(file, text.data(), text.size());
  close(file);
  const std::string_view numbers(text.data(), static_cast<size_t>(std::max<ssize_t>(0, count)));
  const size_t blank = numbers.find(' ');
  return blank == std::string_view::npos ? -1 : leading_number(numbers.substr(blank)).value_or(-1);
}

}  // namespace

// Some 8 us each, nearly all of it in the kernel.
void read_top_process(const Tree& tree,
                      std::chrono::steady_clock::time_point deadline,
                      Snapshot& snapshot) {
  const std::unique_ptr<DIR, int (*)(DIR*)> proc(opendir(tree.path("proc").c_str()), closedir);
  double most = -1;
  std::string top;
  int seen = 0;
  bool in_time = true;
  while (const dirent* entry = proc && in_time ? readdir(proc.get()) : nullptr) {
    if (std::isdigit(static_cast<unsigned char>(entry->d_name[0])) == 0) {
      continue;
    }
    const double pages = resident_pages(dirfd(proc.get()), entry->d_name);
    if (pages > most) {
      most = pages;
      top = entry->d_name;
    }
    in_time = ++seen % kProcessesPerLook != 0 || std::chrono::steady_clock::now() < deadline;
  }
  if (top.empty()) {
    snapshot.top_process_rss_gb = unknown<double>("no /proc/*/statm");
    snapshot.top_process_name = unknown<std::string>("no /proc/*/statm");
    return;
  }
  const std::string partly =
      in_time ? "" : fmt::format(" (of the first {} processes: out of time)", seen);
  snapshot.top_process_rss_gb = known(most * kPageGb, fmt::format("/proc/{}/statm{}", top, partly));
  const auto name = tree.text(fmt::format("proc/{}/comm", top));
  snapshot.top_process_name = name ? known(*name, fmt::format("/proc/{}/comm{}", top, partly))
                                   : unknown<std::string>("it has just ended");
}

std::optional<double> process_tree_rss_gb(const Tree& tree, pid_t root) {
  if (!tree.text(fmt::format("proc/{0}/task/{0}/children", root))) {
    return std::nullopt;  // it has ended, or the kernel does not list children
  }
  double pages = 0;
  std::vector<std::string> open = {fmt::format("proc/{}", root)};
  while (!open.empty()) {
    const std::string process = std::move(open.back());
    open.pop_back();
    pages += std::max(0.0, resident_pages(AT_FDCWD, tree.path(process).c_str()));
    // Each thread has the children that it started.
    for (const std::string& thread : tree.entries(process + "/task", "")) {
      const std::string children = tree.text(thread + "/children").value_or("");
      for (const std::string_view child : split_words(children)) {
        open.push_back(fmt::format("proc/{}", child));
      }
    }
  }
  return pages * kPageGb;
}

}  // namespace ingot::health
