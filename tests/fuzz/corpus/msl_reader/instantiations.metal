enum { one = 1, two };
constant int three [[function_constant(one + two)]];
template <typename T, int N = two * 2> [[kernel, max_total_threads_per_threadgroup(N * 32)]]
void f(device T* a [[buffer(N)]], constant T& b [[function_constant(three), buffer(one << 1)]]) { threadgroup T t[N]; }
template <> kernel void f<int, 3>(device int* a [[buffer(3)]], constant int& b) {}
template <typename T> kernel void f(device T* a) {}
typedef decltype(f<float, 1>) f_t;
template [[host_name("a")]] kernel f_t f<float, 1>;
template [[host_name("b")]] kernel void f<int, 3>(device int*, constant int&);
template [[host_name("c")]] kernel void ::f<int>(device int*);
struct Args { device float* p [[id(0)]]; float4 v [[id(two)]]; };
kernel void g(constant Args& args, device float* device* rows) {}
#pragma unroll (MIN(4, N))
template <typename T> struct P<device T*> { using type = T; };
template <typename T> struct P<threadgroup T*> { using type = T; };
