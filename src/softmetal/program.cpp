#include "softmetal/program.hpp"

#include <algorithm>
#include <charconv>
#include <dlfcn.h>
#include <optional>

#include "ingot/error.hpp"

#include "core/hash.hpp"
#include "msl/host_emitter.hpp"
#include "msl/reader.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;
namespace {

constexpr const char* kSourceName = "program_source";

// Preprocessed text that has passed the checks, from the cache if it has passed them before.
ingot::msl::Module read_checked(std::string_view source, const Program::Options& options) {
  const Toolchain& toolchain = Toolchain::get();
  std::vector<std::string> macros = {"__METAL__=1",
                                     "__METAL_MACOS__=1",
                                     "__METAL_VERSION__=" + std::to_string(options.metal_version),
                                     "__HAVE_BFLOAT__=1",
                                     "__HAVE_ATOMIC_ULONG__=1",
                                     "__HAVE_ATOMIC_ULONG_MIN_MAX__=1",
                                     "__HAVE_QUADGROUP__=1",
                                     "__HAVE_SIMDGROUP__=1",
                                     "__HAVE_SIMDGROUP_BALLOT__=1",
                                     "__HAVE_SIMDGROUP_MATRIX__=1",
                                     "__HAVE_SIMDGROUP_REDUCTION__=1",
                                     "__HAVE_SIMDGROUP_SHUFFLE_AND_FILL__=1"};
  macros.insert(macros.end(), options.macros.begin(), options.macros.end());
  ingot::Hasher hasher;
  hasher.add(toolchain.identity()).add(source);
  for (const std::string& macro : macros) {
    hasher.add(macro);
  }
  const std::string key = "source-" + hasher.finish().hex();
  if (std::optional<std::string> text = toolchain.cache().get(key)) {
    return ingot::msl::read_module(std::move(*text), kSourceName);
  }
  const std::string text = toolchain.preprocess(source, macros);
  ingot::msl::Module module = ingot::msl::read_module(text, kSourceName);
  toolchain.check(ingot::msl::emit_host({.module = &module, .kernel = nullptr, .constants = {}}));
  toolchain.cache().put(key, text);
  return module;
}

// Whether a word of the source names a function in which threads wait for each other.
bool words_may_block(const ingot::msl::Module& module) {
  const auto& tokens = module.lexed.tokens;
  return std::any_of(tokens.begin(), tokens.end(), [&](const auto& token) {
    const std::string_view word = module.lexed.spelling(token);
    return word == "threadgroup_barrier" || word.starts_with("simd_") ||
           word.starts_with("simdgroup_") || word.starts_with("quad_");
  });
}

unsigned max_threads_of(const ingot::msl::Kernel& kernel) {
  const std::string& limit = kernel.max_total_threads_per_threadgroup;
  unsigned threads = kMaxThreads;
  const auto [end, error] = std::from_chars(limit.data(), limit.data() + limit.size(), threads);
  if (!limit.empty() && (error != std::errc() || end != limit.data() + limit.size())) {
    throw Error(ErrorCode::kUnsupported,
                ingot::msl::to_string(kernel.location),
                "max_total_threads_per_threadgroup(" + limit + ") of the kernel '" + kernel.name +
                    "' is not a number",
                "write the number out");
  }
  return std::min(threads, kMaxThreads);
}

}  // namespace

Program::Program(std::string_view source, const Options& options)
    : module_(read_checked(source, options)), may_block_(words_may_block(module_)) {}

Specialisation Program::specialise(std::string_view name, const Constants& constants) const {
  const ingot::msl::Kernel* kernel = module_.find(name);
  if (kernel == nullptr) {
    throw Error(ErrorCode::kNotFound, std::string(name), "the library has no kernel of this name");
  }
  return {
      .name = kernel->name,
      .text = ingot::msl::emit_host({.module = &module_, .kernel = kernel, .constants = constants}),
      .parameters = module_.function(*kernel).parameters,
      .max_threads = max_threads_of(*kernel),
      .may_block = may_block_,
  };
}

Build choose_build(const Specialisation& specialisation) {
  const Options chosen = options();
  Build build;
  build.checked = !chosen.checks.empty();
  build.never_blocks = !specialisation.may_block && !build.checked && !chosen.schedule;
  return build;
}

Executable::Executable(const Specialisation& specialisation, const Build& build)
    : build_(build), path_(Toolchain::get().compile(specialisation.text, build)) {
  object_ = dlopen(path_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object_ == nullptr) {
    throw Error(ErrorCode::kIo, path_.string(), dlerror());
  }
  entry_ = static_cast<const Entry*>(dlsym(object_, "softmetal_entry"));
  entry_->set_runtime(&runtime());
  layout_ = std::make_unique<ThreadgroupLayout>(*entry_);
}

Executable::~Executable() {
  if (object_ != nullptr) {
    dlclose(object_);
  }
}

}  // namespace softmetal
