#include "softmetal/program.hpp"

#include <algorithm>
#include <charconv>
#include <dlfcn.h>

#include "ingot/error.hpp"

#include "msl/host_emitter.hpp"
#include "msl/reader.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;
namespace {

// A module that has passed the checks, now or when the same source was met before.
ingot::msl::Module read_checked(std::string_view source, const Program::Options& options) {
  const Preprocessed preprocessed(source, options);
  ingot::msl::Module module = ingot::msl::read_module(preprocessed.text(), preprocessed.name());
  if (!preprocessed.has_passed()) {
    Toolchain::get().check(
        ingot::msl::emit_host({.module = &module, .kernel = nullptr, .constants = {}}));
    preprocessed.remember(module.lexed.files);
  }
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

std::span<const ArgumentMember> Executable::argument_members() const {
  const auto* table = static_cast<const ArgumentMemberTable*>(dlsym(object_, "softmetal_arguments"));
  return table == nullptr ? std::span<const ArgumentMember>()
                          : std::span(table->members, table->count);
}

Executable::~Executable() {
  if (object_ != nullptr) {
    dlclose(object_);
  }
}

}  // namespace softmetal
