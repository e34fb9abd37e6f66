// Every command: help, text, JSON, exit codes.
#include "core/npy.hpp"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

using Cli = ProgramTest;

const std::vector<std::vector<std::string>> kCommands = {{"kernels"},
                                                         {"kernels", "list"},
                                                         {"kernels", "show"},
                                                         {"run"},
                                                         {"select"},
                                                         {"devices"},
                                                         {"pipeline"},
                                                         {"pipeline", "list"},
                                                         {"bench"},
                                                         {"route"},
                                                         {"estimate"},
                                                         {"calibrate"},
                                                         {"prices"},
                                                         {"prices", "list"},
                                                         {"prices", "set"},
                                                         {"prices", "import"},
                                                         {"init"},
                                                         {"check"},
                                                         {"mcp"},
                                                         {"health"},
                                                         {"watch"},
                                                         {"doctor"},
                                                         {"version"},
                                                         {"completion"}};

std::vector<std::string> with(std::vector<std::string> arguments,
                              const std::vector<std::string>& more) {
  arguments.insert(arguments.end(), more.begin(), more.end());
  return arguments;
}

TEST_F(Cli, EveryCommandHasHelpWithAnExample) {
  EXPECT_NE(ingot({"--help"}).out.find("Examples:"), std::string::npos);
  for (const auto& command : kCommands) {
    const Outcome outcome = ingot(with(command, {"--help"}));
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_EQ(outcome.err, "");
    EXPECT_NE(outcome.out.find("Example"), std::string::npos) << command.back();
    EXPECT_NE(outcome.out.find("  ingot " + command.front()), std::string::npos) << outcome.out;
  }
}

TEST_F(Cli, TheHelpOfTheProgramListsTheCommands) {
  const std::string help = ingot({"--help"}).out;
  for (const auto& command : kCommands) {
    EXPECT_NE(help.find("\n  " + command.front() + " "), std::string::npos) << command.front();
  }
}

TEST_F(Cli, JsonIsOneDocumentOnStandardOutput) {
  const std::vector<std::vector<std::string>> kCalls = {
      {"kernels", "list"},
      {"kernels", "show", "quantize_f32_to_f16"},
      {"devices"},
      {"doctor"},
      {"version"},
      {"pipeline", "list"},
      {"select"},
      {"select", "sort", "--size", "10M"},
      {"completion", "bash"},
      {"run", "QUANTIZE_F32_TO_F16", "--in", "x=random:f32:5"},
      {"bench", "QUANTIZE_F32_TO_F16", "--size", "1k", "--seconds", "0", "--device", "cpu"}};
  for (const auto& call : kCalls) {
    const Outcome outcome = ingot(with(call, {"--json"}));
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(outcome.err, "");
    EXPECT_NO_THROW(EXPECT_FALSE(outcome.json().contains("error"))) << outcome.out;
  }
}

TEST_F(Cli, OutputToAFileHasNoColours) {
  for (const auto& command : {"kernels list", "kernels show QUANTIZE_F32_TO_F16", "devices"}) {
    EXPECT_EQ(shell(std::string("ingot ") + command).out.find('\x1b'), std::string::npos);
  }
  EXPECT_EQ(shell("ingot run NONSENSE").err.find('\x1b'), std::string::npos);
}

TEST_F(Cli, WrongUsageExitsWithTwo) {
  write_npy(path("x.npy"), HostArray::of<float>({1, 2, 3}));
  const std::string run = "ingot run QUANTIZE_F32_TO_F16 ";
  const std::pair<std::string, std::string> kCases[] = {
      {"ingot", "command is missing"},
      {"ingot frobnicate", "frobnicate"},
      {"ingot kernels frobnicate", "frobnicate"},
      {"ingot devices --frobnicate", "--frobnicate"},
      {"ingot kernels show", "id"},
      {"ingot kernels show REDUCE_SOME", "did you mean"},
      {"ingot kernels list --domain Nothing", "Nothing"},
      {"ingot run REDUCE_SOME --in x=x.npy", "REDUCE_SOME"},
      {run, "'x' is missing"},
      {run + "--in z=x.npy", "'z'"},
      {run + "--in x", "NAME=VALUE"},
      {run + "--in x=", "NAME=VALUE"},
      {run + "--in x=x.npy --in x=x.npy", "twice"},
      {run + "--in x=x.npy --param k=3", "'k'"},
      {run + "--in x=x.npy --out z=z.npy", "'z'"},
      {run + "--in x=x.npy --device gpu", "gpu"},
      {run + "--in x:f99=x.npy", "f99"},
      {run + "--in x=random:f32:3x0", "'0'"},
      {"ingot run PRNG_PHILOX", "'n' is missing"},
      {"ingot run PRNG_PHILOX --param n=-1", "-1"},
      {"ingot run PRNG_PHILOX --param n=9223372036854775808", "9223372036854775807"},
      {"ingot run PRNG_PHILOX --param n=many", "many"},
      {"ingot bench --size ten", "ten"},
      {"ingot bench --size 0", "'0'"},
      {"ingot bench NONSENSE", "NONSENSE"},
      {"ingot bench --repeat 0", "--repeat"},
      {"ingot pipeline", "vector-search"},
      {"ingot pipeline frobnicate", "frobnicate"},
      {"ingot pipeline vector-search", "--database"},
      {"ingot pipeline vector-search --database x.npy --queries x.npy --k 0", "out of range"},
      {"ingot pipeline vector-search --database x.npy --queries x.npy --metric l7", "l7"},
      {"ingot completion tcsh", "tcsh"}};
  for (const auto& [line, wanted] : kCases) {
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.exit_code, 2) << line << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << line;
    EXPECT_TRUE(outcome.err.starts_with("ingot: ")) << line << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << line << "\n" << outcome.err;
    const Outcome json = shell(line + " --json");
    EXPECT_EQ(json.exit_code, 2) << line;
    EXPECT_EQ(json.err, "") << line;
    ASSERT_TRUE(json.json()["error"].contains("remedy")) << line << "\n" << json.out;
  }
  EXPECT_EQ(files(), std::set<std::string>{"x.npy"});
}

TEST_F(Cli, EveryKernelsExampleWorks) {
  const auto list = ingot({"kernels", "list", "--json"}).json();
  for (const auto& kernel : list["kernels"]) {
    const std::string id = kernel["id"];
    const auto record = ingot({"kernels", "show", id, "--json"}).json();
    const Outcome outcome = shell(std::string(record["example"]) + " --device cpu --json");
    ASSERT_EQ(outcome.exit_code, 0) << record["example"] << outcome.out << outcome.err;
    const auto result = outcome.json();
    for (const auto& output : result["outputs"]) {
      const HostArray array =
          read_npy(path(output["file"]), parse_dtype(std::string(output["dtype"])));
      EXPECT_EQ(nlohmann::json(array.shape().extents()), output["shape"]) << id;
    }
  }
}

TEST_F(Cli, KernelsAreListedByDomain) {
  const auto all = ingot({"kernels", "list", "--json"}).json()["kernels"];
  const auto some =
      ingot({"kernels", "list", "--domain", "quantization", "--json"}).json()["kernels"];
  EXPECT_FALSE(some.empty());
  EXPECT_LE(some.size(), all.size());
  for (const auto& kernel : some) {
    EXPECT_EQ(kernel["domain"], "Quantization");
  }
}

TEST_F(Cli, DevicesAreListedWithReasonsForTheMissing) {
  bool cpu = false;
  const auto document = ingot({"devices", "--json"}).json();
  for (const auto& device : document["devices"]) {
    cpu = cpu || (device["device"] == "cpu" && device["available"]);
    EXPECT_TRUE(device["available"] || device["reason"] != "") << device;
  }
  EXPECT_TRUE(cpu);
}

TEST_F(Cli, BenchWritesWhatItMeasured) {
  const Outcome outcome = ingot({"bench",
                                 "QUANTIZE_F32_TO_F16",
                                 "--size",
                                 "2k",
                                 "--seconds",
                                 "0",
                                 "--device",
                                 "cpu",
                                 "-o",
                                 "bench.json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("QUANTIZE_F32_TO_F16"), std::string::npos);
  const auto document = nlohmann::json::parse(text("bench.json"));
  EXPECT_GT(document["ceilings"]["copy_bytes_per_second"], 0.0);
  const auto& kernel = document["kernels"][0];
  EXPECT_EQ(kernel["bytes_read"], 8000.0);
  EXPECT_EQ(kernel["bytes_written"], 4000.0);
  EXPECT_GE(kernel["repeats"], 3);
  EXPECT_GT(kernel["seconds"], 0.0);
  EXPECT_NE(document["command"], "");
}

TEST_F(Cli, CompletionOffersCommandsAndKernels) {
  write("complete.sh",
        "eval \"$(ingot completion bash)\"\n"
        "complete_words() { COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); _ingot; "
        "echo \"${COMPREPLY[*]}\"; }\n"
        "complete_words ingot kern\n"
        "complete_words ingot kernels sh\n"
        "complete_words ingot kernels show QUANTIZE_F32\n"
        "complete_words ingot run QUANTIZE_F32_TO_F16 --dev\n"
        "complete_words ingot run QUANTIZE_F32_TO_F16 --device soft\n");
  const Outcome outcome = shell("bash complete.sh");
  EXPECT_EQ(outcome.out, "kernels\nshow\nQUANTIZE_F32_TO_F16\n--device\nsoftmetal\n")
      << outcome.err;
  EXPECT_EQ(ingot({"completion", "zsh"}).exit_code, 0);
  EXPECT_NE(ingot({"completion", "fish"}).out.find("QUANTIZE_F32_TO_F16"), std::string::npos);
}

}  // namespace
}  // namespace ingot
