// The program `softmetal`.
#include "program/program.hpp"
#include "softmetal/tool/commands.hpp"

int main(int argc, char** argv) {
  ingot::cli::Program program("softmetal",
                              "softmetal: checks and runs Metal compute shaders without a Mac",
                              SOFTMETAL_VERSION);
  program.app.footer(
      "\nExamples:\n"
      "  softmetal list scan.metal\n"
      "  softmetal check shaders/*.metal\n"
      "  softmetal run scan.metal --kernel scan --grid 256 --threads 64 --in 0=x.npy \\\n"
      "      --out 1=y.npy:f32:256 --check all\n"
      "\nExit codes: 0 done, 1 failed or something was found, 2 wrong usage.\n"
      "'softmetal COMMAND --help' tells more.");
  softmetal::tool::add_msl_commands(program.app, program.common);
  ingot::cli::add_completion(program.app, program.common, softmetal::tool::completions);
  return program.run(argc, argv);
}
