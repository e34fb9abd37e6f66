#include "program/command.hpp"

#include <charconv>

#include "fmt/format.h"

namespace ingot::cli {

CLI::App& add_command(CLI::App& parent, const std::string& name, const Help& help, Common& common) {
  CLI::App* command = parent.add_subcommand(name, help.summary);
  command->add_flag("--json", common.json, "Print one JSON document instead of text");
  std::string footer;
  for (const std::string& paragraph : help.details) {
    footer += "\n" + paragraph + "\n";
  }
  footer += help.examples.size() == 1 ? "\nExample:" : "\nExamples:";
  for (const std::string& example : help.examples) {
    footer += "\n  " + example;
  }
  command->footer(footer);
  return *command;
}

std::string path_of(const CLI::App& command) {
  return command.get_parent() == nullptr
             ? command.get_name()
             : path_of(*command.get_parent()) + " " + command.get_name();
}

CLI::Option* add_repeated(CLI::App& command,
                          const std::string& name,
                          std::vector<std::string>& values,
                          const std::string& help) {
  return command.add_option(name, values, help)->allow_extra_args(false)->type_size(1);
}

int64_t parse_count(const std::string& subject, std::string_view text) {
  constexpr std::pair<char, int64_t> kUnits[] = {
      {'k', 1'000}, {'K', 1'000}, {'M', 1'000'000}, {'G', 1'000'000'000}};
  int64_t unit = 1;
  std::string_view digits = text;
  for (const auto& [letter, factor] : kUnits) {
    if (text.ends_with(letter)) {
      unit = factor;
      digits.remove_suffix(1);
    }
  }
  int64_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc{} || end != digits.data() + digits.size() || count < 1 ||
      __builtin_mul_overflow(count, unit, &count)) {
    throw UsageError(subject,
                     fmt::format("'{}' is not a count", text),
                     "give a whole number above 0, such as 1000000, 500k, 10M or 1G");
  }
  return count;
}

Assignment parse_assignment(const char* option, std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == text.size()) {
    throw UsageError(option, fmt::format("'{}' is not NAME=VALUE", text));
  }
  return {text.substr(0, equals), text.substr(equals + 1)};
}

void print_json(const Json& document) {
  // Names of files need not be UTF-8.
  fmt::print("{}\n", document.dump(2, ' ', false, Json::error_handler_t::replace));
}

Json json_of(const Error& error) {
  return {{"error",
           {{"code", to_string(error.code())},
            {"subject", error.subject()},
            {"problem", error.problem()},
            {"remedy", error.remedy()}}}};
}

}  // namespace ingot::cli
