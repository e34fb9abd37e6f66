#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <unistd.h>
#include <utility>

#include "ingot/error.hpp"

#include "core/output_file.hpp"
#include "softmetal/block_counter.hpp"
#include "softmetal/coverage_log.hpp"

namespace softmetal {
namespace {

std::string absolute_if_there(const std::string& file) {
  std::error_code error;
  const auto absolute = std::filesystem::absolute(file, error);
  return !error && std::filesystem::exists(absolute, error) ? absolute.string() : file;
}

std::string with_process_id(std::string path) {
  if (const std::size_t at = path.find("%p"); at != std::string::npos) {
    path.replace(at, 2, std::to_string(getpid()));
  }
  return path;
}

void write_at_exit() {
  try {
    write_coverage(take_coverage(), std::getenv("SOFTMETAL_COVERAGE"));
  } catch (const ingot::Error& error) {
    fmt::print(stderr, "softmetal: SOFTMETAL_COVERAGE: {}\n", error.what());
  }
}

}  // namespace

CoverageLog& CoverageLog::get() {
  static CoverageLog* const log = [] {
    if (const char* path = std::getenv("SOFTMETAL_COVERAGE"); path != nullptr && *path != 0) {
      ingot::OutputFile probe(with_process_id(path));  // throws now if it cannot be written then
      std::atexit(write_at_exit);
    }
    return new CoverageLog;
  }();
  return *log;
}

void CoverageLog::add(BlockCounter* counter) {
  const std::lock_guard lock(mutex_);
  loaded_.insert(counter);
}

void CoverageLog::remove(BlockCounter* counter) {
  const std::lock_guard lock(mutex_);
  unloaded_ += counter->take();
  loaded_.erase(counter);
}

Coverage CoverageLog::take() {
  const std::lock_guard lock(mutex_);
  Coverage result = std::exchange(unloaded_, {});
  for (BlockCounter* counter : loaded_) {
    result += counter->take();
  }
  return result;
}

Coverage& Coverage::operator+=(const Coverage& other) {
  for (const auto& [name, file] : other.files) {
    File& mine = files[name];
    for (const auto& [line, count] : file.lines) {
      mine.lines[line] += count;
    }
    for (const auto& [kernel, counted] : file.kernels) {
      const auto [found, is_new] = mine.kernels.try_emplace(kernel, counted);
      found->second.threads += is_new ? 0 : counted.threads;
    }
  }
  return *this;
}

std::string Coverage::to_lcov() const {
  std::string text;
  const auto add = [&]<class... T>(fmt::format_string<T...> format, T&&... values) {
    fmt::format_to(std::back_inserter(text), format, std::forward<T>(values)...);
  };
  for (const auto& [name, file] : files) {
    add("TN:softmetal\nSF:{}\n", absolute_if_there(name));
    for (const auto& [kernel, counted] : file.kernels) {
      add("FN:{},{}\n", counted.line, kernel);
    }
    for (const auto& [kernel, counted] : file.kernels) {
      add("FNDA:{},{}\n", counted.threads, kernel);
    }
    const auto ran = [](const auto& kernel) { return kernel.second.threads != 0; };
    add("FNF:{}\nFNH:{}\n", file.kernels.size(), std::ranges::count_if(file.kernels, ran));
    for (const auto& [line, count] : file.lines) {
      add("DA:{},{}\n", line, count);
    }
    const auto hit = [](const auto& line) { return line.second != 0; };
    add("LF:{}\nLH:{}\nend_of_record\n", file.lines.size(), std::ranges::count_if(file.lines, hit));
  }
  return text;
}

Coverage take_coverage() {
  return CoverageLog::get().take();
}

void write_coverage(const Coverage& coverage, const std::string& path) {
  const std::string text = coverage.to_lcov();
  ingot::OutputFile file(with_process_id(path));
  file.write(text.data(), text.size());
  file.commit();
}

}  // namespace softmetal
