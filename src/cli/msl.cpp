// ingot msl
#include "cli/command.hpp"

#include "softmetal/tool/commands.hpp"

namespace ingot::cli {

void add_msl(CLI::App& app, Common& common) {
  const Help help = {"Look into, check and run Metal shaders, on any machine",
                     {},
                     {"ingot msl list scan.metal", "ingot msl check shaders/*.metal"}};
  CLI::App& msl = add_command(app, "msl", help, common);
  msl.require_subcommand(1);
  softmetal::tool::add_msl_commands(msl, common);
}

}  // namespace ingot::cli
