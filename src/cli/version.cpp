// ingot version
#include "cli/command.hpp"
#include "fmt/format.h"

#include "catalogue/catalogue.hpp"

namespace ingot::cli {

void add_version(CLI::App& app, Common& common) {
  CLI::App& command =
      add_command(app, "version", {"Print the version", {}, {"ingot version --json"}}, common);
  command.callback([&common] {
    if (common.json) {
      print_json({{"version", INGOT_VERSION},
                  {"compiler", INGOT_COMPILER},
                  {"build", INGOT_BUILD},
                  {"kernels", catalogue().size()}});
      return;
    }
    fmt::print("ingot {} ({}, {} build, {} kernels)\n",
               INGOT_VERSION,
               INGOT_COMPILER,
               INGOT_BUILD,
               catalogue().size());
  });
}

}  // namespace ingot::cli
