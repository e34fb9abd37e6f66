// A Metal source, and the kernels compiled from it.
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "msl/module.hpp"
#include "softmetal/block_counter.hpp"
#include "softmetal/build.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/preprocessor.hpp"

namespace softmetal {

/// C++ literals of function constants, by index ("3") or name.
using Constants = std::map<std::string, std::string>;

/// One kernel with one choice of constants as the C++ text to compile.
struct Specialisation {
  std::string name;
  std::string callable;  // "f<float>"
  std::string place;     // "file:line:column" of that in the source
  std::string text;
  std::string source_id;  // eight digits, equal for the kernels of one source
  std::vector<ingot::msl::Parameter> parameters;
  std::map<unsigned, ingot::msl::ThreadgroupVariable> threadgroup;  // by their ordinal
  unsigned max_threads = kMaxThreads;
  bool may_block = true;  // threads wait for each other
};

/// A source that has passed the checks.
class Program {
 public:
  using Options = SourceOptions;

  /// Preprocesses, reads and checks a source. Throws ingot::Error(kCompile) with file:line:column.
  Program(std::string_view source, const Options& options);

  const ingot::msl::Module& module() const { return module_; }

  /// Throws ingot::Error: kNotFound for an unknown name, kCompile when a constant is missing.
  Specialisation specialise(std::string_view kernel, const Constants& constants) const;

 private:
  ingot::msl::Module module_;
};

/// The build of a kernel that the options ask for. Throws ingot::Error (kUnsupported) when they ask
/// for checks and coverage at once.
Build choose_build(const Specialisation& specialisation, const Options& chosen);

/// A kernel in memory, ready to run.
class Executable {
 public:
  /// Compiles a specialisation, or takes it from the cache, and loads it. Throws
  /// ingot::Error(kCompile).
  Executable(const Specialisation& specialisation, const Build& build);
  ~Executable();
  Executable(const Executable&) = delete;
  Executable& operator=(const Executable&) = delete;

  const Build& build() const { return build_; }
  /// Where its code and constants lie.
  struct Range {
    std::uintptr_t begin = 0;
    std::uintptr_t end = 0;
  };
  Range memory() const { return memory_; }
  const Entry& entry() const { return *entry_; }
  const ThreadgroupLayout& layout() const { return *layout_; }

  /// Of a checked build: reads of variables without a value that the compiler sees.
  const std::vector<Finding>& uninitialised_uses() const { return uninitialised_uses_; }

  /// The members of the structs that the kernel takes in buffers, for argument encoders.
  std::span<const ArgumentMember> argument_members() const;

 private:
  const Build build_;
  Range memory_;
  void* object_ = nullptr;
  const Entry* entry_ = nullptr;
  std::unique_ptr<ThreadgroupLayout> layout_;
  std::vector<Finding> uninitialised_uses_;
  std::unique_ptr<BlockCounter> counter_;  // of a build with coverage
};

}  // namespace softmetal
