#include "softmetal/tool/commands.hpp"

#include "softmetal/include/softmetal/checks.hpp"

namespace softmetal::tool {

void add_msl_commands(CLI::App& parent, ingot::cli::Common& common) {
  add_list(parent, common);
  add_check(parent, common);
  add_run(parent, common);
  add_translate(parent, common);
}

std::vector<std::string> completions(const std::string& placeholder) {
  if (placeholder == kScheduleValue) {
    return {"forward", "reverse", "random:1", "adversarial"};
  }
  std::vector<std::string> words;
  if (placeholder == kChecksValue) {
    words = {"all", "none"};
    for (std::size_t i = 0; i < kCheckCount; ++i) {
      words.emplace_back(name_of(static_cast<Check>(i)));
    }
  }
  return words;
}

}  // namespace softmetal::tool
