#include "softmetal/tool/run_buffers.hpp"

#include <algorithm>
#include <cstring>
#include <set>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "ingot/error.hpp"

#include "core/npy.hpp"
#include "core/text.hpp"
#include "softmetal/tool/values.hpp"

namespace softmetal::tool {
using ingot::HostArray;
using ingot::cli::parse_assignment;
using ingot::cli::UsageError;
namespace {

bool is_same(const Slot& a, const Slot& b) {
  return (a.name() == nullptr) == (b.name() == nullptr) &&
         (a.name() != nullptr ? *a.name() == *b.name() : a.index() == b.index());
}

// "0 'x' (const float*)".
std::string describe(const Argument& argument) {
  return fmt::format("{} '{}' ({})", argument.index, argument.name, argument.type);
}

// The two last fields of "FILE:TYPE:SHAPE"; none when the text is only a file's name.
struct Fresh {
  std::string path;
  ingot::DType dtype;
  ingot::Shape shape;
};
std::optional<Fresh> parse_fresh(std::string_view text) {
  const std::size_t shape = text.rfind(':');
  const std::size_t type = shape == std::string_view::npos || shape == 0
                               ? std::string_view::npos
                               : text.rfind(':', shape - 1);
  if (type == std::string_view::npos) {
    return std::nullopt;
  }
  const std::string_view name = text.substr(type + 1, shape - type - 1);
  return Fresh{std::string(text.substr(0, type)),
               ingot::cli::from_usage([&] { return ingot::parse_dtype(name); }),
               parse_shape("--out", text.substr(shape + 1))};
}

HostArray filled(const Fresh& fresh, const std::string& fill) {
  HostArray array(fresh.dtype, fresh.shape);
  const std::vector<std::byte> value =
      parse_values("--fill", fmt::format("{}:{}", to_string(fresh.dtype), fill));
  for (std::size_t at = 0; at < array.bytes(); at += value.size()) {
    std::memcpy(array.data() + at, value.data(), value.size());
  }
  return array;
}

HostArray copy_of(const HostArray& array) {
  HostArray copy(array.dtype(), array.shape());
  std::memcpy(copy.data(), array.data(), array.bytes());
  return copy;
}

void check_size(const char* option, const Argument& argument, std::size_t bytes) {
  if (bytes < argument.size) {
    throw UsageError(
        option,
        fmt::format("{} takes {} bytes{}, but gets {}",
                    describe(argument),
                    argument.size,
                    argument.is_reference ? "" : " for its first element",
                    bytes),
        argument.is_reference ? "give a value of its type" : "give at least one element");
  }
}

void check_array(const Argument& argument, const RunBuffer& buffer) {
  const auto expected = dtype_of(argument.scalar);
  const auto dtype = buffer.initial.dtype();
  if (expected && *expected != dtype) {
    throw ingot::Error(
        ingot::ErrorCode::kInvalidArgument,
        "argument " + describe(argument),
        fmt::format("{} {} {}, not {}",
                    buffer.in_path.empty() ? buffer.out_path : buffer.in_path,
                    buffer.in_path.empty() ? "is asked for as" : "holds",
                    to_string(dtype),
                    to_string(*expected)),
        buffer.in_path.empty()
            ? fmt::format("--out {}=FILE:{}:SHAPE", argument.index, to_string(*expected))
            : fmt::format("save it as {}", to_string(*expected)));
  }
  check_size(buffer.in_path.empty() ? "--out" : "--in", argument, buffer.initial.bytes());
}

}  // namespace

void add_buffer_options(CLI::App& command, BufferArguments& arguments) {
  const auto repeated = [&](const char* name,
                            std::vector<std::string>& values,
                            const char* help,
                            const char* placeholder) {
    ingot::cli::add_repeated(command, name, values, help)->type_name(placeholder);
  };
  repeated("--in", arguments.in, "Buffer with the content of a .npy file", "INDEX=FILE");
  repeated("--inout", arguments.inout, "The same, and the file is replaced", "INDEX=FILE");
  repeated("--out", arguments.out, "File for a buffer", "INDEX=FILE[:TYPE:SHAPE]");
  repeated("--bytes", arguments.bytes, "Values, as setBytes passes them", "INDEX=TYPE:VALUE[,...]");
  repeated(
      "--threadgroup", arguments.threadgroup, "Length of a threadgroup argument", "INDEX=BYTES");
  command.add_option("--fill", arguments.fill, "What fresh buffers are filled with")
      ->type_name("VALUE")
      ->capture_default_str();
}

RunBuffers::RunBuffers(const BufferArguments& arguments) {
  for (const std::string& text : arguments.bytes) {
    const auto [slot, value] = parse_assignment("--bytes", text);
    bytes_.push_back({parse_slot(slot), parse_values("--bytes", value)});
  }
  for (const std::string& text : arguments.threadgroup) {
    const auto [slot, value] = parse_assignment("--threadgroup", text);
    threadgroup_.push_back(
        {parse_slot(slot),
         static_cast<std::size_t>(ingot::cli::parse_count("--threadgroup", value))});
  }
  read_inputs("--in", arguments.in, false);
  read_inputs("--inout", arguments.inout, true);
  read_outputs(arguments.out, arguments.fill);
  std::set<std::string> paths;
  for (RunBuffer& buffer : buffers_) {
    if (buffer.out_path.empty()) {
      continue;
    }
    if (!paths.insert(buffer.out_path).second) {
      throw UsageError("--out", fmt::format("'{}' is given for two buffers", buffer.out_path));
    }
    buffer.file.emplace(buffer.out_path);
  }
}

// "SLOT=FILE", or "SLOT:DTYPE=FILE" to convert.
void RunBuffers::read_inputs(const char* option,
                             const std::vector<std::string>& texts,
                             bool is_written) {
  for (const std::string& text : texts) {
    const auto [target, path] = parse_assignment(option, text);
    const std::size_t colon = std::min(target.find(':'), target.size());
    RunBuffer& buffer = buffers_.emplace_back(parse_slot(target.substr(0, colon)));
    if (colon < target.size()) {
      buffer.read_as =
          ingot::cli::from_usage([&] { return ingot::parse_dtype(target.substr(colon + 1)); });
    }
    buffer.in_path = path;
    buffer.out_path = is_written ? std::string(path) : "";
  }
}

void RunBuffers::read_outputs(const std::vector<std::string>& texts, const std::string& fill) {
  for (const std::string& text : texts) {
    const auto [target, value] = parse_assignment("--out", text);
    const Slot slot = parse_slot(target);
    const auto known = std::ranges::find_if(
        buffers_, [&](const RunBuffer& buffer) { return is_same(buffer.slot, slot); });
    if (known != buffers_.end()) {
      known->out_path = value;
      continue;
    }
    const std::optional<Fresh> fresh = parse_fresh(value);
    if (!fresh) {
      throw UsageError("--out",
                       fmt::format("'{}' has neither an --in nor a type and shape", text),
                       fmt::format("--out {}:f32:256, or 16x16", text));
    }
    RunBuffer& buffer = buffers_.emplace_back(slot);
    buffer.out_path = fresh->path;
    buffer.initial = filled(*fresh, fill);
  }
}

void RunBuffers::bind(Kernel& kernel) {
  std::set<unsigned> bound;
  const auto once = [&](const char* option, const Argument& argument) {
    if (!bound.insert(argument.index).second) {
      throw UsageError(option, fmt::format("{} is given twice", describe(argument)));
    }
  };
  for (const Bytes& bytes : bytes_) {
    const Argument& argument =
        ingot::cli::from_usage([&]() -> auto& { return kernel.argument(bytes.slot); });
    once("--bytes", argument);
    check_size("--bytes", argument, bytes.value.size());
    kernel.bytes(bytes.slot, bytes.value);
  }
  for (RunBuffer& buffer : buffers_) {
    const Argument& argument =
        ingot::cli::from_usage([&]() -> auto& { return kernel.argument(buffer.slot); });
    once(buffer.in_path.empty() ? "--out" : "--in", argument);
    buffer.argument = &argument;
    if (!buffer.in_path.empty()) {
      try {
        buffer.initial = ingot::read_npy(buffer.in_path, buffer.read_as);
      } catch (const ingot::Error& error) {
        throw ingot::Error(error.code(),
                           "argument " + describe(argument),
                           error.subject() + " " + error.problem(),
                           error.remedy());
      }
    }
    check_array(argument, buffer);
    const std::span<std::byte> initial(buffer.initial.data(), buffer.initial.bytes());
    if (argument.is_read_only) {
      buffer.result = buffer.initial;
      kernel.buffer(buffer.slot, initial);
    } else {
      buffer.result = copy_of(buffer.initial);
      std::span<std::byte> result(buffer.result.data(), buffer.result.bytes());
      kernel.inout(buffer.slot, result);
    }
  }
  for (const auto& [slot, bytes] : threadgroup_) {
    ingot::cli::from_usage([&] { kernel.threadgroup(slot, bytes); });
  }
  check_complete(kernel);
}

// Everything that is missing at once, with the option that gives it.
void RunBuffers::check_complete(const Kernel& kernel) const {
  std::vector<std::string> missing;
  for (const Argument& argument : kernel.arguments()) {
    if (argument.is_disabled) {
      continue;
    }
    const auto is_it = [&](const Slot& slot) {
      return slot.name() != nullptr ? *slot.name() == argument.name
                                    : slot.index() == argument.index;
    };
    const bool given = argument.is_threadgroup
                           ? std::ranges::any_of(threadgroup_, is_it, &Threadgroup::slot)
                           : std::ranges::any_of(buffers_, is_it, &RunBuffer::slot) ||
                                 std::ranges::any_of(bytes_, is_it, &Bytes::slot);
    if (!given) {
      missing.push_back(fmt::format("{} with {}",
                                    describe(argument),
                                    argument.is_threadgroup ? "--threadgroup"
                                    : argument.is_reference ? "--bytes"
                                    : argument.is_read_only ? "--in"
                                                            : "--in or --out"));
    }
  }
  if (!missing.empty()) {
    throw UsageError("arguments", fmt::format("not given: {}", fmt::join(missing, "; ")));
  }
}

void RunBuffers::write() {
  for (RunBuffer& buffer : buffers_) {
    if (buffer.file) {
      ingot::write_npy(*buffer.file, buffer.result);
    }
  }
  for (RunBuffer& buffer : buffers_) {
    if (buffer.file) {
      buffer.file->commit();
    }
  }
}

std::vector<std::vector<std::byte>> RunBuffers::snapshot() const {
  std::vector<std::vector<std::byte>> copies;
  for (const RunBuffer& buffer : buffers_) {
    const std::byte* data = buffer.result.data();
    copies.emplace_back(data, data + (buffer.argument->is_read_only ? 0 : buffer.result.bytes()));
  }
  return copies;
}

}  // namespace softmetal::tool
