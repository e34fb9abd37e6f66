#include "softmetal/preprocessor.hpp"

#include <algorithm>
#include <optional>

#include "core/hash.hpp"
#include "core/read_file.hpp"
#include "msl/predefined_macros.hpp"

namespace softmetal {
namespace fs = std::filesystem;
namespace {

// Begins a line of a remembered text that names a file it was made from, and the file's hash.
constexpr std::string_view kDependency = "//from ";

std::optional<std::string> hash_of_file(const fs::path& path) {
  const std::optional<std::string> text = ingot::read_file(path);
  return text ? std::optional(ingot::hash128(*text).hex()) : std::nullopt;
}

// A remembered text, without the lines that name the files that it was made from; nothing unless
// they are still the same.
std::optional<std::string> current_text(std::string_view text) {
  while (text.starts_with(kDependency)) {
    const std::string_view line = text.substr(0, text.find('\n'));
    const std::string_view entry = line.substr(kDependency.size());
    const std::size_t space = std::min(entry.find(' '), entry.size() - 1);
    if (hash_of_file(entry.substr(space + 1)) != entry.substr(0, space)) {
      return std::nullopt;
    }
    text.remove_prefix(std::min(line.size() + 1, text.size()));
  }
  return std::string(text);
}

std::vector<std::string> all_macros(const SourceOptions& options) {
  std::vector<std::string> macros = ingot::msl::predefined_macros(options.metal_version);
  macros.insert(macros.end(), options.macros.begin(), options.macros.end());
  return macros;
}

std::string key_of(std::string_view source,
                   const std::vector<std::string>& macros,
                   const SourceOptions& options) {
  ingot::Hasher hasher;
  hasher.add(Toolchain::get().identity()).add(source).add(options.file.string());
  hasher.add(options.strict ? 1 : 0).add(macros.size());
  for (const std::string& macro : macros) {
    hasher.add(macro);
  }
  for (const fs::path& directory : options.include_directories) {
    hasher.add(directory.string());
  }
  if (!options.file.empty() || !options.include_directories.empty()) {
    std::error_code ignored;
    hasher.add(fs::current_path(ignored).string());  // what relative paths mean
  }
  return "source-" + hasher.finish().hex();
}

}  // namespace

Preprocessed::Preprocessed(std::string_view source, const SourceOptions& options)
    : name_(options.file.empty() ? std::string(kSourceName) : options.file.string()) {
  const Toolchain& toolchain = Toolchain::get();
  const std::vector<std::string> macros = all_macros(options);
  key_ = key_of(source, macros, options);
  if (const std::optional<std::string> remembered = toolchain.cache().get(key_)) {
    if (std::optional<std::string> text = current_text(*remembered)) {
      text_ = std::move(*text);
      has_passed_ = true;
      return;
    }
  }
  // Beside a text without a file there is nothing to include.
  std::vector<fs::path> directories;
  if (!options.file.empty()) {
    directories.push_back(options.file.has_parent_path() ? options.file.parent_path() : ".");
  }
  text_ = toolchain.preprocess(source,
                               {.name = name_,
                                .macros = macros,
                                .quoted_directories = directories,
                                .directories = options.include_directories});
}

void Preprocessed::remember(const std::vector<std::string>& files) const {
  std::string text;
  for (const std::string& file : files) {
    std::error_code ignored;
    if (file == name_ || !fs::is_regular_file(file, ignored)) {
      continue;
    }
    if (const auto hash = hash_of_file(file)) {
      text += std::string(kDependency) + *hash + " " + file + "\n";
    }
  }
  Toolchain::get().cache().put(key_, text + text_);
}

}  // namespace softmetal
