#include "softmetal/program.hpp"

#include <algorithm>
#include <charconv>
#include <dlfcn.h>
#include <link.h>
#include <utility>

#include "ingot/error.hpp"

#include "core/hash.hpp"
#include "msl/analysis.hpp"
#include "msl/host_emitter.hpp"
#include "msl/reader.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/strict.hpp"
#include "softmetal/toolchain.hpp"
#include "softmetal/uninitialised_uses.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;
namespace {

// Between threadgroup variables of a checked build.
constexpr std::size_t kCheckedGap = 256;

// A module that has passed the checks, now or when the same source was met before.
ingot::msl::Module read_checked(std::string_view source, const Program::Options& options) {
  const Preprocessed preprocessed(source, options);
  ingot::msl::Module module = ingot::msl::read_module(preprocessed.text(), preprocessed.name());
  if (!preprocessed.has_passed()) {
    Toolchain::get().check(
        ingot::msl::emit_host({.module = &module, .kernel = nullptr, .constants = {}}));
    if (options.strict) {
      require_strict(module, options.metal_version);
    }
    preprocessed.remember(module.lexed.files);
  }
  return module;
}

// Whether the kernel may reach a place where threads wait for each other: a function that is made
// for it, or a loop that looks at an atomic object.
bool may_block(const ingot::msl::Module& module, const ingot::msl::Kernel& kernel) {
  const auto words = ingot::msl::words_reached(module, kernel);
  const bool has_loop = words.contains("while") || words.contains("for") || words.contains("do");
  return std::ranges::any_of(words, [&](std::string_view word) {
    const bool looks_at_atomic = word.starts_with("atomic_") && word.ends_with("_explicit") &&
                                 !word.starts_with("atomic_store");
    return word == "threadgroup_barrier" || word.starts_with("simd_") ||
           word.starts_with("simdgroup_") || word.starts_with("quad_") ||
           word.starts_with("__metal_simd") || word.starts_with("__metal_get_thread") ||
           (has_loop && looks_at_atomic);
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

// The memory of the shared object that the address belongs to.
Executable::Range memory_around(const void* address) {
  struct Search {
    std::uintptr_t address;
    Executable::Range found;
  } search{reinterpret_cast<std::uintptr_t>(address), {}};
  dl_iterate_phdr(
      [](dl_phdr_info* object, std::size_t, void* data) {
        auto& wanted = *static_cast<Search*>(data);
        Executable::Range range{object->dlpi_addr, object->dlpi_addr};
        for (unsigned i = 0; i < object->dlpi_phnum; ++i) {
          const auto& segment = object->dlpi_phdr[i];
          if (segment.p_type == PT_LOAD) {
            range.end = std::max<std::uintptr_t>(
                range.end, object->dlpi_addr + segment.p_vaddr + segment.p_memsz);
          }
        }
        const bool holds = wanted.address >= range.begin && wanted.address < range.end;
        wanted.found = holds ? range : wanted.found;
        return holds ? 1 : 0;
      },
      &search);
  return search.found;
}

// A source that wants its unions of vectors copied is compiled without the check of vectors'
// copies.
//
// The compiler's message names the lines of a template, which many kernels share; the last line
// says which of them it is.
Toolchain::Compiled compile(const Specialisation& specialisation, const Build& build) {
  try {
    return Toolchain::get().compile(specialisation.text, build);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCompile) {
      throw;
    }
    if (build.checked && !build.plain_copies) {
      Build plain = build;
      plain.plain_copies = true;
      return compile(specialisation, plain);
    }
    throw Error(ErrorCode::kCompile,
                error.subject(),
                error.problem() + specialisation.place + ": note: in the kernel '" +
                    specialisation.name + "', " + specialisation.callable);
  }
}

}  // namespace

Program::Program(std::string_view source, const Options& options)
    : module_(read_checked(source, options)) {}

Specialisation Program::specialise(std::string_view name, const Constants& constants) const {
  const ingot::msl::Kernel* kernel = module_.find(name);
  if (kernel == nullptr) {
    throw Error(ErrorCode::kNotFound, std::string(name), "the library has no kernel of this name");
  }
  const ingot::msl::KernelFunction& function = module_.function(*kernel);
  std::map<unsigned, ingot::msl::ThreadgroupVariable> threadgroup;
  for (const auto& declaration : function.threadgroup) {
    for (const auto& variable : declaration.variables) {
      threadgroup.emplace(variable.ordinal, variable);
    }
  }
  return {
      .name = kernel->name,
      .callable = kernel->callable,
      .place = ingot::msl::to_string(kernel->location),
      .text = ingot::msl::emit_host({.module = &module_, .kernel = kernel, .constants = constants}),
      .source_id = ingot::hash128(module_.lexed.text).hex().substr(0, 8),
      .parameters = function.parameters,
      .threadgroup = std::move(threadgroup),
      .max_threads = max_threads_of(*kernel),
      .may_block = may_block(module_, *kernel),
  };
}

Build choose_build(const Specialisation& specialisation, const Options& chosen) {
  if (chosen.coverage && !chosen.checks.empty()) {
    throw Error(ErrorCode::kUnsupported,
                "coverage",
                "cannot be collected while checks are on",
                "run twice: with SOFTMETAL_CHECK, and with SOFTMETAL_COVERAGE");
  }
  Build build;
  build.checked = !chosen.checks.empty();
  build.coverage = chosen.coverage;
  build.never_blocks = !specialisation.may_block && !build.checked && !chosen.schedule;
  return build;
}

Executable::Executable(const Specialisation& specialisation, const Build& build) : build_(build) {
  const auto [path, warnings] = compile(specialisation, build);
  if (build.checked) {
    uninitialised_uses_ = softmetal::uninitialised_uses(warnings, specialisation.name);
  }
  object_ = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (object_ == nullptr) {
    throw Error(ErrorCode::kIo, path.string(), dlerror());
  }
  entry_ = static_cast<const Entry*>(dlsym(object_, "softmetal_entry"));
  entry_->set_runtime(&runtime());
  memory_ = memory_around(entry_);
  layout_ = std::make_unique<ThreadgroupLayout>(*entry_, build.checked ? kCheckedGap : 0);
  if (build_.coverage) {
    counter_ = std::make_unique<BlockCounter>(
        object_, path, specialisation.name, specialisation.source_id);
  }
}

std::span<const ArgumentMember> Executable::argument_members() const {
  const auto* table =
      static_cast<const ArgumentMemberTable*>(dlsym(object_, "softmetal_arguments"));
  return table == nullptr ? std::span<const ArgumentMember>()
                          : std::span(table->members, table->count);
}

Executable::~Executable() {
  counter_.reset();  // while the kernel is there
  if (object_ != nullptr) {
    dlclose(object_);
  }
}

}  // namespace softmetal
