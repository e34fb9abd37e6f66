#include "softmetal/frames.hpp"

#include <algorithm>
#include <cstdlib>
#include <cxxabi.h>
#include <dlfcn.h>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "ingot/error.hpp"

#include "softmetal/inline_table.hpp"
#include "softmetal/line_table.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {
namespace {

using Function = InlineTable::Function;

struct Tables {
  explicit Tables(const char* object) : lines(LineTable::read(object)) {
    try {
      inlines = InlineTable::read(object, lines);
    } catch (const ingot::Error&) {  // of a compiler that writes it in another way
    }
  }
  LineTable lines;
  InlineTable inlines;
};

std::string demangled(std::string_view name) {
  const std::string plain(name);
  if (!name.starts_with("_Z")) {
    return plain;  // "f" would be float
  }
  int status = 0;
  const std::unique_ptr<char, decltype(&std::free)> result(
      abi::__cxa_demangle(plain.c_str(), nullptr, nullptr, &status), &std::free);
  return status == 0 ? result.get() : plain;
}

// Where in `wanted` the instruction at `offset` comes from: its own place, or that of the call that
// was inlined around it. Where the optimiser has left none, the nearest one before it tells.
Place place_in(const Function* wanted, const Tables& tables, std::uint64_t offset) {
  const auto rows = tables.lines.rows();
  const auto behind = std::ranges::upper_bound(rows, offset, {}, &LineTable::Row::address);
  for (auto row = behind; row != rows.begin() && !(--row)->is_end;) {
    const bool is_own = std::next(row) == behind;
    const Function* function = tables.inlines.find(is_own ? offset : row->address);
    std::uint32_t file = row->file, line = row->line, column = row->column;
    while (function != wanted && function != nullptr) {
      file = function->call_file;
      line = function->call_line;
      column = function->call_column;
      function = function->caller;
    }
    if (function == wanted && line != 0) {
      return {tables.lines.file(file), line, column};
    }
  }
  return {};
}

std::vector<Frame> frames_at(const Tables& tables, std::uint64_t offset) {
  const Function* function = tables.inlines.find(offset);
  if (function == nullptr) {
    const auto place = tables.lines.find(offset);
    return place ? std::vector<Frame>{{"", *place}} : std::vector<Frame>();
  }
  std::vector<Frame> frames;
  for (; function != nullptr; function = function->caller) {
    frames.push_back({demangled(function->name), place_in(function, tables, offset)});
  }
  return frames;
}

}  // namespace

std::vector<Frame> frames_of(const void* code) {
  Dl_info object;
  if (dladdr(code, &object) == 0 || !Toolchain::get().owns(object.dli_fname)) {
    return {};
  }
  static std::mutex mutex;
  static std::map<std::string, Tables> all;  // by the object's name
  const std::lock_guard lock(mutex);
  try {
    const Tables& tables = all.try_emplace(object.dli_fname, object.dli_fname).first->second;
    return frames_at(tables,
                     static_cast<std::uint64_t>(static_cast<const std::byte*>(code) -
                                                static_cast<std::byte*>(object.dli_fbase)));
  } catch (const ingot::Error&) {
    return {};  // someone has cleared the cache
  }
}

std::vector<Frame> shader_frames_of(const void* code) {
  std::vector<Frame> frames = frames_of(code);
  std::erase_if(frames, [](const Frame& frame) {
    return frame.place.line == 0 || Toolchain::get().owns(frame.place.file);
  });
  return frames;
}

std::optional<Place> place_of(const void* code) {
  std::vector<Frame> frames = shader_frames_of(code);
  return !frames.empty() ? std::optional(std::move(frames.front().place)) : std::nullopt;
}

}  // namespace softmetal
