// Counts the executions of a kernel's code, for Coverage.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "softmetal/include/softmetal/coverage.hpp"

namespace softmetal {

/// What one loaded kernel of a build with coverage counts.
class BlockCounter {
 public:
  /// `object` is the kernel's, as dlopen gave it; `source_id` tells sources without a name apart.
  BlockCounter(void* object,
               const std::filesystem::path& path,
               std::string kernel,
               const std::string& source_id);
  /// Leaves what was not taken to take_coverage(). The kernel must still be loaded.
  ~BlockCounter();
  BlockCounter(const BlockCounter&) = delete;
  BlockCounter& operator=(const BlockCounter&) = delete;

  /// The counts since the last call.
  Coverage take();

 private:
  struct Line {
    std::uint32_t file;  // index into files_
    std::uint32_t line;
    friend auto operator<=>(const Line&, const Line&) = default;
  };
  // Instructions that run one after the other, always from the first on.
  struct Block {
    std::uint64_t address = 0;  // relative to the object
    bool begins_function = false;
    std::vector<Line> lines;
  };

  void find_lines(const std::filesystem::path& path, const std::string& source_id);

  const std::string kernel_;
  std::uint64_t kernel_address_ = 0;
  std::vector<std::string> files_;
  std::vector<Block> blocks_;          // functions one after the other
  std::vector<std::uint64_t> counts_;  // by block; the kernel's threads write them
};

}  // namespace softmetal
