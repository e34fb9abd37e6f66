#include "softmetal/tool/source_arguments.hpp"

#include <charconv>

#include "fmt/format.h"

namespace softmetal::tool {
namespace {

// "metal3.1" -> 310, as __METAL_VERSION__ says it.
unsigned parse_standard(std::string_view text) {
  const auto rest = text.substr(text.starts_with("metal") ? 5 : 0);
  unsigned major = 0;
  unsigned minor = 0;
  const char* end = rest.data() + rest.size();
  const auto [dot, no_major] = std::from_chars(rest.data(), end, major);
  if (no_major == std::errc() && dot != end && *dot == '.') {
    const auto [last, no_minor] = std::from_chars(dot + 1, end, minor);
    if (no_minor == std::errc() && last == end && major >= 1 && major <= 9 && minor <= 9) {
      return major * 100 + minor * 10;
    }
  }
  throw ingot::cli::UsageError(
      "--std", fmt::format("'{}' is not a version of the language", text), "--std metal3.1");
}

}  // namespace

void add_source_options(CLI::App& command, SourceArguments& arguments) {
  ingot::cli::add_repeated(command, "-D,--define", arguments.defines, "Define a macro")
      ->type_name("NAME[=VALUE]");
  ingot::cli::add_repeated(
      command, "-I,--include", arguments.include_directories, "Search this folder for #include")
      ->type_name("FOLDER");
  command.add_option("--std", arguments.standard, "Version of the language, for __METAL_VERSION__")
      ->type_name("metal2.4|metal3.0|metal3.1|metal3.2")
      ->capture_default_str();
}

Source read_source(const std::string& file, const SourceArguments& arguments) {
  const unsigned version = parse_standard(arguments.standard);
  Source source = Source::file(file);
  source.macros = arguments.defines;
  source.include_directories = arguments.include_directories;
  source.metal_version = version;
  return source;
}

}  // namespace softmetal::tool
