// The part of the CUDA driver's interface that Ingot calls, declared here so that neither a build
// nor a machine needs NVIDIA's files. Names, signatures and values are those of the CUDA Driver API
// reference, version 12; symbols with a suffix ("_v2") are what its header's names stand for.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ingot::cuda {

using CUresult = int;
using CUdevice = int;
using CUdeviceptr = std::uint64_t;
using CUcontext = struct CUctx_st*;
using CUmodule = struct CUmod_st*;
using CUfunction = struct CUfunc_st*;
using CUstream = struct CUstream_st*;
using CUevent = struct CUevent_st*;
using CUgraph = struct CUgraph_st*;
using CUgraphExec = struct CUgraphExec_st*;

enum : CUresult {
  CUDA_SUCCESS = 0,
  CUDA_ERROR_OUT_OF_MEMORY = 2,
  CUDA_ERROR_NO_DEVICE = 100,
  CUDA_ERROR_INVALID_IMAGE = 200,
  CUDA_ERROR_ECC_UNCORRECTABLE = 214,
  CUDA_ERROR_NVLINK_UNCORRECTABLE = 220,
  CUDA_ERROR_CONTAINED = 226,
  CUDA_ERROR_NOT_READY = 600,
  CUDA_ERROR_ILLEGAL_ADDRESS = 700,
  CUDA_ERROR_LAUNCH_TIMEOUT = 702,
  CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED = 704,
  CUDA_ERROR_CONTEXT_IS_DESTROYED = 709,
  CUDA_ERROR_ASSERT = 710,
  CUDA_ERROR_HARDWARE_STACK_ERROR = 714,
  CUDA_ERROR_ILLEGAL_INSTRUCTION = 715,
  CUDA_ERROR_MISALIGNED_ADDRESS = 716,
  CUDA_ERROR_INVALID_ADDRESS_SPACE = 717,
  CUDA_ERROR_INVALID_PC = 718,
  CUDA_ERROR_LAUNCH_FAILED = 719,
  CUDA_ERROR_UNKNOWN = 999,
};

enum CUdevice_attribute : int {
  CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 1,
  CU_DEVICE_ATTRIBUTE_WARP_SIZE = 10,
  CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT = 16,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR = 75,
  CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR = 76,
  CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN = 97,
};

enum CUfunction_attribute : int {
  CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK = 0,
  CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES = 1,
  CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES = 8,
};

enum : unsigned {
  CU_STREAM_NON_BLOCKING = 1,
  CU_EVENT_DEFAULT = 0,
  CU_EVENT_DISABLE_TIMING = 2,
};

enum CUstreamCaptureMode : int {
  CU_STREAM_CAPTURE_MODE_RELAXED = 2,
};

struct CUuuid {
  char bytes[16];
};

// name, symbol, parameters: every function that is called.
#define INGOT_CUDA_FUNCTIONS(F)                                                                \
  F(init, cuInit, (unsigned flags))                                                            \
  F(driver_version, cuDriverGetVersion, (int* version))                                        \
  F(error_name, cuGetErrorName, (CUresult error, const char** name))                           \
  F(error_string, cuGetErrorString, (CUresult error, const char** text))                       \
  F(device_count, cuDeviceGetCount, (int* count))                                              \
  F(device_get, cuDeviceGet, (CUdevice * device, int ordinal))                                 \
  F(device_name, cuDeviceGetName, (char* name, int bytes, CUdevice device))                    \
  F(device_uuid, cuDeviceGetUuid_v2, (CUuuid * uuid, CUdevice device))                         \
  F(device_total_memory, cuDeviceTotalMem_v2, (size_t* bytes, CUdevice device))                \
  F(device_attribute,                                                                          \
    cuDeviceGetAttribute,                                                                      \
    (int* value, CUdevice_attribute attribute, CUdevice device))                               \
  F(context_create, cuCtxCreate_v2, (CUcontext * context, unsigned flags, CUdevice device))    \
  F(context_destroy, cuCtxDestroy_v2, (CUcontext context))                                     \
  F(context_push, cuCtxPushCurrent_v2, (CUcontext context))                                    \
  F(context_pop, cuCtxPopCurrent_v2, (CUcontext * context))                                    \
  F(memory_allocate, cuMemAlloc_v2, (CUdeviceptr * address, size_t bytes))                     \
  F(memory_free, cuMemFree_v2, (CUdeviceptr address))                                          \
  F(host_allocate, cuMemAllocHost_v2, (void** address, size_t bytes))                          \
  F(host_free, cuMemFreeHost, (void* address))                                                 \
  F(copy_to_device,                                                                            \
    cuMemcpyHtoDAsync_v2,                                                                      \
    (CUdeviceptr to, const void* from, size_t bytes, CUstream stream))                         \
  F(copy_to_host,                                                                              \
    cuMemcpyDtoHAsync_v2,                                                                      \
    (void* to, CUdeviceptr from, size_t bytes, CUstream stream))                               \
  F(copy_between_peers,                                                                        \
    cuMemcpyPeerAsync,                                                                         \
    (CUdeviceptr to,                                                                           \
     CUcontext to_context,                                                                     \
     CUdeviceptr from,                                                                         \
     CUcontext from_context,                                                                   \
     size_t bytes,                                                                             \
     CUstream stream))                                                                         \
  F(can_access_peer, cuDeviceCanAccessPeer, (int* can, CUdevice device, CUdevice peer))        \
  F(enable_peer_access, cuCtxEnablePeerAccess, (CUcontext peer, unsigned flags))               \
  F(stream_create, cuStreamCreate, (CUstream * stream, unsigned flags))                        \
  F(stream_destroy, cuStreamDestroy_v2, (CUstream stream))                                     \
  F(begin_capture, cuStreamBeginCapture_v2, (CUstream stream, CUstreamCaptureMode mode))       \
  F(end_capture, cuStreamEndCapture, (CUstream stream, CUgraph * graph))                       \
  F(graph_instantiate,                                                                         \
    cuGraphInstantiateWithFlags,                                                               \
    (CUgraphExec * executable, CUgraph graph, unsigned long long flags))                       \
  F(graph_destroy, cuGraphDestroy, (CUgraph graph))                                            \
  F(graph_launch, cuGraphLaunch, (CUgraphExec executable, CUstream stream))                    \
  F(graph_executable_destroy, cuGraphExecDestroy, (CUgraphExec executable))                    \
  F(event_create, cuEventCreate, (CUevent * event, unsigned flags))                            \
  F(event_destroy, cuEventDestroy_v2, (CUevent event))                                         \
  F(event_record, cuEventRecord, (CUevent event, CUstream stream))                             \
  F(event_query, cuEventQuery, (CUevent event))                                                \
  F(event_synchronize, cuEventSynchronize, (CUevent event))                                    \
  F(event_elapsed, cuEventElapsedTime, (float* milliseconds, CUevent begin, CUevent end))      \
  F(module_load, cuModuleLoadData, (CUmodule * module, const void* image))                     \
  F(module_unload, cuModuleUnload, (CUmodule module))                                          \
  F(module_function, cuModuleGetFunction, (CUfunction * function, CUmodule, const char* name)) \
  F(function_attribute,                                                                        \
    cuFuncGetAttribute,                                                                        \
    (int* value, CUfunction_attribute attribute, CUfunction function))                         \
  F(set_function_attribute,                                                                    \
    cuFuncSetAttribute,                                                                        \
    (CUfunction function, CUfunction_attribute attribute, int value))                          \
  F(launch,                                                                                    \
    cuLaunchKernel,                                                                            \
    (CUfunction function,                                                                      \
     unsigned grid_x,                                                                          \
     unsigned grid_y,                                                                          \
     unsigned grid_z,                                                                          \
     unsigned block_x,                                                                         \
     unsigned block_y,                                                                         \
     unsigned block_z,                                                                         \
     unsigned dynamic_shared_bytes,                                                            \
     CUstream stream,                                                                          \
     void** parameters,                                                                        \
     void** extra))

}  // namespace ingot::cuda
