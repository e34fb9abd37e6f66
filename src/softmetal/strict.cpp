#include "softmetal/strict.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>
#include <tuple>
#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "msl/host_emitter.hpp"
#include "msl/reader.hpp"
#include "msl/strict_emitter.hpp"
#include "softmetal/strict/compiler_messages.hpp"
#include "softmetal/strict/dialect.hpp"
#include "softmetal/strict/problem.hpp"
#include "softmetal/strict/tree_rules.hpp"
#include "softmetal/strict/word_rules.hpp"
#include "softmetal/toolchain.hpp"

namespace softmetal {
using ingot::Error;
using ingot::ErrorCode;
using ingot::msl::Module;
namespace {

constexpr std::string_view kCompileRule = "compile";  // what is wrong in any C++

void append(std::vector<Diagnostic>& to, std::vector<Diagnostic> more) {
  std::move(more.begin(), more.end(), std::back_inserter(to));
}

// One problem for each place and rule. What a rule of Metal says about a place is more than what
// C++ says about the same.
std::vector<Diagnostic> sorted(std::vector<Diagnostic> problems) {
  const auto key = [](const Diagnostic& d) {
    return std::tuple(std::tie(d.place.file, d.place.line, d.place.column),
                      d.rule == kCompileRule,
                      std::tie(d.rule, d.message));
  };
  std::sort(problems.begin(), problems.end(), [&](const auto& a, const auto& b) {
    return key(a) < key(b);
  });
  problems.erase(std::unique(problems.begin(),
                             problems.end(),
                             [](const Diagnostic& a, const Diagnostic& b) {
                               return a.place == b.place &&
                                      (a.rule == b.rule || b.rule == kCompileRule);
                             }),
                 problems.end());
  return problems;
}

Diagnostic from_error(const Error& error) {
  return {parse_place(error.subject()).value_or(Place()),
          Severity::kError,
          "metal",
          error.problem(),
          error.remedy()};
}

// The compiler's messages about C++; what it says about files of the library is said about the line
// that led there.
std::vector<Diagnostic> from_compiler(std::string_view output,
                                      const std::vector<std::string>& files) {
  const auto is_source = [&](const strict::CompilerMessage::Part& part) {
    return files.empty() || std::find(files.begin(), files.end(), part.file) != files.end();
  };
  std::vector<Diagnostic> problems;
  for (const strict::CompilerMessage& message : strict::read_messages(output)) {
    const strict::CompilerMessage::Part* where = &message.main;
    if (!is_source(*where)) {
      const auto note = std::find_if(message.notes.begin(), message.notes.end(), is_source);
      where = note != message.notes.end() ? &*note : where;
    }
    const bool is_missing_file = message.main.text.ends_with("file not found");
    problems.push_back({{std::string(where->file), where->position.line, where->position.column},
                        Severity::kError,
                        std::string(kCompileRule),
                        std::string(message.main.text),
                        is_missing_file ? "Metal has no headers but its own" : ""});
  }
  return problems;
}

std::vector<Diagnostic> check_cpp(const Module& module) {
  try {
    Toolchain::get().check(
        ingot::msl::emit_host({.module = &module, .kernel = nullptr, .constants = {}}));
    return {};
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCompile) {
      throw;
    }
    if (!error.subject().empty()) {
      return {from_error(error)};
    }
    return from_compiler(error.problem(), module.lexed.files);
  }
}

void check_thread_limits(const Module& module, std::vector<Diagnostic>& problems) {
  for (const ingot::msl::Kernel& kernel : module.kernels) {
    const std::string& limit = kernel.max_total_threads_per_threadgroup;
    unsigned threads = 0;
    std::from_chars(limit.data(), limit.data() + limit.size(), threads);
    if (threads > kMaxThreads) {
      problems.push_back(
          {{kernel.location.file, kernel.location.line, kernel.location.column},
           Severity::kError,
           "threads",
           fmt::format(
               "max_total_threads_per_threadgroup is {}; the limit is {}", threads, kMaxThreads),
           "a threadgroup has no more threads"});
    }
  }
}

// In a member function for device objects, the dialect takes these for constant.
bool comes_of_device_method(const strict::Analysed& program,
                            const strict::CompilerMessage& message) {
  const std::size_t token = program.token(message.main.position);
  const bool is_inside = std::any_of(program.text.device_methods.begin(),
                                     program.text.device_methods.end(),
                                     [&](const ingot::msl::TokenRange& range) {
                                       return token >= range.first && token < range.last;
                                     });
  return is_inside && message.main.text.find("__private") == std::string_view::npos &&
         message.main.text.find("__local") == std::string_view::npos;
}

}  // namespace

std::vector<Diagnostic> check_strict(const Module& module, unsigned metal_version) {
  const ingot::msl::StrictText text = ingot::msl::emit_strict(module);
  strict::Analysis analysis = strict::analyse(text.text);
  const strict::SyntaxTree tree(std::move(analysis.tree), analysis.file);
  const strict::Analysed program{module, text, tree};

  std::vector<Diagnostic> problems = strict::check_words(module);
  for (const strict::CompilerMessage& message : strict::read_messages(analysis.messages)) {
    if (message.main.file != analysis.file || comes_of_device_method(program, message)) {
      continue;
    }
    strict::Verdict verdict = strict::judge(message);
    if (!verdict.rule.empty()) {
      problems.push_back(strict::problem(module,
                                         program.token(message.main.position),
                                         verdict.rule,
                                         std::move(verdict.message),
                                         verdict.reason));
    }
  }
  append(problems, strict::check_address_spaces(program));
  append(problems, strict::check_calls(program));
  append(problems, strict::check_language(program, metal_version));
  append(problems, strict::check_threadgroup_memory(program));
  check_thread_limits(module, problems);
  return sorted(std::move(problems));
}

void require_strict(const Module& module, unsigned metal_version) {
  std::vector<Diagnostic> problems = check_strict(module, metal_version);
  std::erase_if(problems, [](const Diagnostic& d) { return d.severity == Severity::kWarning; });
  if (problems.empty()) {
    return;
  }
  std::string text = problems.front().message;
  for (auto problem = problems.begin() + 1; problem != problems.end(); ++problem) {
    text += "\n" + to_string(*problem);
  }
  throw Error(ErrorCode::kCompile,
              to_string(problems.front().place),
              text,
              problems.size() == 1 ? problems.front().reason : "");
}

std::vector<Diagnostic> find_problems(std::string_view source, const Program::Options& options) {
  std::optional<Preprocessed> preprocessed;
  try {
    preprocessed.emplace(source, options);
  } catch (const Error& error) {
    if (error.code() != ErrorCode::kCompile) {
      throw;
    }
    return from_compiler(error.problem(), {});
  }
  std::vector<Error> errors;
  std::optional<Module> module;
  try {
    module = ingot::msl::read_module(preprocessed->text(), preprocessed->name(), errors);
  } catch (const Error& error) {
    return {from_error(error)};
  }
  std::vector<Diagnostic> problems = check_strict(*module, options.metal_version);
  if (errors.empty()) {
    append(problems, check_cpp(*module));
  }
  std::transform(errors.begin(), errors.end(), std::back_inserter(problems), from_error);
  return sorted(std::move(problems));
}

}  // namespace softmetal
