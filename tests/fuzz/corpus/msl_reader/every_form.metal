# 1 "rows.metal"
# 1 "<built-in>" 1
# 1 "rows.metal" 2
using namespace metal;
#pragma METAL fp contract(off)
constant bool has_bias [[function_constant(0)]];
constant uint width [[function_constant(1)]];
constant bool vectorised = has_bias && is_function_constant_defined(width);
static constant constexpr const float kTable[3] = {1, 2, 3};
constant float kScale = 0.5f, kShift(2);

struct Params {
  uint n;
  float scale;
  device float* next;
};
enum class Mode : uint { kFirst = 1, kSecond };
typedef float (*Function)(float);

namespace detail {
METAL_FUNC float load(const device float* p, uint i) { return p[i]; }
METAL_FUNC float load(threadgroup const float* q, uint j) { return q[j]; }
template <typename T> struct Sum {
  T value;
  Sum(T start) thread : value{start} {}
  operator T() const thread { return value; }
  operator T() const device { return value; }
};
}

template <typename T, int N>
[[kernel, max_total_threads_per_threadgroup(N * 32)]] void rows(
    device const T* in [[buffer(0)]],
# 40 "rows.metal"
    device T* out [[buffer(1)]],
    constant Params& params [[buffer(2)]],
    device const T* bias [[buffer(3), function_constant(has_bias)]],
    threadgroup float* scratch [[threadgroup(1)]],
    uint2 group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]]) {
  threadgroup float tile[N][N + 1];
  threadgroup atomic_uint count, other[2];
  threadgroup float* p = scratch;
  threadgroup
      metal::array<T, 4> parts[N];
  out[group.x] = T(detail::load(p, lane) + tile[0][0] * 0.25h);
}

template [[host_name("rows_f32_4")]] [[kernel]] decltype(rows<float, 4>) rows<float, 4>;
template [[host_name("rows_f16_8"), kernel]] void rows<half , 8>(
    device const half* in [[buffer(0)]],
    device half* out [[buffer(1)]],
    constant Params& params [[buffer(2)]],
    device const half* bias [[buffer(3), function_constant(has_bias)]],
    threadgroup float* scratch [[threadgroup(1)]],
    uint2 group [[threadgroup_position_in_grid]],
    uint lane [[thread_index_in_simdgroup]]);

namespace tools {
constant bool enabled = !has_bias;
struct Four {};
kernel void copy(device const float* in [[buffer(2)]], device float* out, constant float (&table)[4],
                 threadgroup Params& shared, const device atomic<uint>* counts,
                 device int* flags [[buffer(4)]] [[function_constant(enabled)]],
                 uint3 position [[thread_position_in_grid]]) {
  if (position.x < 4) { out[position.x] = in[position.x] * kScale; }
}
template <typename T> kernel void fill(device T* out, uint i [[thread_position_in_grid]]) {}
template [[host_name("fill_four")]] kernel void fill<Four>(device Four*, uint);
}

kernel void forward(device float* out);
[[host_name("named"), max_total_threads_per_threadgroup(256)]] kernel void forward(
    device float* out) {
  threadgroup float last;
}
