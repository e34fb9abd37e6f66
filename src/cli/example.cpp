#include "cli/example.hpp"

#include "cli/command.hpp"
#include "fmt/format.h"
#include "fmt/ranges.h"

namespace ingot::cli {

std::string example_command(const KernelRecord& record) {
  constexpr int64_t kElements = 1000;
  const Sample sample = record.sample(kElements);
  std::string command = fmt::format("ingot run {}", record.id);
  for (const Sample::Input& input : sample.inputs) {
    command += fmt::format(" --in {}=random:{}", input.name, to_string(input.dtype));
    if (input.shape.rank() > 0) {
      command += fmt::format(":{}", fmt::join(input.shape, "x"));
    }
  }
  for (const NamedValue& param : sample.params) {
    command += fmt::format(" --param {}={}", param.name, to_text(param.value));
  }
  for (const ArgSpec& output : record.outputs) {
    command += fmt::format(" --out {0}={0}.npy", output.name);
  }
  return command;
}

}  // namespace ingot::cli
