// From a launch to the call of a kernel function: the thread's place in the grid, and arguments by the function's own types.
#pragma once

#include <metal_stdlib>

namespace softmetal {

constexpr int kThreadgroupArguments = 31;

// What the host says of a launch; src/backends/cuda/launch.hpp has the same. Unless all threadgroups are whole, the last of
// a row is smaller than the others: its block has threads that the grid has not.
struct Launch {
  uint threads_per_grid[3];
  uint whole;
  uint threadgroup_arguments[kThreadgroupArguments];  // where each begins in the dynamic shared memory
};

extern __shared__ __align__(128) unsigned char threadgroup_memory[];

inline void* threadgroup_argument(const Launch& launch, int index) {
  return threadgroup_memory + launch.threadgroup_arguments[index];
}

class Thread {
 public:
  explicit Thread(const Launch& launch) : launch_(launch) {
    index_ = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    size_ = dispatch_threads_per_threadgroup();
    position_ = uint3(threadIdx.x, threadIdx.y, threadIdx.z);
    if (launch.whole == 0) {
      size_ = uint3(::umin(blockDim.x, launch.threads_per_grid[0] - blockIdx.x * blockDim.x),
                    ::umin(blockDim.y, launch.threads_per_grid[1] - blockIdx.y * blockDim.y),
                    ::umin(blockDim.z, launch.threads_per_grid[2] - blockIdx.z * blockDim.z));
      // The threads of a smaller group are the first of the block, so that they fill its warps.
      if (size_.x != blockDim.x || size_.y != blockDim.y || size_.z != blockDim.z) {
        position_ = uint3(index_ % size_.x, index_ / size_.x % size_.y, index_ / (size_.x * size_.y));
      }
    }
  }

  bool is_outside() const { return launch_.whole == 0 && index_ >= size_.x * size_.y * size_.z; }

  uint3 thread_position_in_grid() const {
    return uint3(blockIdx.x * blockDim.x + position_.x,
                 blockIdx.y * blockDim.y + position_.y,
                 blockIdx.z * blockDim.z + position_.z);
  }
  uint3 thread_position_in_threadgroup() const { return position_; }
  uint3 threadgroup_position_in_grid() const { return uint3(blockIdx.x, blockIdx.y, blockIdx.z); }
  uint3 threadgroups_per_grid() const { return uint3(gridDim.x, gridDim.y, gridDim.z); }
  uint3 threads_per_grid() const {
    return uint3(launch_.threads_per_grid[0], launch_.threads_per_grid[1], launch_.threads_per_grid[2]);
  }
  uint3 grid_size() const { return threads_per_grid(); }
  uint3 grid_origin() const { return uint3(0); }
  uint3 threads_per_threadgroup() const { return size_; }
  uint3 dispatch_threads_per_threadgroup() const { return uint3(blockDim.x, blockDim.y, blockDim.z); }
  uint thread_index_in_threadgroup() const { return index_; }
  uint thread_index_in_simdgroup() const { return index_ % 32; }
  uint simdgroup_index_in_threadgroup() const { return index_ / 32; }
  uint thread_index_in_quadgroup() const { return index_ % 4; }
  uint quadgroup_index_in_threadgroup() const { return index_ / 4; }
  uint threads_per_simdgroup() const { return 32; }
  uint thread_execution_width() const { return 32; }
  uint simdgroups_per_threadgroup() const { return groups_of(size_, 32); }
  uint dispatch_simdgroups_per_threadgroup() const { return groups_of(dispatch_threads_per_threadgroup(), 32); }
  uint quadgroups_per_threadgroup() const { return groups_of(size_, 4); }
  uint dispatch_quadgroups_per_threadgroup() const { return groups_of(dispatch_threads_per_threadgroup(), 4); }

 private:
  static uint groups_of(uint3 size, uint width) { return (size.x * size.y * size.z + width - 1) / width; }

  const Launch& launch_;
  uint3 size_;      // of this group
  uint3 position_;  // in the group
  uint index_;      // in the group
};

// The type of a function's parameter, by place.
template <class Function, int I>
struct Parameter;
template <class First, class... Rest, int I>
struct Parameter<void (*)(First, Rest...), I> : Parameter<void (*)(Rest...), I - 1> {};
template <class First, class... Rest>
struct Parameter<void (*)(First, Rest...), 0> {
  using type = First;
};
template <class Function, int I>
using ParameterType = typename Parameter<Function, I>::type;

// How the host passes the argument for a parameter that is bound to a buffer.
template <class Function, int I>
using Value = __remove_cv(__remove_reference_t(ParameterType<Function, I>));
template <class Function, int I>
using Address = void*;

// Stands in for arguments that a function constant disables: the optimiser may load from them early.
static __device__ __align__(128) unsigned char unused_memory[4096];

// A value that is bound to a buffer, an address, or an id, as a parameter of type P.
template <class P>
struct Argument {
  template <class T>
  static P of(const T& value) {
    if constexpr (component_count<P> == 1 && component_count<T> == 3) {
      return P(value.x);
    } else if constexpr (component_count<P> == 2) {
      return P(value.x, value.y);
    } else {
      return P(value);
    }
  }
};
template <class T>
struct Argument<T*> {
  static T* of(void* address) { return static_cast<T*>(address); }
};
template <class T>
struct Argument<T&> {
  static T& of(void* address) { return *static_cast<T*>(address); }
  static T& of(const T& value) { return value; }
};

template <class Function, int I, bool Enabled, class T>
inline ParameterType<Function, I> argument(const T& value) {
  using P = ParameterType<Function, I>;
  if constexpr (Enabled) {
    return Argument<P>::of(value);
  } else if constexpr (__is_pointer(P) || __is_reference(P)) {
    return Argument<P>::of(static_cast<void*>(unused_memory));
  } else {
    return P();
  }
}

}  // namespace softmetal
