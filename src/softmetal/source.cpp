#include "softmetal/source.hpp"

#include <algorithm>
#include <fmt/format.h>

#include "ingot/error.hpp"

#include "core/read_file.hpp"
#include "core/text.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;

Source Source::file(const std::string& path) {
  std::optional<std::string> text = ingot::read_file(path);
  if (!text) {
    throw Error(ErrorCode::kIo, path, "cannot be read", "check its name and its permissions");
  }
  Source source(std::move(*text));
  source.path = path;
  return source;
}

Program::Options options_of(const Source& source) {
  Program::Options options;
  options.metal_version = source.metal_version;
  options.macros = source.macros;
  options.file = source.path;
  options.include_directories.assign(source.include_directories.begin(),
                                     source.include_directories.end());
  return options;
}

Program read_program(const Source& source) {
  return Program(source.text, options_of(source));
}

const ingot::msl::Kernel& find_kernel(const Program& program, const std::string& name) {
  if (const ingot::msl::Kernel* kernel = program.module().find(name)) {
    return *kernel;
  }
  std::vector<std::string> names;
  for (const auto& kernel : program.module().kernels) {
    names.push_back(kernel.name);
  }
  throw Error(ErrorCode::kNotFound,
              name,
              "the source has no kernel of this name",
              ingot::suggestion(name, names));
}

std::string to_string(const Slot& slot) {
  return slot.name() != nullptr ? *slot.name() : fmt::to_string(slot.index());
}

// Metal ignores values that the source has no constant for; a test that sets one has a mistake.
Constants literals(const Program& program, const std::vector<Constant>& constants) {
  const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  const auto values = NS::TransferPtr(MTL::FunctionConstantValues::alloc()->init());
  for (const Constant& constant : constants) {
    const auto& declared = program.module().constants;
    const auto found = std::ranges::find_if(declared, [&](const auto& candidate) {
      return constant.slot.name() != nullptr ? candidate.name == *constant.slot.name()
                                             : candidate.index == constant.slot.index();
    });
    if (found == declared.end()) {
      std::vector<std::string> names;
      for (const auto& candidate : declared) {
        names.push_back(fmt::format("{} (index {})", candidate.name, candidate.index));
      }
      throw Error(ErrorCode::kNotFound,
                  to_string(constant.slot),
                  "the source has no function constant of this name or index",
                  ingot::suggestion(to_string(constant.slot), names));
    }
    values->setConstantValue(constant.value.data(), constant.type, NS::UInteger{found->index});
  }
  return self(values.get())->constants;
}

}  // namespace softmetal
