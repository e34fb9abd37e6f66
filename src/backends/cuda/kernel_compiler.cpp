#include "backends/cuda/kernel_compiler.hpp"

#include <bit>
#include <charconv>
#include <fmt/format.h>
#include <span>

#include "ingot/error.hpp"

#include "backends/cuda/embedded_kernels.hpp"
#include "backends/cuda/nvrtc.hpp"
#include "backends/cuda/preprocess.hpp"
#include "core/embedded.hpp"
#include "core/hash.hpp"
#include "core/text.hpp"
#include "msl/reader.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> cuda_shim;
extern const std::span<const EmbeddedFile> softmetal_shim;
}  // namespace embedded

namespace cuda {
extern const std::string_view translator_identity;  // a hash of its sources, made by the build

namespace {

std::string literal(const FunctionConstant& constant) {
  struct Spell {
    std::string operator()(bool value) const { return value ? "true" : "false"; }
    // The least integer has no literal of its own.
    std::string operator()(std::int32_t value) const { return fmt::format("int({}ll)", value); }
    std::string operator()(std::uint32_t value) const { return fmt::format("{}u", value); }
    // By its bits: a NaN or an infinity has no literal.
    std::string operator()(float value) const {
      return fmt::format("__builtin_bit_cast(float, {:#x}u)", std::bit_cast<std::uint32_t>(value));
    }
  };
  return std::visit(Spell(), constant.value);
}

// Everything that compiled code depends on beside the source itself.
const std::string& identity_of_library() {
  static const std::string identity = [] {
    Hasher hasher;
    hasher.add(translator_identity);
    for (const auto& files : {embedded::cuda_shim, embedded::softmetal_shim}) {
      for (const EmbeddedFile& file : files) {
        hasher.add(file.path).add(file.text);
      }
    }
    return hasher.finish().hex();
  }();
  return identity;
}

// As lines: the entry, its parameters ("=3" by value, "@3" by address), then the image.
std::string serialise(const CompiledKernel& kernel) {
  std::string text = kernel.entry + "\n";
  for (const msl::EntryParameter& parameter : kernel.parameters) {
    text += fmt::format("{}{} ", parameter.by_value ? '=' : '@', parameter.buffer);
  }
  return text + "\n" + kernel.image;
}

// Of what serialise() gave: the cache hands out whole entries only.
CompiledKernel deserialise(std::string_view text) {
  const size_t first = text.find('\n');
  const size_t second = text.find('\n', first + 1);
  CompiledKernel kernel;
  kernel.entry = text.substr(0, first);
  for (const std::string_view word : split_words(text.substr(first + 1, second - first - 1))) {
    msl::EntryParameter parameter;
    parameter.by_value = word.front() == '=';
    std::from_chars(word.data() + 1, word.data() + word.size(), parameter.buffer);
    kernel.parameters.push_back(parameter);
  }
  kernel.image = text.substr(second + 1);
  return kernel;
}

}  // namespace

const msl::Module& KernelSource::module() {
  if (!module_) {
    module_ = msl::read_module(preprocess(source_), source_.name);
  }
  return *module_;
}

CompiledKernel KernelSource::compile(std::string_view function,
                                     const std::vector<FunctionConstant>& constants,
                                     const std::set<std::uint32_t>& in_memory,
                                     int architecture,
                                     std::optional<int> driver,
                                     const DiskCache* cache) {
  Hasher hasher;
  hasher.add(identity_of_library()).add(source_.name).add(source_.text).add(function);
  hasher.add(static_cast<std::uint64_t>(architecture));
  std::map<std::string, std::string> literals;
  for (const FunctionConstant& constant : constants) {
    literals[std::to_string(constant.index)] = literal(constant);
    hasher.add(constant.index).add(literals[std::to_string(constant.index)]);
  }
  for (const std::uint32_t buffer : in_memory) {
    hasher.add("in memory").add(buffer);
  }
  std::string key = fmt::format("sm{}-{}", architecture, hasher.finish().hex());
  if (const std::optional<std::string_view> bytes = embedded_kernel(key)) {
    return deserialise(*bytes);
  }
  if (driver) {
    key += fmt::format("-{}", *driver);
  }
  if (cache != nullptr) {
    if (const std::optional<std::string> bytes = cache->get(key)) {
      return deserialise(*bytes);
    }
  }
  const std::lock_guard lock(mutex_);
  const msl::Kernel* kernel = module().find(function);
  if (kernel == nullptr) {
    throw Error(ErrorCode::kNotFound,
                fmt::format("{}: {}", source_.name, function),
                "the source has no such kernel");
  }
  const msl::CudaTranslation translation = msl::emit_cuda(
      {.module = &module(), .kernel = kernel, .constants = std::move(literals)}, in_memory);
  const CompiledKernel compiled{
      translation.entry,
      translation.parameters,
      Nvrtc::get().compile(
          translation.text, fmt::format("{}: {}", source_.name, function), architecture)};
  if (cache != nullptr) {
    try {
      cache->put(key, serialise(compiled));
    } catch (const Error&) {  // full: the next process compiles again
    }
  }
  return compiled;
}

}  // namespace cuda
}  // namespace ingot
