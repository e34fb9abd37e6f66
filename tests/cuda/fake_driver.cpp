// A CUDA driver without a GPU, for tests: memory is the host's, work is done when it is asked for,
// and a launch checks all that can be checked of it but runs nothing. What is given to a stream
// that captures waits for a launch of the graph. Taken instead of the machine's with
// INGOT_CUDA_DRIVER; not by the name of NVIDIA's, which NVRTC would take it for.
//
// FAKE_CUDA chooses what is wrong with it, in words separated by commas:
//   none                 no device
//   old                  CUDA 11.4
//   peers=none           they cannot use each other's memory
//   memory=BYTES         a device has so much memory
//   context=CODE         no context is to be had: the CUresult
//   gone=N               the device disappears at the N-th launch (from 1)
//   graphs=none          there is no memory for a graph
//   fault=N              the N-th launch (from 1) faults, and CUDA ends for the process
// FAKE_CUDA_ARCH is the compute capability, 90 for 9.0.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <elf.h>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/cuda/driver_api.hpp"

namespace {

using namespace ingot::cuda;

constexpr CUresult kInvalidValue = 1;
constexpr CUresult kInvalidContext = 201;
constexpr CUresult kNotFound = 500;
constexpr CUresult kCaptureUnsupported = 900;
constexpr CUresult kIllegalState = 401;

std::string_view option(std::string_view name) {
  const char* text = std::getenv("FAKE_CUDA");
  std::string_view rest = text != nullptr ? text : "";
  while (!rest.empty()) {
    const std::string_view word = rest.substr(0, rest.find(','));
    if (word.substr(0, name.size()) == name) {
      const std::string_view value = word.substr(name.size());
      return value.empty() ? "yes" : value.substr(1);
    }
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
  }
  return {};
}

size_t number(std::string_view text, size_t otherwise) {
  return text.empty() ? otherwise : std::strtoull(text.data(), nullptr, 10);
}

std::mutex mutex;  // guards what follows
struct Block {
  size_t bytes;
  CUdevice device;
};
auto& blocks = *new std::map<CUdeviceptr, Block>;  // outlives whoever uses the driver at the end
std::map<CUdevice, size_t> bytes_in_use;
size_t launches = 0;
size_t peer_copies = 0;
std::atomic<CUresult> ended = CUDA_SUCCESS;  // what every call says when CUDA has ended

thread_local CUctx_st* current[16];
thread_local int depth = 0;

}  // namespace

namespace ingot::cuda {
struct CUstream_st {
  CUgraph_st* captured = nullptr;
};
struct CUgraph_st {
  size_t launches = 0;
};
struct CUgraphExec_st {
  CUgraph_st graph;
};
struct CUctx_st {
  CUdevice device;
  std::set<CUcontext> peers = {};
  std::vector<std::unique_ptr<CUstream_st>> streams = {};
};
struct CUfunc_st {
  int dynamic_shared_bytes = 48 * 1024;
};
struct CUmod_st {
  const char* image;
  std::map<std::string, CUfunc_st> functions;
};
}  // namespace ingot::cuda

namespace {

// The state of the calling thread's context, as every call of the driver reports it.
CUresult state() {
  return ended != CUDA_SUCCESS ? ended.load() : depth == 0 ? kInvalidContext : CUDA_SUCCESS;
}

// Copies of pageable memory and events of a moment have no place in a graph of kernels.
CUresult state_unless_capturing(CUstream stream) {
  return stream->captured != nullptr ? kCaptureUnsupported : state();
}

// Whether these bytes lie in a block of the device.
bool is_on(CUdevice device, CUdeviceptr address, size_t bytes) {
  const std::lock_guard lock(mutex);
  auto block = blocks.upper_bound(address);
  return block != blocks.begin() && (--block)->second.device == device &&
         address + bytes <= block->first + block->second.bytes;
}

CUresult copy(void* to, const void* from, size_t bytes, CUstream stream) {
  if (const CUresult failure = state_unless_capturing(stream); failure != CUDA_SUCCESS) {
    return failure;
  }
  std::memcpy(to, from, bytes);
  return CUDA_SUCCESS;
}

// The launches of a kernel or graph. A fault is told by the calls that follow.
CUresult run(size_t count) {
  const std::lock_guard lock(mutex);
  const size_t fault = number(option("fault"), 0);
  if (launches < fault && launches + count >= fault) {
    ended = CUDA_ERROR_ILLEGAL_ADDRESS;
  }
  const size_t last = number(option("gone"), 0);
  if (launches < last && launches + count >= last) {
    ended = CUDA_ERROR_UNKNOWN;
  }
  launches += count;
  return CUDA_SUCCESS;
}

template <class T>
T* address_of(CUdeviceptr address) {
  return reinterpret_cast<T*>(address);
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned) {
  return option("none").empty() ? CUDA_SUCCESS : CUDA_ERROR_NO_DEVICE;
}
CUresult cuDriverGetVersion(int* version) {
  *version = option("old").empty() ? 13000 : 11040;
  return CUDA_SUCCESS;
}
CUresult cuGetErrorName(CUresult error, const char** name) {
  *name = error == CUDA_ERROR_ILLEGAL_ADDRESS ? "CUDA_ERROR_ILLEGAL_ADDRESS"
          : error == CUDA_ERROR_OUT_OF_MEMORY ? "CUDA_ERROR_OUT_OF_MEMORY"
          : error == CUDA_ERROR_UNKNOWN       ? "CUDA_ERROR_UNKNOWN"
                                              : "CUDA_ERROR_OF_THE_FAKE";
  return CUDA_SUCCESS;
}
CUresult cuGetErrorString(CUresult error, const char** text) {
  *text =
      error == CUDA_ERROR_ILLEGAL_ADDRESS ? "an illegal memory access was encountered" : "failed";
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetCount(int* count) {
  *count = 2;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int ordinal) {
  *device = ordinal;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char* name, int bytes, CUdevice device) {
  std::strncpy(name, device == 0 ? "Fake GPU" : "Other fake GPU", static_cast<size_t>(bytes));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetUuid_v2(CUuuid* uuid, CUdevice device) {
  std::memset(uuid, device, sizeof *uuid);
  return CUDA_SUCCESS;
}
CUresult cuDeviceTotalMem_v2(size_t* bytes, CUdevice) {
  *bytes = number(option("memory"), size_t{16} << 30);
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice) {
  const char* arch = std::getenv("FAKE_CUDA_ARCH");
  const int capability = arch != nullptr ? std::atoi(arch) : 90;
  switch (attribute) {
    case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
      *value = 1024;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_WARP_SIZE:
      *value = 32;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT:
      *value = 132;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR:
      *value = capability / 10;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR:
      *value = capability % 10;
      return CUDA_SUCCESS;
    case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN:
      *value = 227 * 1024;
      return CUDA_SUCCESS;
  }
  return kInvalidValue;
}

CUresult cuCtxPushCurrent_v2(CUcontext context) {
  current[depth++] = context;
  return CUDA_SUCCESS;
}
CUresult cuCtxPopCurrent_v2(CUcontext* context) {
  *context = current[--depth];
  return CUDA_SUCCESS;
}
CUresult cuCtxCreate_v2(CUcontext* context, unsigned, CUdevice device) {
  const auto failure = static_cast<CUresult>(number(option("context"), CUDA_SUCCESS));
  if (failure != CUDA_SUCCESS || ended != CUDA_SUCCESS) {
    return ended != CUDA_SUCCESS ? ended.load() : failure;
  }
  *context = new CUctx_st{.device = device};
  return cuCtxPushCurrent_v2(*context);
}
CUresult cuCtxDestroy_v2(CUcontext context) {
  delete context;
  return CUDA_SUCCESS;
}

CUresult cuMemAlloc_v2(CUdeviceptr* address, size_t bytes) {
  if (const CUresult failure = state(); failure != CUDA_SUCCESS) {
    return failure;
  }
  const CUdevice device = current[depth - 1]->device;
  const std::lock_guard lock(mutex);
  if (bytes_in_use[device] + bytes > number(option("memory"), size_t{16} << 30)) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  constexpr size_t kAlignment = 256;  // as CUDA's
  void* block = std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment);
  std::memset(block, 0, bytes);
  *address = reinterpret_cast<CUdeviceptr>(block);
  blocks[*address] = {bytes, device};
  bytes_in_use[device] += bytes;
  return CUDA_SUCCESS;
}
CUresult cuMemFree_v2(CUdeviceptr address) {
  const std::lock_guard lock(mutex);
  const auto found = blocks.find(address);
  if (found == blocks.end()) {
    return kInvalidValue;
  }
  bytes_in_use[found->second.device] -= found->second.bytes;
  blocks.erase(found);
  std::free(address_of<void>(address));
  return state();
}
CUresult cuMemAllocHost_v2(void** address, size_t bytes) {
  *address = std::malloc(bytes);
  return state();
}
CUresult cuMemFreeHost(void* address) {
  std::free(address);
  return state();
}
CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  if (!is_on(current[depth - 1]->device, to, bytes)) {
    return kInvalidValue;
  }
  return copy(address_of<void>(to), from, bytes, stream);
}
CUresult cuMemcpyDtoHAsync_v2(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  if (!is_on(current[depth - 1]->device, from, bytes)) {
    return kInvalidValue;
  }
  return copy(to, address_of<void>(from), bytes, stream);
}
CUresult cuDeviceCanAccessPeer(int* can, CUdevice device, CUdevice peer) {
  *can = device != peer && option("peers") != "none" ? 1 : 0;
  return CUDA_SUCCESS;
}
CUresult cuCtxEnablePeerAccess(CUcontext peer, unsigned) {
  const bool is_new = current[depth - 1]->peers.insert(peer).second;
  return is_new ? state() : CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
}
CUresult cuMemcpyPeerAsync(CUdeviceptr to,
                           CUcontext to_context,
                           CUdeviceptr from,
                           CUcontext from_context,
                           size_t bytes,
                           CUstream stream) {
  if (!is_on(to_context->device, to, bytes) || !is_on(from_context->device, from, bytes)) {
    return kInvalidValue;
  }
  ++peer_copies;
  return copy(address_of<void>(to), address_of<void>(from), bytes, stream);
}

CUresult cuStreamCreate(CUstream* stream, unsigned) {
  if (const CUresult failure = state(); failure != CUDA_SUCCESS) {
    return failure;
  }
  auto& streams = current[depth - 1]->streams;
  streams.push_back(std::make_unique<CUstream_st>());
  *stream = streams.back().get();
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy_v2(CUstream stream) {
  if (stream->captured != nullptr) {
    return kIllegalState;
  }
  std::erase_if(current[depth - 1]->streams,
                [&](const auto& owned) { return owned.get() == stream; });
  return state();
}
CUresult cuStreamBeginCapture_v2(CUstream stream, CUstreamCaptureMode mode) {
  if (stream->captured != nullptr || mode != CU_STREAM_CAPTURE_MODE_RELAXED) {
    return kIllegalState;
  }
  stream->captured = new CUgraph_st;
  return state();
}
CUresult cuStreamEndCapture(CUstream stream, CUgraph* graph) {
  if (stream->captured == nullptr) {
    return kIllegalState;
  }
  *graph = std::exchange(stream->captured, nullptr);
  return state();
}
CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph graph, unsigned long long) {
  if (option("graphs") == "none") {
    return CUDA_ERROR_OUT_OF_MEMORY;
  }
  *executable = new CUgraphExec_st{*graph};
  return state();
}
CUresult cuGraphDestroy(CUgraph graph) {
  delete graph;
  return CUDA_SUCCESS;
}
CUresult cuGraphLaunch(CUgraphExec executable, CUstream stream) {
  const CUresult failure = state_unless_capturing(stream);
  return failure != CUDA_SUCCESS ? failure : run(executable->graph.launches);
}
CUresult cuGraphExecDestroy(CUgraphExec executable) {
  delete executable;
  return CUDA_SUCCESS;
}
CUresult cuEventCreate(CUevent* event, unsigned) {
  *event = reinterpret_cast<CUevent>(&mutex);
  return state();
}
CUresult cuEventDestroy_v2(CUevent) {
  return state();
}
CUresult cuEventRecord(CUevent, CUstream stream) {
  return state_unless_capturing(stream);
}
CUresult cuEventQuery(CUevent) {
  return state();
}
CUresult cuEventSynchronize(CUevent) {
  return state();
}
CUresult cuEventElapsedTime(float* milliseconds, CUevent, CUevent) {
  *milliseconds = 1;
  return state();
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  const std::string_view text = static_cast<const char*>(image);
  if (!text.starts_with(ELFMAG) && text.find(".version") == std::string_view::npos) {
    return CUDA_ERROR_INVALID_IMAGE;
  }
  *module = new CUmod_st{static_cast<const char*>(image), {}};
  return state();
}
CUresult cuModuleUnload(CUmodule module) {
  delete module;
  return state();
}
// A cubin is an ELF file; a kernel is a symbol of its own section, ".text.NAME". PTX is text.
CUresult cuModuleGetFunction(CUfunction* function, CUmodule module, const char* name) {
  const std::string_view text = module->image;
  if (!text.starts_with(ELFMAG)) {
    *function = &module->functions[name];
    const bool is_there = text.find(".entry " + std::string(name) + "(") != std::string_view::npos;
    return is_there ? CUDA_SUCCESS : kNotFound;
  }
  const auto* header = reinterpret_cast<const Elf64_Ehdr*>(module->image);
  const auto* sections = reinterpret_cast<const Elf64_Shdr*>(module->image + header->e_shoff);
  const char* names = module->image + sections[header->e_shstrndx].sh_offset;
  for (int i = 0; i < header->e_shnum; ++i) {
    if (names + sections[i].sh_name == ".text." + std::string(name)) {
      *function = &module->functions[name];
      return CUDA_SUCCESS;
    }
  }
  return kNotFound;
}
CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction) {
  *value = attribute == CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK ? 1024 : 0;
  return CUDA_SUCCESS;
}
CUresult cuFuncSetAttribute(CUfunction function, CUfunction_attribute attribute, int value) {
  if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
    return kInvalidValue;
  }
  function->dynamic_shared_bytes = value;
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction function,
                        unsigned grid_x,
                        unsigned grid_y,
                        unsigned grid_z,
                        unsigned block_x,
                        unsigned block_y,
                        unsigned block_z,
                        unsigned dynamic_shared_bytes,
                        CUstream stream,
                        void** parameters,
                        void**) {
  if (const CUresult failure = state(); failure != CUDA_SUCCESS) {
    return failure;
  }
  const bool has_extent =
      grid_x > 0 && grid_y > 0 && grid_z > 0 && block_x > 0 && block_y > 0 && block_z > 0;
  if (!has_extent || grid_x > 0x7fffffff || grid_y > 65535 || grid_z > 65535 ||
      block_x * block_y * block_z > 1024 || parameters == nullptr ||
      dynamic_shared_bytes > static_cast<unsigned>(function->dynamic_shared_bytes)) {
    return kInvalidValue;
  }
  if (stream->captured != nullptr) {
    ++stream->captured->launches;
    return CUDA_SUCCESS;
  }
  return run(1);
}

/// For tests: how many kernels have run in this process, those of graphs among them.
size_t fake_cuda_launches() {
  const std::lock_guard lock(mutex);
  return launches;
}
/// As if the process had been started anew.
void fake_cuda_restart() {
  ended = CUDA_SUCCESS;
}
/// How many copies went from one device to another.
size_t fake_cuda_peer_copies() {
  return peer_copies;
}

}  // extern "C"
