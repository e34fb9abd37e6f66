// Strict mode finds planted faults, each at its place.
#include <algorithm>
#include <cstdint>
#include <fmt/format.h>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"

#include "softmetal/strict.hpp"
#include "softmetal/strict/rules.hpp"
#include "tests/unit/softmetal_strict_problems.hpp"

namespace softmetal {
namespace {
// The fault lies where the source has "/*!*/", which is taken out of it.
struct Fault {
  std::string_view rule;
  std::string_view source;
  std::string_view words;  // of the message or the reason
};

// Puts each source into a namespace of one program, so that the compiler runs once, and expects to
// find every fault at its place, and nothing else.
void expect_found(std::span<const Fault> faults, unsigned metal_version = 310) {
  constexpr std::string_view kMark = "/*!*/";
  std::string program;
  std::vector<Place> places;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    std::string source(faults[i].source);
    const std::size_t at = source.find(kMark);
    ASSERT_NE(at, std::string::npos) << source;
    source.erase(at, kMark.size());
    program += fmt::format("namespace n{} {{\n", i);
    const std::string before = program + source.substr(0, at);
    const auto line = 3 + std::count(before.begin(), before.end(), '\n');
    const std::size_t column = before.size() - (before.rfind('\n') + 1) + 1;
    places.push_back(
        {"program_source", static_cast<std::uint32_t>(line), static_cast<std::uint32_t>(column)});
    program += source + "\n}\n";
  }
  const std::vector<Diagnostic> found = problems(program, metal_version);
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const auto match = std::find_if(found.begin(), found.end(), [&](const Diagnostic& diagnostic) {
      return diagnostic.place == places[i] && diagnostic.rule == faults[i].rule &&
             (diagnostic.message + " " + diagnostic.reason).find(faults[i].words) !=
                 std::string::npos;
    });
    EXPECT_NE(match, found.end()) << "not found: " << to_string(places[i]) << " in\n"
                                  << faults[i].source;
  }
  for (const Diagnostic& diagnostic : found) {
    EXPECT_NE(std::find(places.begin(), places.end(), diagnostic.place), places.end())
        << "not expected: " << to_string(diagnostic);
  }
  EXPECT_EQ(found.size(), faults.size());
}

constexpr Fault kMissingSpaces[] = {
    {"address-space", "float first(float* /*!*/p) { return p[0]; }", "no address space: 'float *'"},
    {"address-space", "float first(const float& /*!*/p) { return p; }", "'const float &'"},
    {"address-space", "float* /*!*/bad(device float*);", "returned pointer"},
    {"address-space", "struct S { float* /*!*/p; };", "no address space"},
    {"address-space", "typedef float* /*!*/Pointer;", "no address space"},
    {"address-space", "using /*!*/Pointer = float*;", "no address space"},
    {"address-space", "template <class T> T f(T& /*!*/x) { return x; }", "'T &'"},
    {"address-space",
     "kernel void k(device float* a) { device uint* p = (device uint*)a;\n"
     "  p[0] = */*!*/(uint*)a + *reinterpret_cast<device uint*>(a); }",
     "cast to 'uint *'"},
    {"address-space",
     "template <class T> struct Pack { T v[4]; };\n"
     "template <class T> void put(device T* p, Pack<T> v) { */*!*/reinterpret_cast<Pack<T>*>(p) = "
     "v; }",
     "cast to 'Pack<T> *'"},
    {"address-space",
     "kernel void k(device float* a) {\n  float* /*!*/p = a;\n  a[0] = *p;\n}",
     "write device, constant, threadgroup or thread"},
};

constexpr Fault kMixedSpaces[] = {
    {"address-space",
     "kernel void k(device float* a) { thread float* /*!*/p = a; *p = 1; }",
     "'thread float *' with an lvalue of type 'device float *'"},
    {"address-space",
     "kernel void k(device float* a) { float x = 0; device float* /*!*/p = &x; a[0] = *p; }",
     "rvalue of type 'thread float *'"},
    {"address-space",
     "kernel void k(device float* a) { threadgroup float t[4]; device float* /*!*/p = t; *p = 1; }",
     "'threadgroup float[4]'"},
    {"address-space",
     "kernel void k(device float* a, device float* b) { constant float* p = /*!*/a; b[0] = *p; }",
     "a device object where one in constant memory is expected"},
    {"address-space",
     "kernel void k(constant float* a, device float* b) { const device float* /*!*/p = a; b[0] = "
     "*p; }",
     "'constant float *'"},
    {"address-space",
     "kernel void k(device int* a, threadgroup int* t) { device int* p = a; p = /*!*/t; p[0] = 1; "
     "}",
     "changes address space"},
    {"address-space",
     "kernel void k(device int* a) { thread int& /*!*/r = a[0]; r = 1; }",
     "thread"},
    {"address-space",
     "kernel void k(device int* a) { const thread int& r = /*!*/a[0]; a[1] = r; }",
     "where one in thread memory is expected"},
    {"address-space", "thread float* get(device float* p) { return /*!*/p; }", "return object"},
    {"address-space",
     "struct V { thread float* p; };\nkernel void k(device float* a) { V v = {/*!*/a}; a[0] = "
     "*v.p; }",
     "member subobject"},
    {"address-space",
     "kernel void k(device int* a, threadgroup int* b) { auto p = a[0] /*!*/? a : b; a[0] = *p; }",
     "incompatible operand types"},
    {"address-space",
     "kernel void k(device float* a) { float x = 1; device float* p = /*!*/(device float*)&x; a[0] "
     "= "
     "*p; }",
     "between mismatching address spaces"},
    {"address-space",
     "kernel void k(device float* a, constant float* c) { device float* p = (device float*)/*!*/c; "
     "a[0] = *p; }",
     "a cast from constant to device"},
    {"address-space", "kernel void k(device int* a) { device int /*!*/x = 1; a[0] = x; }", "local"},
    {"address-space", "int f(device int /*!*/x) { return x; }", "parameter"},
    {"address-space", "struct S { device int /*!*/x; };", "field"},
};

constexpr Fault kMixedCalls[] = {
    {"address-space",
     "float get(thread float* p) { return *p; }\n"
     "kernel void k(device float* a) { a[0] = /*!*/get(a); }",
     "'device' as a pointer to address space 'thread'"},
    {"address-space",
     "float get(constant float* p) { return *p; }\n"
     "kernel void k(device float* a) { a[0] = get(/*!*/a); }",
     "passed to 'get', which takes one in constant memory"},
    {"address-space",
     "float get(const thread float& p) { return p; }\n"
     "kernel void k(device float* a) { a[0] = get(/*!*/a[1]); }",
     "passed to 'get', which takes one in thread memory"},
    {"address-space",
     "template <class T> T get(device T* p) { return *p; }\n"
     "kernel void k(device float* a) { threadgroup float t[2]; a[0] = /*!*/get(t); }",
     "deduced type 'device float *'"},
    {"address-space",
     "template <class T> void put(T value, device T& to) { to = value; }\n"
     "kernel void k(device float* a) { float x; /*!*/put(a[0], x); }",
     "no matching function"},
    {"address-space",
     "template <class T> T get(device T* p) { return *p; }\n"
     "template <> int /*!*/get<int>(threadgroup int* p) { return *p; }",
     "no function template matches"},
    {"address-space",
     "void f(thread float& x) { x = 1; }\n"
     "template <void (*F)(thread float&)> kernel void k(device float* a) { F(/*!*/a[0]); }\n"
     "template [[host_name(\"kf\")]] kernel void k<f>(device float*);",
     "device"},
    {"address-space",
     "template <class T> T two(T p, T q) { return p; }\n"
     "kernel void k(device float* a, constant float* b) { a[0] = */*!*/two(a, b); }",
     "'device float *' vs. 'constant float *'"},
    {"address-space",
     "struct S { float x; float get() const { return x; } };\n"
     "kernel void k(device S* s, device float* a) { a[0] = /*!*/s->get(); }",
     "'get', which is for objects in thread memory"},
    {"address-space",
     "struct S { float x; void set(float y) { x = y; } };\n"
     "kernel void k(device S* s) { /*!*/s->set(1); }",
     "'device S'"},
    {"address-space",
     "struct S { float x; float operator()(int i) const { return x; } };\n"
     "kernel void k(constant S& s, device float* a) { a[0] = /*!*/s(1); }",
     "'operator()'"},
    {"address-space",
     "struct S { float x; S operator+(const thread S& o) const { return {x + o.x}; } };\n"
     "kernel void k(device S* s) { S a = s[0]; S b = a + /*!*/s[1]; s[0] = b; }",
     "passed to 'operator+'"},
    {"address-space",
     "struct S { float x; thread S& operator+=(const thread S& o) { x += o.x; return *this; } };\n"
     "kernel void k(device S* s) { s[0] /*!*/+= S{1}; }",
     "'this' object is in address space 'device'"},
    {"address-space",
     "kernel void k(device int* a) { atomic_int x; atomic_store_explicit(/*!*/&x, 1, "
     "memory_order_relaxed); a[0] = 1; }",
     "in device or threadgroup memory is expected"},
    {"address-space",
     "kernel void k(device float* a) {\n"
     "  simdgroup_float8x8 m;\n  float x[64];\n  simdgroup_load(m, /*!*/x, 8);\n  "
     "simdgroup_store(m, a, 8);\n}",
     "in device or threadgroup memory is expected"},
    {"address-space",
     "kernel void k(device float* a, device int* e) { a[0] = frexp(a[1], /*!*/e[0]); }",
     "in thread memory is expected"},
    {"address-space",
     "struct S { float v; float get() const device { return v; } };\n"
     "kernel void k(device float* a) { S s; s.v = 1; a[0] = /*!*/s.get(); }",
     "of type 'device or constant "},
};

constexpr Fault kForbidden[] = {
    {"double", "kernel void k(device float* a) { /*!*/double x = a[0]; a[0] = x; }", "float"},
    {"double", "kernel void k(device float* a) { a[0] = /*!*/1.0L; }", "long double"},
    {"wide-integer", "kernel void k(device int* a) { /*!*/long long x = a[0]; a[0] = x; }", "64"},
    {"wide-integer", "kernel void k(device int* a) { /*!*/__int128 x = a[0]; a[0] = x; }", "128"},
    {"recursion", "int f(int n) { return n > 0 ? /*!*/f(n - 1) : 0; }", "'f' calls 'f'"},
    {"recursion",
     "int g(int n);\nint f(int n) { return n > 0 ? /*!*/g(n - 1) : 0; }\nint g(int n) { return "
     "f(n); }",
     "'g' calls 'f' calls 'g'"},
    {"recursion",
     "template <class T> T f(T n) { return n > 0 ? /*!*/f(n - 1) : n; }\n"
     "kernel void k(device int* a) { a[0] = f(a[1]); }",
     "use a loop"},
    {"recursion",
     "struct F { int operator()(int n) const { return n > 0 ? (*this)/*!*/(n - 1) : 0; } };",
     "'operator()' calls 'operator()'"},
    {"recursion", "struct S { int f(int n) { return n > 0 ? /*!*/f(n - 1) : 0; } };", "'f' calls"},
    {"new", "kernel void k(device int* a) { thread int* p = /*!*/new int(1); a[0] = *p; }", "heap"},
    {"new", "void f(thread int* p) { /*!*/delete p; }", "heap"},
    {"function-pointer",
     "int f(int n) { return n; }\nkernel void k(device int* a) { int (*/*!*/p)(int) = f; a[0] = "
     "p(1); }",
     "'p' points to a function"},
    {"function-pointer", "int f(int (*/*!*/p)(int)) { return p(1); }", "template arguments"},
    {"virtual", "struct S { /*!*/virtual int f() { return 1; } };", "virtual"},
    {"rtti",
     "struct A {};\nstruct B : A {};\n"
     "thread B* f(thread A* a) { return /*!*/dynamic_cast<thread B*>(a); }",
     "dynamic_cast"},
    {"rtti", "bool f(int a) { return /*!*/typeid(a).hash_code() == 0; }", "typeid"},
    {"exceptions", "void f(int a) { /*!*/throw a; }", "throw"},
    {"exceptions", "int f(int a) { /*!*/try { return a; } catch (int) { return 0; } }", "try"},
    {"static",
     "kernel void k(device int* a) { static int /*!*/n = 0; a[0] = n; }",
     "'n' is static"},
    {"program-scope", "struct S { static constexpr int /*!*/n = 3; };", "static constant"},
    {"goto", "kernel void k(device int* a) { /*!*/goto end; end: a[0] = 1; }", "loop"},
    {"asm", "kernel void k(device int* a) { /*!*/asm(\"nop\"); a[0] = 1; }", "assembly"},
    {"variadic", "int /*!*/f(int n, ...) { return n; }", "parameter pack"},
    {"storage",
     "kernel void k(device int* a) { /*!*/register int x = a[0]; a[0] = x; }",
     "register"},
    {"storage", "/*!*/thread_local constant int x = 1;", "thread_local"},
    {"lambda",
     "kernel void k(device int* a) { auto f = /*!*/[](int x) { return x + 1; }; a[0] = f(1); }",
     "not supported in Metal 3.1"},
    {"kernel-call",
     "kernel void j(device int* a) { a[0] = 1; }\nkernel void k(device int* a) { /*!*/j(a); }",
     "'j' is called"},
};

constexpr Fault kLimits[] = {
    {"threadgroup-memory",
     "kernel void /*!*/k(device float* a) { threadgroup float4 t[2049]; t[0] = a[0]; a[0] = "
     "t[0].x; }",
     "32784 bytes"},
    {"threadgroup-memory",
     "template <int N> kernel void /*!*/k(device float* a) {\n"
     "  threadgroup float t[N];\n"
     "  { threadgroup float u[N]; u[0] = 1; t[0] = u[0]; }\n  a[0] = t[0];\n}\n"
     "template [[host_name(\"a\")]] kernel void k<4096>(device float* a);\n"
     "template [[host_name(\"b\")]] kernel void k<4097>(device float* a);",
     "32776 bytes"},
    {"threads",
     "[[max_total_threads_per_threadgroup(2048)]] kernel void /*!*/k(device int* a) { a[0] = 1; }",
     "2048; the limit is 1024"},
    {"threads",
     "constant int N = 1025;\n"
     "[[max_total_threads_per_threadgroup(N)]] kernel void /*!*/k(device int* a) { a[0] = 1; }",
     "1025; the limit is 1024"},
    {"metal", "kernel void k(device int* /*!*/a [[buffer(31)]]) { a[0] = 1; }", "limit of 30"},
    {"metal",
     "kernel void k(device int* a [[buffer(1)]], device int* /*!*/b [[buffer(1)]]) { a[0] = b[0]; "
     "}",
     "used twice"},
};

constexpr Fault kDeclarations[] = {
    {"metal", "int /*!*/counter = 0;", "constant address space"},
    {"metal", "device int /*!*/counter;", "constant address space"},
    {"metal", "namespace {\nint /*!*/counter = 0;\n}", "constant address space"},
    {"metal", "const int /*!*/limit = 3;", "constant address space"},
    {"metal", "void f() { threadgroup int /*!*/t[3]; t[0] = 1; }", "not declared in a kernel"},
    {"metal", "kernel int /*!*/k(device int* a) { return a[0]; }", "void"},
    {"metal", "kernel void k(device int* a, uint /*!*/i) { a[i] = 1; }", "no attribute"},
    {"argument-type",
     "kernel void k(device int* a, int /*!*/i [[thread_position_in_grid]]) { a[i] = 1; }",
     "type 'int' is not valid for attribute 'thread_position_in_grid'"},
    {"argument-type",
     "kernel void k(device int* a, const float2 /*!*/i [[threads_per_grid]]) { a[0] = i.x; }",
     "'const float2'"},
    {"argument-type",
     "kernel void k(device int* a, ushort2 /*!*/i [[thread_index_in_simdgroup]]) { a[i.x] = 1; }",
     "'ushort2'"},
    {"argument-type",
     "kernel void k(device int* a, uint4 /*!*/i [[thread_position_in_grid]]) { a[i.x] = 1; }",
     "'uint4'"},
    {"metal", "kernel void k(device int* /*!*/a [[nonsense]]) { a[0] = 1; }", "nonsense"},
    {"metal",
     "kernel void k(device int* a) { int x [[/*!*/buffer(1)]] = 1; a[0] = x; }",
     "has no meaning here"},
};

// The rest of the reader's errors away, since the compiler runs on what has been read alone.
constexpr Fault kCpp[] = {
    {"compile", "kernel void k(constant float* a) { a[0] /*!*/= 1; }", "not assignable"},
    {"compile",
     "constant float K = 2;\nkernel void k(device float* a) { K /*!*/= a[0]; }",
     "const-qualified"},
};

TEST(SoftMetalStrictFaults, EveryRuleIsDescribed) {
  for (const std::span<const Fault> faults : {std::span<const Fault>(kMissingSpaces),
                                              std::span<const Fault>(kForbidden),
                                              std::span<const Fault>(kLimits)}) {
    for (const Fault& fault : faults) {
      EXPECT_EQ(std::ranges::count(strict::rules(), fault.rule, &strict::Rule::id), 1)
          << fault.rule;
    }
  }
}

TEST(SoftMetalStrictFaults, FindsPointersAndReferencesWithoutAnAddressSpace) {
  expect_found(kMissingSpaces);
}
TEST(SoftMetalStrictFaults, FindsMixedAddressSpaces) {
  expect_found(kMixedSpaces);
}
TEST(SoftMetalStrictFaults, FindsArgumentsAndObjectsInTheWrongAddressSpace) {
  expect_found(kMixedCalls);
}
TEST(SoftMetalStrictFaults, FindsWhatMetalTakesOutOfCpp) {
  expect_found(kForbidden);
}
TEST(SoftMetalStrictFaults, FindsLimits) {
  expect_found(kLimits);
}
TEST(SoftMetalStrictFaults, FindsDeclarationsThatAreNotMetal) {
  expect_found(kDeclarations);
}

TEST(SoftMetalStrictFaults, FindsWhatIsWrongInAnyCpp) {
  expect_found(kCpp);
}

}  // namespace
}  // namespace softmetal
