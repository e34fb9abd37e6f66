// The command `completion`.
#include <map>
#include <memory>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "core/text.hpp"
#include "program/command.hpp"

namespace ingot::cli {
namespace {

struct Offered {
  const CLI::Option* option;
  std::vector<std::string> values;  // those known of it
};

// A command's words to offer, by its place: "ingot kernels show".
struct Node {
  std::vector<const CLI::App*> commands;
  std::vector<Offered> options;
};

constexpr const char* kShellValue = "SHELL";

// The words that a placeholder of --help stands for ("dot|cosine": these).
std::vector<std::string> words_of(const std::string& placeholder, const Completions& completions) {
  if (placeholder == kShellValue) {
    return {"bash", "zsh", "fish"};
  }
  if (placeholder.find('|') == std::string::npos) {
    return completions(placeholder);
  }
  std::vector<std::string> words;
  for (const std::string_view word : split_words(placeholder, "|")) {
    words.emplace_back(word);
  }
  return words;
}

void collect(const CLI::App& app,
             const std::string& path,
             const Completions& completions,
             std::map<std::string, Node>& nodes) {
  Node& node = nodes[path];
  for (const CLI::Option* option : app.get_options()) {
    node.options.push_back({option, words_of(option->get_type_name(), completions)});
  }
  node.commands = app.get_subcommands([](const CLI::App*) { return true; });
  for (const CLI::App* command : node.commands) {
    collect(*command, path + " " + command->get_name(), completions, nodes);
  }
}

std::vector<std::string> flags_of(const CLI::Option& option) {
  std::vector<std::string> flags;
  for (const std::string& name : option.get_lnames()) {
    flags.push_back("--" + name);
  }
  for (const std::string& name : option.get_snames()) {
    flags.push_back("-" + name);
  }
  return flags;
}

// bash completes by what is typed so far: the path of commands says which words and options come
// next, an option before the cursor which values. zsh runs the same through bashcompinit.
std::string bash_script(const std::string& program, const std::map<std::string, Node>& nodes) {
  std::string paths, words, values;
  for (const auto& [path, node] : nodes) {
    std::vector<std::string> offered;
    for (const CLI::App* command : node.commands) {
      offered.push_back(command->get_name());
      paths += fmt::format("      '{} {}') path=\"$path $word\" ;;\n", path, command->get_name());
    }
    for (const auto& [option, known] : node.options) {
      const std::vector<std::string> flags = flags_of(*option);
      offered.insert(offered.end(), flags.begin(), flags.end());
      if (option->get_positional()) {
        offered.insert(offered.end(), known.begin(), known.end());
        continue;
      }
      for (const std::string& flag : flags) {
        if (option->get_items_expected_max() > 0) {
          values += fmt::format("    '{} {}') words='{}' ;;\n", path, flag, fmt::join(known, " "));
        }
      }
    }
    words += fmt::format("    '{}') words='{}' ;;\n", path, fmt::join(offered, " "));
  }
  return fmt::format(R"(_{0}() {{
  local word path={0} words= current=${{COMP_WORDS[COMP_CWORD]}}
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case "$path $word" in
{1}    esac
  done
  case "$path" in
{2}  esac
  case "$path ${{COMP_WORDS[COMP_CWORD-1]}}" in
{3}  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}}
complete -o default -F _{0} {0}
)",
                     program,
                     paths,
                     words,
                     values);
}

std::string fish_script(const std::string& program, const std::map<std::string, Node>& nodes) {
  std::string text;
  for (const auto& [path, node] : nodes) {
    // The words of the path, without the program's name, must have been typed, and no further
    // command.
    std::string typed = "true";
    for (size_t at = path.find(' '); at != std::string::npos; at = path.find(' ', at + 1)) {
      const std::string word = path.substr(at + 1, path.find(' ', at + 1) - at - 1);
      typed += fmt::format("; and __fish_seen_subcommand_from {}", word);
    }
    std::vector<std::string> names;
    for (const CLI::App* command : node.commands) {
      names.push_back(command->get_name());
    }
    if (!names.empty()) {
      typed += fmt::format("; and not __fish_seen_subcommand_from {}", fmt::join(names, " "));
    }
    const std::string line = fmt::format("complete -c {} -n '{}'", program, typed);
    for (const CLI::App* command : node.commands) {
      text += fmt::format("{} -f -a {}\n", line, command->get_name());
    }
    for (const auto& [option, known] : node.options) {
      const std::string list =
          known.empty() ? "" : fmt::format(" -f -a '{}'", fmt::join(known, " "));
      if (option->get_positional()) {
        text += known.empty() ? "" : line + list + "\n";
        continue;
      }
      const bool takes_value = option->get_items_expected_max() > 0;
      for (const std::string& name : option->get_lnames()) {
        text += fmt::format("{} -l {}{}{}\n", line, name, takes_value ? " -r" : "", list);
      }
      for (const std::string& name : option->get_snames()) {
        text += fmt::format("{} -s {}{}{}\n", line, name, takes_value ? " -r" : "", list);
      }
    }
  }
  return text;
}

std::string script(const CLI::App& app, const Completions& completions, const std::string& shell) {
  const std::string program = app.get_name();
  std::map<std::string, Node> nodes;
  collect(app, program, completions, nodes);
  if (shell == "fish") {
    return fish_script(program, nodes);
  }
  return (shell == "zsh" ? "autoload -U +X bashcompinit && bashcompinit\n" : "") +
         bash_script(program, nodes);
}

}  // namespace

void add_completion(CLI::App& app, Common& common, const Completions& completions) {
  const std::string& program = app.get_name();
  const auto shell = std::make_shared<std::string>();
  const Help help = {"Print a script that completes commands, options and values",
                     {},
                     {fmt::format("eval \"$({} completion bash)\"", program),
                      fmt::format("eval \"$({} completion zsh)\"", program),
                      fmt::format("{} completion fish | source", program)}};
  CLI::App& command = add_command(app, "completion", help, common);
  command.add_option("shell", *shell, "bash, zsh or fish")
      ->required()
      ->type_name(kShellValue)
      ->check([](const std::string& text) {
        const bool known = text == "bash" || text == "zsh" || text == "fish";
        return known ? "" : "'" + text + "' is not bash, zsh or fish";
      });
  command.callback([&app, completions, shell, &common] {
    const std::string text = script(app, completions, *shell);
    if (common.json) {
      print_json({{"shell", *shell}, {"script", text}});
    } else {
      fmt::print("{}", text);
    }
  });
}

}  // namespace ingot::cli
