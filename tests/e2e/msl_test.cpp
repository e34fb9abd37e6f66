// ingot msl, and the program softmetal with the same commands: good input and bad.
#include "core/npy.hpp"
#include "tests/e2e/program.hpp"

namespace ingot {
namespace {

constexpr const char* kShader = R"(#include <metal_stdlib>
using namespace metal;

constant uint factor [[function_constant(3)]];

template <typename T>
kernel void copy(device const T* x [[buffer(0)]], device T* y [[buffer(1)]],
                 uint i [[thread_position_in_grid]]) {
  y[i] = x[i];
}
template [[host_name("copy_f32")]] kernel void copy<float>(device const float*, device float*, uint);
template [[host_name("copy_u8")]] kernel void copy<uchar>(device const uchar*, device uchar*, uint);

struct Range {
  int low, high;
};

kernel void saxpy(device const float* x [[buffer(0)]],
                  device float* y [[buffer(1)]],
                  constant float& a [[buffer(2)]],
                  uint i [[thread_position_in_grid]]) {
  y[i] += a * x[i];
}

[[max_total_threads_per_threadgroup(64)]]
kernel void clamped(device int* x [[buffer(0)]],
                    constant Range& range [[buffer(1)]],
                    threadgroup int* scratch [[threadgroup(0)]],
                    uint i [[thread_position_in_grid]],
                    uint lane [[thread_index_in_threadgroup]]) {
  threadgroup int more[16];
  scratch[lane] = more[lane % 16] = x[i];
  x[i] = int(factor) * clamp(scratch[lane], range.low, range.high);
}

kernel void slow(device uint* x [[buffer(0)]]) {
  for (ulong i = 0; i < 1000000000000ul; ++i) {
    x[i % 4] = x[i % 4] * 1664525u + 1013904223u;
  }
}

kernel void leaves(device float* x [[buffer(0)]], uint i [[thread_position_in_grid]]) {
  if (i == 0) {
    return;
  }
  threadgroup_barrier(mem_flags::mem_none);
  x[i] = 1;
}
)";

class Msl : public ProgramTest {
 protected:
  Msl() {
    write("k.metal", kShader);
    write_npy(path("x.npy"), HostArray::of<float>({1, 2, 3, 4}));
    write_npy(path("ints.npy"), HostArray::of<int32_t>({-9, 1, 5, 99}));
  }

  template <class T>
  std::vector<T> values(const std::string& name) const {
    const HostArray array = read_npy(path(name));
    EXPECT_EQ(array.dtype(), dtype_of<T>);
    return {array.as<T>().begin(), array.as<T>().end()};
  }
};

const std::string kSaxpy = "ingot msl run k.metal --kernel saxpy --grid 4 --threads 2 ";

TEST_F(Msl, ListShowsKernelsArgumentsAndConstants) {
  const auto document = shell("ingot msl list k.metal --compile --json").json();
  ASSERT_EQ(document["kernels"].size(), 6u);
  const auto find = [&](const std::string& name) {
    for (const auto& kernel : document["kernels"]) {
      if (kernel["name"] == name) {
        return kernel;
      }
    }
    return nlohmann::json();
  };
  const auto clamped = find("clamped");
  EXPECT_EQ(clamped["line"], 26);
  EXPECT_EQ(clamped["max_threads_per_threadgroup"], 64);
  EXPECT_EQ(clamped["required_constants"], nlohmann::json({"factor"}));
  EXPECT_TRUE(clamped["threadgroup_bytes"].is_null());  // unknown without the constant
  EXPECT_EQ(clamped["arguments"][2]["kind"], "threadgroup");
  EXPECT_EQ(clamped["arguments"][3]["builtin"], "thread_position_in_grid");
  EXPECT_EQ(find("saxpy")["arguments"][0],
            (nlohmann::json{{"name", "x"},
                            {"kind", "buffer"},
                            {"type", "const float*"},
                            {"index", 0},
                            {"address_space", "device"},
                            {"read_only", true},
                            {"bytes", 4},
                            {"alignment", 4}}));
  EXPECT_EQ(
      document["function_constants"],
      (nlohmann::json{{{"name", "factor"}, {"index", 3}, {"type", "uint"}, {"required", true}}}));
  const std::string text = shell("ingot msl list k.metal").out;
  for (const char* wanted : {"copy_u8",
                             "thread_position_in_grid",
                             "read-only",
                             "more[16]",
                             "at most 64 threads",
                             "function constant"}) {
    EXPECT_NE(text.find(wanted), std::string::npos) << wanted << text;
  }
  EXPECT_EQ(shell("ingot msl list k.metal --filter 'copy_*' --json").json()["kernels"].size(), 2u);
  EXPECT_EQ(shell("ingot msl list k.metal --filter nothing").exit_code, 1);
}

TEST_F(Msl, HundredsOfKernelsAreATable) {
  std::string source =
      "template <int N> kernel void f(device int* x [[buffer(0)]]) { x[0] = N; }\n";
  for (int i = 0; i < 400; ++i) {
    const std::string n = std::to_string(i);
    source += "template [[host_name(\"f_" + n + "\")]] kernel void f<" + n + ">(device int*);\n";
  }
  write("many.metal", source);
  const std::string text = shell("ingot msl list many.metal").out;
  EXPECT_NE(text.find("400 kernels"), std::string::npos);
  EXPECT_EQ(text.find("device"), std::string::npos);
  EXPECT_NE(shell("ingot msl list many.metal --filter f_399").out.find("device"),
            std::string::npos);
}

TEST_F(Msl, RunBindsByIndexAndByName) {
  const Outcome outcome =
      shell(kSaxpy + "--in x=x.npy --bytes a=f32:2 --out 1=y.npy:f32:2x2 --fill 0.5");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(values<float>("y.npy"), (std::vector<float>{2.5, 4.5, 6.5, 8.5}));
  EXPECT_EQ(read_npy(path("y.npy")).shape(), Shape({2, 2}));
  EXPECT_NE(outcome.out.find("2.5 4.5"), std::string::npos) << outcome.out;

  ASSERT_EQ(shell(kSaxpy + "--in 0=x.npy --bytes 2=hex:0000803f --inout y=y.npy").exit_code, 0);
  EXPECT_EQ(values<float>("y.npy"), (std::vector<float>{3.5, 6.5, 9.5, 12.5}));

  const std::string both = "--in 0=x.npy --in 1=x.npy --out 1=z.npy --bytes 2=f32:1 --json";
  const auto document = shell(kSaxpy + both).json();
  EXPECT_EQ(values<float>("z.npy"), (std::vector<float>{2, 4, 6, 8}));
  EXPECT_EQ(values<float>("x.npy"), (std::vector<float>{1, 2, 3, 4}));
  EXPECT_EQ(document["outputs"][0]["file"], "z.npy");
  EXPECT_EQ(document["findings"], nlohmann::json::array());
}

TEST_F(Msl, ABufferNeedsNoFile) {
  const auto before = files();
  const Outcome outcome =
      shell(kSaxpy + "--out x=:f32:4 --fill 3 --bytes a=f32:2 --out y=:f32:4 --check all");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("9 9 9 9"), std::string::npos) << outcome.out;
  EXPECT_EQ(files(), before);
}

TEST_F(Msl, RunTakesConstantsStructsThreadgroupMemoryAndWholeGroups) {
  const Outcome outcome = shell(
      "ingot msl run k.metal --kernel clamped --groups 2 --threads 2 --inout 0=ints.npy "
      "--bytes range=i32:0,10 --threadgroup 0=16 --constant factor=u32:3 --repeat 3");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(values<int32_t>("ints.npy"), (std::vector<int32_t>{0, 3, 15, 30}));
  EXPECT_NE(outcome.out.find("median of 3"), std::string::npos) << outcome.out;
}

constexpr const char* kRacing = R"(#include <metal_stdlib>
using namespace metal;
kernel void total(device const float* x [[buffer(0)]],
                  device float* sum [[buffer(1)]],
                  uint i [[thread_index_in_threadgroup]],
                  uint n [[threads_per_threadgroup]]) {
  threadgroup float parts[64];
  parts[i] = x[i];
  BARRIER
  if (i == 0) {
    sum[0] = 0;
    for (uint j = 0; j < n; ++j) {
      sum[0] += parts[j];
    }
  }
}
)";

class MslRacing : public Msl {
 protected:
  MslRacing() {
    std::vector<float> values(64);
    for (size_t i = 0; i < values.size(); ++i) {
      values[i] = static_cast<float>(i);
    }
    write("racing.metal", kRacing);
    write_npy(path("x64.npy"), HostArray::of(values));
  }

  const std::string run_ =
      "ingot msl run racing.metal --kernel total --grid 64 --threads 64 --in x=x64.npy "
      "--out sum=sum.npy:f32:1 ";
  const std::string right_ = "-D 'BARRIER=threadgroup_barrier(mem_flags::mem_threadgroup);' ";
};

TEST_F(MslRacing, ChecksFindTheRaceAndWhereItIs) {
  const Outcome outcome = shell(run_ + "-D BARRIER= --check race --sarif log");
  EXPECT_EQ(outcome.exit_code, 1);
  for (const char* wanted : {"racing.metal:8:12: error: ",
                             " [race]\n    8 |   parts[i] = x[i];\n      |            ^\n",
                             "threadgroup variable 'parts' + 4 bytes (element 1 of float)",
                             "racing.metal:13:17: note: thread (0, 0, 0)",
                             "1 error"}) {
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << wanted << "\n" << outcome.err;
  }
  EXPECT_FALSE(files().contains("sum.npy"));
  const auto result = nlohmann::json::parse(text("log"))["runs"][0]["results"][0];
  EXPECT_EQ(result["ruleId"], "race");
  EXPECT_EQ(result["relatedLocations"].size(), 2u);

  const Outcome json = shell(run_ + "-D BARRIER= --check race --json");
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_EQ(json.err, "");
  const auto document = json.json();
  EXPECT_EQ(document["findings"][0]["accesses"][1]["thread"]["index_in_threadgroup"], 0);
  EXPECT_TRUE(document["outputs"][0]["file"].is_null());
}

TEST_F(MslRacing, SchedulesShowThatTheResultDependsOnThem) {
  const Outcome outcome = shell(run_ + "-D BARRIER= --schedules 20");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_NE(outcome.err.find("give different results: element 0 of buffer 1 'sum'"),
            std::string::npos)
      << outcome.err;
  EXPECT_FALSE(files().contains("sum.npy"));
  const auto difference = shell(run_ + "-D BARRIER= --schedules 20 --json").json()["difference"];
  EXPECT_EQ(difference["name"], "sum");
  EXPECT_NE(difference["forward"], difference["random"]);
}

TEST_F(MslRacing, NothingIsFoundInARightKernel) {
  const Outcome outcome = shell(run_ + right_ + "--check all --schedules 5");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  EXPECT_EQ(values<float>("sum.npy"), std::vector<float>{63 * 32});
}

TEST_F(MslRacing, CoverageIsALcovTracefile) {
  ASSERT_EQ(shell(run_ + right_ + "--coverage out.info").exit_code, 0);
  const std::string info = text("out.info");
  EXPECT_NE(info.find("racing.metal\n"), std::string::npos) << info;
  EXPECT_NE(info.find("\nDA:8,64\n"), std::string::npos) << info;
  EXPECT_EQ(shell(run_ + right_ + "--coverage out.info --check all").exit_code, 2);
}

TEST_F(Msl, HeadersAreFoundBesideTheSourceAndInFolders) {
  std::filesystem::create_directories(path("shaders"));
  std::filesystem::create_directories(path("common"));
  write("shaders/near.h", "constant int near_value = 3;\n");
  write("common/far.h", "constant int far_value = 4;\nint broken() { return OOPS; }\n");
  write("shaders/k.metal",
        "#include \"near.h\"\n#include <far.h>\n"
        "kernel void k(device int* x [[buffer(0)]]) { x[0] = near_value + far_value; }\n");
  const std::string run =
      "ingot msl run shaders/k.metal --kernel k --grid 1 --threads 1 --out 0=y.npy:i32:1 ";
  EXPECT_NE(shell(run).err.find("far.h"), std::string::npos);
  EXPECT_NE(shell(run + "-I common").err.find("common/far.h:2:23: error: "), std::string::npos)
      << shell(run + "-I common").err;
  ASSERT_EQ(shell(run + "-I common -D OOPS=0").exit_code, 0);
  EXPECT_EQ(values<int32_t>("y.npy"), std::vector<int32_t>{7});
}

TEST_F(Msl, RunComparesSchedules) {
  const Outcome outcome =
      shell(kSaxpy + "--in x=x.npy --bytes a=f32:2 --out y=y.npy:f32:4 --schedules 5");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("under 5 random schedules"), std::string::npos) << outcome.out;
}

TEST_F(Msl, CheckReportsEveryFileInOneRun) {
  write("one.metal", "kernel void a(device int* x [[buffer(0)]]) {\n  x[0] = y;\n}\n");
  write("two.metal",
        "template <typename T> kernel void b(device T* x [[buffer(0)]]) {\n  x[0] = x[1].z;\n}\n"
        "template [[host_name(\"b_int\")]] kernel void b<int>(device int*);\n"
        "template [[host_name(\"b_uint\")]] kernel void b<uint>(device uint*);\n");
  write("three.metal", "kernel void c(texture2d<float> t [[texture(0)]]) {}\n");
  const Outcome outcome =
      shell("ingot msl check one.metal k.metal two.metal three.metal --sarif log");
  EXPECT_EQ(outcome.exit_code, 1);
  for (const char* wanted :
       {"one.metal:2:10: error: use of undeclared identifier 'y' [compile]",
        "    2 |   x[0] = y;\n      |          ^\n",
        "two.metal:2:14: error: member reference base type 'int'",
        "two.metal:4:",  // the instantiation
        "three.metal:1:32: error: texture arguments are not supported: t [metal]"}) {
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << wanted << "\n" << outcome.err;
  }
  EXPECT_NE(outcome.out.find("4 files"), std::string::npos) << outcome.out;
  const auto log = nlohmann::json::parse(text("log"));
  EXPECT_GE(log["runs"][0]["results"].size(), 3u);

  const Outcome good = shell("ingot msl check k.metal --kernel saxpy --kernel copy_u8 -j 1 --json");
  EXPECT_EQ(good.exit_code, 0) << good.out;
  EXPECT_EQ(good.json()["kernels"], 2);
  EXPECT_EQ(good.json()["reports"], nlohmann::json::array());
  EXPECT_EQ(shell("ingot msl check k.metal --kernel sax").exit_code, 2);
}

TEST_F(Msl, WhatOnlyApplesCompilerRefusesIsAWarningUnlessStrict) {
  write("s.metal",
        "#include <metal_stdlib>\nvoid set(float* x) { *x = 1; }\n"
        "kernel void k(device float* x [[buffer(0)]]) { set(x); }\n");
  const Outcome outcome = shell("ingot msl check s.metal");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.err.find("s.metal:2:17: warning: "), std::string::npos) << outcome.err;
  EXPECT_NE(outcome.err.find("[address-space]"), std::string::npos) << outcome.err;
  for (const char* strict :
       {"ingot msl check s.metal --strict", "SOFTMETAL_STRICT=1 ingot msl check s.metal"}) {
    EXPECT_EQ(shell(strict).exit_code, 1);
    EXPECT_NE(shell(strict).err.find("s.metal:2:17: error: "), std::string::npos);
  }
  write("two.metal",
        "kernel void a(texture2d<float> t [[texture(0)]]) {}\nvoid f() { goto end; end:; }\n"
        "kernel void b(device int* x [[buffer(99)]]) {}\n");
  const std::string all = shell("ingot msl check two.metal").err;
  for (const char* wanted :
       {"two.metal:1:32: error: ", "two.metal:2:12: warning: ", "two.metal:3:27: error: "}) {
    EXPECT_NE(all.find(wanted), std::string::npos) << wanted << "\n" << all;
  }
}

TEST_F(Msl, MacrosChooseWhatIsCompiled) {
  write("m.metal",
        "#if !defined(SIZE) || __METAL_VERSION__ != 240\n#error wrong\n#endif\n"
        "kernel void k(device int* x [[buffer(0)]]) { x[0] = SIZE; }\n");
  EXPECT_EQ(shell("ingot msl check m.metal").exit_code, 1);
  const Outcome outcome = shell(
      "ingot msl run m.metal -D SIZE=7 --std metal2.4 --kernel k --grid 1 --threads 1 "
      "--out 0=y.npy:i32:1");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(values<int32_t>("y.npy"), std::vector<int32_t>{7});
}

TEST_F(Msl, TranslateWritesTheTextThatIsCompiled) {
  const Outcome all = shell("ingot msl translate k.metal --to host");
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_NE(all.out.find("y[i] += a * x[i];"), std::string::npos);
  EXPECT_EQ(all.out.find("SOFTMETAL_ENTRY"), std::string::npos);
  const Outcome one = shell(
      "ingot msl translate k.metal --to host --kernel clamped --constant 3=u32:5 -o clamped.cpp");
  ASSERT_EQ(one.exit_code, 0) << one.err;
  EXPECT_NE(text("clamped.cpp").find("SOFTMETAL_ENTRY((::clamped)"), std::string::npos);
  EXPECT_NE(text("clamped.cpp").find("= 5u"), std::string::npos);
}

TEST_F(Msl, FailuresExitWithOneAndWriteNothing) {
  write("bad.metal", "kernel void k(device int* x [[buffer(0)]]) { x[0] = y; }\n");
  write("empty.metal", "");
  write("doubles.bin", "not an array");
  std::filesystem::create_directory(path("folder"));
  const std::string data = INGOT_TEST_DATA;
  const std::pair<std::string, std::string> kCases[] = {
      {"ingot msl list none.metal", "none.metal"},
      {"ingot msl list folder", "folder"},
      {"ingot msl list empty.metal", "no kernels"},
      {"ingot msl list bad.metal", "bad.metal:1:53: error: "},
      {"ingot msl check none.metal", "none.metal"},
      {"ingot msl check bad.metal", "bad.metal:1:53: error: "},
      {"ingot msl check bad.metal --sarif none/log", "none/log"},
      {"ingot msl translate bad.metal --to host", "bad.metal:1:53: error: "},
      {"ingot msl translate k.metal --to host --kernel clamped", "function constant 'factor'"},
      {"ingot msl run bad.metal --kernel k --grid 1 --threads 1 --out 0=y.npy:i32:1",
       "bad.metal:1:53: error: "},
      {"ingot msl run k.metal --kernel saxy --grid 4 --threads 2", "did you mean saxpy?"},
      {"ingot msl run k.metal --kernel clamped --grid 4 --threads 2", "function constant 'factor'"},
      {"ingot msl run k.metal --kernel clamped --grid 4 --threads 2 --constant 4=u32:1",
       "factor (index 3)"},
      {kSaxpy + "--in x=none.npy --bytes a=f32:2 --out y=y.npy:f32:4", "none.npy"},
      {kSaxpy + "--in x=doubles.bin --bytes a=f32:2 --out y=y.npy:f32:4", "doubles.bin"},
      {kSaxpy + "--in x=" + data + "/numpy_f8.npy --bytes a=f32:2 --out y=y.npy:f32:4",
       "argument 0 'x' (const float*)"},
      {kSaxpy + "--in x=ints.npy --bytes a=f32:2 --out y=y.npy:f32:4", "holds i32, not f32"},
      {kSaxpy + "--in x=x.npy --bytes a=f32:2 --out y=y.npy:f16:4", "f16, not f32"},
      {kSaxpy + "--in x=x.npy --bytes a=f32:2 --out y=none/y.npy:f32:4", "none/y.npy"},
      {"ingot msl run k.metal --kernel saxpy --grid 4 --threads 2048 --in x=x.npy "
       "--bytes a=f32:2 --out y=y.npy:f32:4",
       "1024"},
      {"ingot msl run k.metal --kernel leaves --grid 4 --threads 4 --out 0=y.npy:f32:4",
       "barrier"}};
  const auto before = files();
  for (const auto& [line, wanted] : kCases) {
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.exit_code, 1) << line << "\n" << outcome.err;
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << line << "\n" << outcome.err;
    const Outcome json = shell(line + " --json");
    EXPECT_EQ(json.exit_code, 1) << line;
    EXPECT_EQ(json.err, "") << line;
    EXPECT_NO_THROW(json.json()) << line << "\n" << json.out;
    EXPECT_EQ(files(), before) << line;
  }
}

TEST_F(Msl, WrongUsageExitsWithTwo) {
  const std::string run = "ingot msl run k.metal --kernel saxpy ";
  const std::pair<std::string, std::string> kCases[] = {
      {"ingot msl", "list, check, run, translate"},
      {"ingot msl lint k.metal", "there is no command 'lint'"},
      {"ingot msl list", "file"},
      {"ingot msl list k.metal --std metal", "'metal'"},
      {"ingot msl check", "files"},
      {"ingot msl check k.metal -j 0", "0"},
      {"ingot msl check k.metal --kernel nothing", "'nothing'"},
      {"ingot msl translate k.metal --to opencl", "'opencl'"},
      {"ingot msl translate k.metal", "--to"},
      {"ingot msl translate k.metal --to host --constant 3=u32:1", "--kernel"},
      {run + "--threads 2", "neither --grid nor --groups"},
      {run + "--grid 4 --groups 2 --threads 2", "both --grid and --groups"},
      {run + "--grid 4", "--threads"},
      {run + "--grid 4x4 --threads 2", "'4x4'"},
      {run + "--grid 0 --threads 2", "'0'"},
      {kSaxpy + "--check everything", "everything"},
      {kSaxpy + "--schedule sideways", "sideways"},
      {kSaxpy + "--schedules 3 --repeat 2", "--repeat"},
      {kSaxpy + "--timeout 0", "--timeout"},
      {kSaxpy + "--in x", "NAME=VALUE"},
      {kSaxpy + "--bytes 2=2", "TYPE:VALUE"},
      {kSaxpy + "--bytes 2=f32:much", "'much'"},
      {kSaxpy + "--constant 3=9", "TYPE:VALUE"},
      {kSaxpy + "--out y=y.npy", "neither an --in nor a type and shape"},
      {kSaxpy + "--out y=y.npy:f99:4", "f99"},
      {kSaxpy + "--out y=y.npy:f32:4 --fill much", "'much'"},
      {kSaxpy + "--in 0=x.npy --in x=x.npy", "given twice"},
      {kSaxpy + "--in 0=x.npy --out 0=z.npy --out 1=z.npy:f32:4", "two buffers"},
      {kSaxpy + "--in z=x.npy", "'saxpy' has no buffer"},
      {kSaxpy + "--in x=x.npy --threadgroup 0=16", "no threadgroup argument"},
      {kSaxpy + "--in x=x.npy --out y=y.npy:f32:4", "2 'a' (float&) with --bytes"},
      {kSaxpy + "--in x=x.npy --bytes a=f16:1", "takes 4 bytes, but gets 2"}};
  const auto before = files();
  for (const auto& [line, wanted] : kCases) {
    const Outcome outcome = shell(line);
    EXPECT_EQ(outcome.exit_code, 2) << line << "\n" << outcome.err;
    EXPECT_EQ(outcome.out, "") << line;
    EXPECT_NE(outcome.err.find(wanted), std::string::npos) << line << "\n" << outcome.err;
    EXPECT_TRUE(shell(line + " --json").json().contains("error")) << line;
    EXPECT_EQ(files(), before) << line;
  }
}

TEST_F(Msl, AnInterruptedRunLeavesNothingBehind) {
  const auto before = files();
  const pid_t child = start({INGOT_PROGRAM,
                             "msl",
                             "run",
                             "k.metal",
                             "--kernel",
                             "slow",
                             "--timeout",
                             "3600",
                             "--grid",
                             "1",
                             "--threads",
                             "1",
                             "--out",
                             "0=y.npy:u32:4"});
  while (files() == before && waitpid(child, nullptr, WNOHANG) == 0) {
    usleep(1000);  // until the hidden file is there
  }
  kill(child, SIGINT);
  EXPECT_EQ(finish(child).exit_code, 130);
  EXPECT_EQ(files(), before);
}

TEST_F(Msl, EveryCommandHasHelpWithAnExample) {
  for (const char* command : {"list", "check", "run", "translate"}) {
    const Outcome outcome = ingot({"msl", command, "--help"});
    EXPECT_EQ(outcome.exit_code, 0);
    EXPECT_NE(outcome.out.find("  ingot msl " + std::string(command)), std::string::npos)
        << outcome.out;
  }
}

TEST_F(Msl, TheProgramSoftmetalHasTheSameCommands) {
  const Outcome help = shell("softmetal --help");
  for (const char* command : {"list", "check", "run", "translate", "completion"}) {
    EXPECT_NE(help.out.find("\n  " + std::string(command)), std::string::npos) << help.out;
  }
  EXPECT_EQ(shell("softmetal list k.metal --json").out, shell("ingot msl list k.metal --json").out);
  EXPECT_EQ(shell("softmetal check none.metal").err.substr(0, 10), "softmetal:");
  EXPECT_EQ(shell("softmetal completion bash | bash -n").exit_code, 0);
  const std::string script = shell("ingot completion bash").out;
  for (const char* wanted :
       {"'ingot msl run --check') words='all none bounds", "'ingot msl translate --to')"}) {
    EXPECT_NE(script.find(wanted), std::string::npos) << script;
  }
}

}  // namespace
}  // namespace ingot
