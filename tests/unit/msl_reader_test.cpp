#include <string>
#include <vector>

#include "gtest/gtest.h"

#include "msl/reader.hpp"
#include "tests/unit/msl_example.hpp"

namespace ingot::msl {
namespace {

Module read(std::string_view text) {
  return read_module(std::string(text), "f.metal");
}

std::string error_of(const std::string& text) {
  try {
    read(text);
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kCompile);
    return error.subject() + ": " + error.problem();
  }
  return "no error";
}

// "name: type @binding" of each parameter.
std::vector<std::string> parameters_of(const Module& module, std::string_view kernel) {
  std::vector<std::string> result;
  const Kernel* found = module.find(kernel);
  if (found == nullptr) {
    return {"no such kernel"};
  }
  for (const Parameter& p : module.function(*found).parameters) {
    std::string text = p.name + ": ";
    text += p.space == AddressSpace::kDevice        ? "device "
            : p.space == AddressSpace::kConstant    ? "constant "
            : p.space == AddressSpace::kThreadgroup ? "threadgroup "
                                                    : "";
    text += p.type + " @";
    text += p.binding.kind == BindingKind::kBuiltin       ? p.binding.builtin
            : p.binding.kind == BindingKind::kThreadgroup ? "tg" + std::to_string(p.binding.index)
                                                          : std::to_string(p.binding.index);
    text += p.is_const ? " const" : "";
    text += p.function_constant.empty() ? "" : " if " + p.function_constant;
    result.push_back(text);
  }
  return result;
}

using Words = std::vector<std::string>;

TEST(MslReader, FindsEveryEntryPoint) {
  const Module module = read(kExample);
  Words names;
  for (const Kernel& kernel : module.kernels) {
    names.push_back(kernel.name + " = " + kernel.callable + " max(" +
                    kernel.max_total_threads_per_threadgroup + ") " + to_string(kernel.location));
  }
  EXPECT_EQ(names,
            (Words{"tools::copy = tools::copy max() rows.metal:67:13",
                   "named = forward max(256) rows.metal:78:76",
                   "rows_f32_4 = rows<float, 4> max(128) rows.metal:54:74",
                   "rows_f16_8 = rows<half, 8> max(256) rows.metal:55:51",
                   "fill_four = tools::fill<Four> max() rows.metal:74:49"}));
  EXPECT_EQ(module.find("rows"), nullptr);
  EXPECT_EQ(module.find("fill_four")->scope, "tools");
}

TEST(MslReader, JoinsTheStringsOfAHostName) {
  const Module module = read("[[host_name(\"sum\" \"_f32\" \"\")]] kernel void f() {}");
  EXPECT_NE(module.find("sum_f32"), nullptr);
}

TEST(MslReader, EvaluatesConstantExpressionsInAttributes) {
  const Module module = read(
      "enum { first = 3, second };\n"
      "namespace slots { enum class Slot : uint { in = 0x1'0, out }; constant constexpr int step = "
      "2; }\n"
      "constant int base = 1u << 4 | 1, other{base ^ 3};\n"
      "constant bool flag [[function_constant(base + second * -1)]];\n"
      "constant uint n [[function_constant((10 - 4) / 2 % 2 ? 0b11 : 017)]];\n"
      "namespace slots {\n"
      "kernel void f(device int* a [[buffer(uint(Slot::out) - 0x10 + step)]],\n"
      "              device int* b [[buffer((int)first == 3 && !(second < 4))]],\n"
      "              threadgroup int* t [[threadgroup(static_cast<uint>(other >> 2) & ~1)]]) {}\n"
      "}");
  EXPECT_EQ(module.constants[0].index, 13U);
  EXPECT_EQ(module.constants[1].index, 3U);
  EXPECT_EQ(parameters_of(module, "slots::f"),
            (Words{"a: device int* @3", "b: device int* @1", "t: threadgroup int* @tg4"}));
}

TEST(MslReader, BindingsMayDependOnTemplateArguments) {
  const Module module = read(
      "template <typename T, int N, int M = N * 2>\n"
      "[[max_total_threads_per_threadgroup(M * 32)]] kernel void f(device T* a [[buffer(N)]],\n"
      "    device T* b, device T* c [[buffer(M)]]) { threadgroup T t[M]; }\n"
      "template [[host_name(\"f1\")]] kernel void f<float, 1>(device float*, device float*, "
      "device float*);\n"
      "template [[host_name(\"f2\"), max_total_threads_per_threadgroup(8)]] kernel void f<int, 2, "
      "0>("
      "device int*, device int*, device int*);\n");
  EXPECT_EQ(parameters_of(module, "f1"),
            (Words{"a: device T* @1", "b: device T* @0", "c: device T* @2"}));
  EXPECT_EQ(parameters_of(module, "f2"),
            (Words{"a: device T* @2", "b: device T* @1", "c: device T* @0"}));
  EXPECT_EQ(module.find("f1")->max_total_threads_per_threadgroup, "64");
  EXPECT_EQ(module.find("f2")->max_total_threads_per_threadgroup, "8");
  const auto variable = [&](std::string_view kernel) {
    return module.function(*module.find(kernel)).threadgroup.at(0).variables.at(0).ordinal;
  };
  EXPECT_EQ(variable("f1"), variable("f2"));
}

TEST(MslReader, ExplicitSpecialisationsOfKernels) {
  const Module module = read(
      "template <typename T> kernel void f(device T* all [[buffer(0)]]) {}\n"
      "template <> kernel void f<float>(device float* special [[buffer(5)]]) {}\n"
      "template <> [[host_name(\"f_int\")]] [[kernel]] void f<int>(device int* own) {}\n"
      "template [[host_name(\"f_half\")]] kernel void f<half>(device half*);\n"
      "template [[host_name(\"f_float\")]] kernel void f< float >(device float*);\n");
  EXPECT_EQ(module.kernels.size(), 3U);
  EXPECT_EQ(parameters_of(module, "f_half"), Words{"all: device T* @0"});
  EXPECT_EQ(parameters_of(module, "f_float"), Words{"special: device float* @5"});
  EXPECT_EQ(parameters_of(module, "f_int"), Words{"own: device int* @0"});
  EXPECT_EQ(module.find("f_int")->callable, "f<int>");
}

TEST(MslReader, InstantiationsMayNameTheTypeOfAKernel) {
  EXPECT_EQ(read("namespace n { template <int N> kernel void f() {} }"
                 "template [[host_name(\"g\")]] kernel void ::n::f<2>();")
                .find("g")
                ->callable,
            "n::f<2>");
  const Module module = read(
      "template <typename T> kernel void f(device T* p, uint i [[thread_position_in_grid]]) {}\n"
      "typedef decltype(f<float>) f_type;\n"
      "typedef void (g_type)(device float* p, uint i [[thread_position_in_grid]]);\n"
      "template [[host_name(\"f1\")]] kernel f_type f<float>;\n"
      "template [[host_name(\"f2\")]] [[kernel]] g_type f<half>;\n");
  EXPECT_EQ(module.find("f1")->callable, "f<float>");
  EXPECT_EQ(module.find("f2")->callable, "f<half>");
}

TEST(MslReader, KernelTemplatesMayBeOverloaded) {
  const Module module = read(
      "template <typename T> kernel void f(device T* one) {}\n"
      "template <typename T> kernel void f(device T* first, constant T& second) {}\n"
      "template <typename T, int N> kernel void f(device T* first, device vec<T, N>* pairs) "
      "{}\n"
      "template [[host_name(\"one\")]] kernel void f<int>(device int* p [[buffer(0)]]);\n"
      "template [[host_name(\"two\")]] kernel void f<int>(device int*, constant int&);\n"
      "template [[host_name(\"pairs\")]] kernel void f<int, 2>(device int* a, device vec<int,2>* "
      "b);\n"
      "template <typename T, typename U, metal::enable_if_t<sizeof(T) < 8, bool> = true, "
      "typename V = pair<T, U>>\n"
      "kernel void f(device T* four) {}\n"
      "template [[host_name(\"four\")]] kernel decltype(f<int, int, 1>) f<int, int, 1>;\n"
      "template <typename T> kernel void g(device T* p) {}\n"
      "template [[host_name(\"deduced\")]] kernel void g(device float* p);\n");
  EXPECT_EQ(parameters_of(module, "one"), Words{"one: device T* @0"});
  EXPECT_EQ(parameters_of(module, "four"), Words{"four: device T* @0"});
  EXPECT_EQ(parameters_of(module, "two"),
            (Words{"first: device T* @0", "second: constant T& @1 const"}));
  EXPECT_EQ(parameters_of(module, "pairs"),
            (Words{"first: device T* @0", "pairs: device vec<T, N>* @1"}));
  EXPECT_EQ(module.find("two")->signature, "int * , const int & ");
  EXPECT_EQ(module.find("deduced")->callable, "g");
  EXPECT_EQ(module.find("deduced")->signature, "float * ");
}

TEST(MslReader, ReadsParameters) {
  const Module module = read(kExample);
  EXPECT_EQ(parameters_of(module, "rows_f32_4"),
            (Words{"in: device const T* @0 const",
                   "out: device T* @1",
                   "params: constant Params& @2 const",
                   "bias: device const T* @3 const if has_bias",
                   "scratch: threadgroup float* @tg1",
                   "group: uint2 @threadgroup_position_in_grid",
                   "lane: uint @thread_index_in_simdgroup"}));
  EXPECT_EQ(module.function(*module.find("rows_f32_4")).parameters[1].location.line, 40U);
}

TEST(MslReader, NumbersUnboundParametersByTheFreeIndices) {
  const Module module = read(kExample);
  EXPECT_EQ(parameters_of(module, "tools::copy"),
            (Words{"in: device const float* @2 const",
                   "out: device float* @0",
                   "table: constant float(&)[4] @1 const",
                   "shared: threadgroup Params& @tg0",
                   "counts: device const atomic<uint>* @3 const",
                   "flags: device int* @4 if tools::enabled",
                   "position: uint3 @thread_position_in_grid"}));
  const KernelFunction& copy = module.function(*module.find("tools::copy"));
  EXPECT_EQ(copy.parameters[2].kind, ParameterKind::kReference);
  EXPECT_EQ(copy.parameters[1].kind, ParameterKind::kPointer);
  EXPECT_EQ(copy.parameters[6].kind, ParameterKind::kValue);
}

TEST(MslReader, FindsFunctionConstants) {
  const Module module = read(kExample);
  ASSERT_EQ(module.constants.size(), 2U);
  EXPECT_EQ(module.constants[0].name, "has_bias");
  EXPECT_EQ(module.constants[0].type, "bool");
  EXPECT_EQ(module.constants[0].index, 0U);
  EXPECT_EQ(module.constants[1].type, "uint");
  EXPECT_EQ(module.constants[1].index, 1U);
  EXPECT_EQ(to_string(module.constants[1].location), "rows.metal:4:15");
}

TEST(MslReader, FindsThreadgroupVariables) {
  const Module module = read(kExample);
  Words variables;
  for (const KernelFunction& function : module.functions) {
    for (const ThreadgroupDeclaration& declaration : function.threadgroup) {
      for (const ThreadgroupVariable& v : declaration.variables) {
        variables.push_back(function.name + " " + std::to_string(v.ordinal) + " " + v.type + " " +
                            v.name + v.suffix);
      }
    }
  }
  EXPECT_EQ(variables,
            (Words{"rows 0 float tile[N][N+1]",
                   "rows 1 atomic_uint count",
                   "rows 2 atomic_uint other[2]",
                   "rows 3 metal::array<T, 4> parts[N]",
                   "forward 4 float last"}));
}

TEST(MslReader, TellsThreadgroupVariablesFromPointers) {
  const auto count = [](const std::string& body) {
    const Module module = read("kernel void f() {" + body + "}");
    std::size_t variables = 0;
    for (const ThreadgroupDeclaration& declaration : module.functions.at(0).threadgroup) {
      variables += declaration.variables.size();
    }
    return variables;
  };
  for (const char* pointer : {"threadgroup float* p = q;",
                              "threadgroup const float *p, *q = p;",
                              "g((threadgroup T*)p);",
                              "threadgroup float (&t)[4] = u;",
                              "threadgroup T (*t)[4] = &u;",
                              "for (threadgroup T* p = q; p != r; ++p) {}",
                              "auto x = static_cast<threadgroup T*>(p);",
                              "threadgroup_barrier(mem_flags::mem_threadgroup);",
                              "threadgroup Foo<int>& r = s;",
                              "struct S { void f() threadgroup {} };",
                              "load<threadgroup float>(x);"}) {
    EXPECT_EQ(count(pointer), 0U) << pointer;
  }
  for (const char* variable : {"threadgroup float x;",
                               "float threadgroup x[2];",
                               "volatile threadgroup unsigned int x;",
                               "{ threadgroup struct S x; }",
                               "if (a) { threadgroup vec<T, (a > b)> x[N]; }",
                               "threadgroup float* threadgroup x[4];",
                               "x(); threadgroup typename S<T>::type x;",
                               "threadgroup decltype(y) x;",
                               "for (;;) {} threadgroup float x;"}) {
    EXPECT_EQ(count(variable), 1U) << variable;
  }
  EXPECT_EQ(count("threadgroup float a, b[2], c[3][4];"), 3U);
}

TEST(MslReader, UnderstandsAttributeOrdersAndKeywords) {
  for (const char* head : {"kernel void f",
                           "[[kernel]] void f",
                           "[[ kernel ]] void f",
                           "void [[kernel]] f",
                           "static kernel void f",
                           "[[max_total_threads_per_threadgroup(8)]] kernel void f",
                           "[[kernel]] [[max_total_threads_per_threadgroup(8)]] void f",
                           "[[max_total_threads_per_threadgroup(8), kernel]] void f",
                           "extern \"C\" kernel void f",
                           "[[maybe_unused]] kernel void f"}) {
    EXPECT_NE(read(std::string(head) + "(device int* x) {}").find("f"), nullptr) << head;
  }
  EXPECT_NE(read("extern \"C\" { kernel void f(void) {} }").find("f"), nullptr);
  EXPECT_NE(read("namespace a::b { inline namespace c { namespace { kernel void f() {} } } }")
                .find("a::b::c::f"),
            nullptr);
  EXPECT_EQ(read("kernel void f();").kernels.size(), 0U);
}

TEST(MslReader, JoinsAdjacentStringsOfHostNames) {
  EXPECT_NE(read("[[host_name(\"sum_\" \"f32\")]] kernel void f() {}").find("sum_f32"), nullptr);
}

TEST(MslReader, SkipsOrdinaryCode) {
  const Module module = read(R"(
    template <typename T, typename = enable_if_t<(sizeof(T) > 2)>> struct A : B<T> {
      A() : x(1), y{2} {}
      bool operator<(A o) const { return x < o.x; }
      T operator()(int i) const thread { return v[i]; }
      A& operator=(const thread A&) = default;
      int x, y; T v[sizeof(T) < 4 ? 1 : 2];
      kernel_like z;
    };
    template <> struct A<float> { float x = a < b ? 1 : 2; };
    template <typename T> constant constexpr bool is_small_v = sizeof(T) < 4;
    template float helper<float>(float);
    using F = void (*)(int);
    static_assert(1 < 2, "message; { ");
    inline auto g(int a) -> decltype(a) { return a < 1 ? a >> 2 : [&](int b) { return b; }(a); }
    union { int anonymous; } constant u = {1};
    ;
  )");
  EXPECT_TRUE(module.kernels.empty());
  EXPECT_TRUE(module.instantiations.empty());
}

TEST(MslReader, RejectsWhatIngotCannotRun) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"kernel void f(texture2d<float> image [[texture(0)]]) {}",
       "f.metal:1:32: texture arguments are not supported: image"},
      {"kernel void f(sampler s [[sampler(0)]]) {}",
       "f.metal:1:23: sampler arguments are not supported: s"},
      {"\n fragment float4 shade(V v [[stage_in]]) { return v; }",
       "f.metal:2:18: fragment functions are not supported: shade"},
      {"[[vertex]] V v(uint i [[vertex_id]]) {}",
       "f.metal:1:14: vertex functions are not supported: v"},
      {"[[visible]] int v(int i) {}", "f.metal:1:17: visible functions are not supported: v"},
      {"[[mesh]] void m() {}", "f.metal:1:15: mesh functions are not supported: m"},
      {"kernel void f(uint i [[vertex_id]]) {}",
       "f.metal:1:20: the attribute 'vertex_id' is not supported on a kernel's parameter: i"},
      {"kernel void f(uint i) {}", "f.metal:1:20: 'i' of type 'uint' has no attribute"},
      {"kernel void f(float* p [[buffer(0)]]) {}",
       "f.metal:1:22: 'p' is not in the address space that [[buffer]] needs"},
      {"kernel void f(threadgroup float* p [[buffer(0)]]) {}",
       "f.metal:1:34: 'p' is not in the address space that [[buffer]] needs"},
      {"kernel void f(thread float* p) {}",
       "f.metal:1:29: 'p' is not in the address space that [[buffer]] needs"},
      {"kernel void f(float x [[buffer(0)]]) {}",
       "f.metal:1:21: 'x' is bound to memory but is neither pointer nor reference"},
      {"kernel void f(device float* p [[buffer(31)]]) {}",
       "f.metal:1:29: buffer index 31 is beyond the limit of 30"},
      {"kernel void f(device float* p [[buffer(N)]]) {}",
       "f.metal:1:33: the argument of 'buffer' is not a constant number: N"},
      {"kernel void f(device int* p [[buffer(1)]], device int* q [[buffer(1)]]) {}",
       "f.metal:1:56: buffer index 1 is used twice"},
      {"kernel void f(device float** p [[buffer(0)]]) {}",
       "f.metal:1:30: 'p' is not in the address space that [[buffer]] needs"},
      {"kernel void f(device float* p [[buffer(0), function_constant(none)]]) {}",
       "f.metal:1:29: there is no function constant 'none' to enable 'p'"},
      {"kernel void f(thread uint* i [[thread_position_in_grid]]) {}",
       "f.metal:1:28: 'thread_position_in_grid' must be taken by value: i"},
      {"kernel float f() {}", "f.metal:1:14: the kernel 'f' does not return void"},
      {"struct S { kernel void f() {} };", "f.metal:1:24: the kernel 'S::f' is a member function"},
      {"kernel void f() {} namespace a { [[host_name(\"f\")]] kernel void g() {} }",
       "f.metal:1:65: two kernels have the name 'f'"},
      {"template <int N> kernel void f() {} template [[kernel]] void f<1>();",
       "f.metal:1:37: the kernel's instantiation has no host_name"},
      {"template [[host_name(\"x\")]] kernel void f<1>();",
       "f.metal:1:41: there is no kernel template 'f'"},
      {"template <typename T> kernel void f(device T* p) {}\n"
       "template <typename T> kernel void f(constant T* p) {}\n"
       "template [[host_name(\"x\")]] kernel void f<int>(device long*);",
       "f.metal:3:41: which of the kernel templates 'f' is meant is not clear"},
      {"template <typename T> kernel void f(device T* p) {}\n"
       "template <typename T> kernel void f(device T* p, device T* q) {}\n"
       "template [[host_name(\"x\")]] kernel decltype(f<int>) f<int>;",
       "f.metal:3:53: which kernel template 'f' is meant is not clear"},
      {"constant int a = b + 1; constant int b = a; kernel void f(device int* p [[buffer(a)]]) {}",
       "f.metal:1:75: the argument of 'buffer' is not a constant number: a"},
      {"kernel void f(device int* p [[buffer(1 - 2)]]) {}",
       "f.metal:1:31: the argument of 'buffer' is -1, which is no index"},
      {"template <int N> kernel void f(device int* p [[buffer(N)]]) {}"
       "template [[host_name(\"x\")]] kernel void f<40>(device int*);",
       "f.metal:1:44: buffer index 40 is beyond the limit of 30"},
      {"float counter = 0;",
       "f.metal:1:7: the program-scope variable 'counter' is not in the constant address space"},
      {"namespace n { constexpr int a = 1; }",
       "f.metal:1:29: the program-scope variable 'n::a' is not in the constant address space"},
      {"constant float* p = 0;",
       "f.metal:1:17: the program-scope variable 'p' is not in the constant address space"},
      {"struct { int a; } s;",
       "f.metal:1:19: the program-scope variable 's' is not in the constant address space"},
      {"constant int a [[function_constant(0)]] = 1;",
       "f.metal:1:14: the function constant 'a' has an initialiser or further attributes"},
      {"void f() { threadgroup int x; }",
       "f.metal:1:28: the threadgroup variable 'x' is not declared in a kernel"},
      {"kernel void f() { threadgroup int x = 1; }",
       "f.metal:1:35: the threadgroup variable 'x' cannot have an initialiser"},
      {"kernel void f() { threadgroup int *p, x; }",
       "f.metal:1:39: the threadgroup variable 'x' shares its declaration with a pointer"},
      {"kernel void f() { threadgroup int x, *p; }",
       "f.metal:1:38: pointers and threadgroup variables share a declaration"},
      {"kernel void f() { if (a) threadgroup int x; }",
       "f.metal:1:26: a threadgroup variable is not declared in a statement of its own"},
      {"kernel void f() { alignas(16) threadgroup int x; }",
       "f.metal:1:31: alignas on a threadgroup variable is not supported"},
      {"struct A { float4 p [[position]]; };",
       "f.metal:1:23: the attribute 'position' is not supported"},
      {"struct A { device int* p [[buffer(0)]]; };",
       "f.metal:1:28: the attribute 'buffer' has no meaning here"},
      {"void f(metal::texture2d<float> t) {}", "f.metal:1:15: 'texture2d' is not supported"},
      {"kernel void f() { constexpr sampler s(filter::linear); }",
       "f.metal:1:29: 'sampler' is not supported"},
      {"struct S { visible_function_table<int(int)> t; };",
       "f.metal:1:12: 'visible_function_table' is not supported"},
      {"void f(threadgroup_imageblock float* x) {}",
       "f.metal:1:8: 'threadgroup_imageblock' is not supported"},
      {"kernel void f(uint thread [[thread_position_in_grid]]) {}",
       "f.metal:1:20: 'thread' is a keyword of Metal and no name"},
      {"int f(int n) { int device = n; return device; }",
       "f.metal:1:20: 'device' is a keyword of Metal and no name"},
      {"int f(thread int* p) { return 2 * kernel; }",
       "f.metal:1:35: 'kernel' is a keyword of Metal and no name"},
      {"template <int N> kernel void f() {} template [[host_name(x)]] kernel void f<1>();",
       "f.metal:1:48: the argument of 'host_name' is not a plain string"},
      {"#define A\nint f();", "f.metal:1:1: the text is not preprocessed: #define A"},
      {"void f() {", "f.metal:1:10: '{' is never closed"},
      {"void f() ) {", "f.metal:1:10: ')' closes nothing"},
      {"int f(int x", "f.metal:1:6: '(' is never closed"},
      {"int f", "f.metal:1:1: the declaration has no end"},
      {"using a = b", "f.metal:1:1: a ; is missing behind this declaration"},
      {std::string(300, '('), "f.metal:1:257: brackets are nested more than 256 deep"},
  };
  for (const auto& [text, expected] : cases) {
    EXPECT_EQ(error_of(text), expected) << text;
  }
}

TEST(MslReader, NamesOfTheStandardLibraryMayBeReused) {
  EXPECT_EQ(error_of("struct sampler { int x; }; void f(thread sampler& s) {}"), "no error");
  EXPECT_EQ(error_of("template <typename T> struct tensor {}; void f(tensor<int> t) {}"),
            "no error");
  EXPECT_EQ(error_of("float f(float mesh, float sampler) { return mesh < sampler; }"), "no error");
}

TEST(MslReader, FunctionConstantsMayChooseBetweenParametersOfOneIndex) {
  EXPECT_EQ(error_of("constant bool a [[function_constant(0)]]; constant bool b = !a;"
                     "kernel void f(device int* x [[buffer(0), function_constant(a)]],"
                     "              device float* y [[buffer(0), function_constant(b)]]) {}"),
            "no error");
}

}  // namespace
}  // namespace ingot::msl
