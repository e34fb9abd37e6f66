#include "softmetal/block_counter.hpp"

#include <algorithm>
#include <atomic>
#include <dlfcn.h>
#include <map>
#include <numeric>
#include <utility>

#include "softmetal/coverage_log.hpp"
#include "softmetal/line_table.hpp"
#include "softmetal/shim/softmetal/abi.h"
#include "softmetal/toolchain.hpp"

namespace softmetal {

BlockCounter::BlockCounter(void* object,
                           const std::filesystem::path& path,
                           std::string kernel,
                           const std::string& source_id)
    : kernel_(std::move(kernel)) {
  auto* found = static_cast<CodeBlocks*>(dlsym(object, "softmetal_blocks"));
  Dl_info info;
  dladdr(found, &info);
  const auto address = [&](const void* code) {
    return static_cast<std::uint64_t>(static_cast<const char*>(code) -
                                      static_cast<const char*>(info.dli_fbase));
  };
  kernel_address_ = address(found->kernel);
  for (const CodeBlock* block = found->begin; block != found->end; ++block) {
    blocks_.push_back({address(block->code), (block->flags & CodeBlock::kBeginsFunction) != 0, {}});
  }
  find_lines(path, source_id);
  counts_.resize(blocks_.size());
  found->counts = counts_.data();
  CoverageLog::get().add(this);
}

BlockCounter::~BlockCounter() {
  CoverageLog::get().remove(this);
}

// A block's code ends where the next block's begins.
void BlockCounter::find_lines(const std::filesystem::path& path, const std::string& source_id) {
  const LineTable table = LineTable::read(path);
  const Toolchain& toolchain = Toolchain::get();
  std::vector<std::size_t> by_address(blocks_.size());
  std::iota(by_address.begin(), by_address.end(), 0);
  std::ranges::sort(by_address, {}, [&](std::size_t i) { return blocks_[i].address; });
  std::map<std::string, std::uint32_t> numbers;
  auto row = table.rows().begin();
  const auto add_line = [&](Block& block) {
    if (row->line == 0 || row->is_end || toolchain.owns(table.file(row->file))) {
      return;
    }
    std::string name = table.file(row->file);
    name += name == kSourceName ? "-" + source_id : "";
    const auto [number, is_new] = numbers.try_emplace(name, files_.size());
    if (is_new) {
      files_.push_back(name);
    }
    block.lines.push_back({number->second, row->line});
  };
  for (std::size_t i = 0; i < by_address.size(); ++i) {
    Block& block = blocks_[by_address[i]];
    const bool is_last = i + 1 == by_address.size();
    // The row that the block begins in may have begun before it.
    row = std::ranges::upper_bound(table.rows(), block.address, {}, &LineTable::Row::address);
    row -= row != table.rows().begin() ? 1 : 0;
    for (; row != table.rows().end(); ++row) {
      if (row->address > block.address &&
          (row->is_end || (!is_last && row->address >= blocks_[by_address[i + 1]].address))) {
        break;
      }
      add_line(block);
    }
    std::ranges::sort(block.lines);
    block.lines.erase(std::unique(block.lines.begin(), block.lines.end()), block.lines.end());
  }
}

Coverage BlockCounter::take() {
  Coverage result;
  std::map<Line, std::uint64_t> function;  // the most of any block
  const auto add_function = [&] {
    for (const auto& [line, count] : function) {
      result.files[files_[line.file]].lines[line.line] += count;
    }
    function.clear();
  };
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    const Block& block = blocks_[i];
    const std::uint64_t count = std::atomic_ref(counts_[i]).exchange(0, std::memory_order_relaxed);
    if (block.begins_function) {
      add_function();
    }
    for (const Line& line : block.lines) {
      std::uint64_t& most = function[line];
      most = std::max(most, count);
    }
    if (block.begins_function && block.address == kernel_address_ && !block.lines.empty()) {
      const Line& first = block.lines.front();
      result.files[files_[first.file]].kernels[kernel_] = {first.line, count};
    }
  }
  add_function();
  return result;
}

}  // namespace softmetal
