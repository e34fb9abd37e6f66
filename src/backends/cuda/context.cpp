#include "backends/cuda/context.hpp"

#include <fmt/format.h>

#include "ingot/error.hpp"

namespace ingot::cuda {
Context::Context(int ordinal) : driver_(Driver::get()) {
  cuda::check(driver_.device_get(&device_, ordinal), fmt::format("opening device {}", ordinal));
  cuda::check(driver_.context_create(&context_, 0, device_), "making a context");
  // Creation has made it current; every use says for itself when it is.
  const CUresult made = driver_.stream_create(&stream_, CU_STREAM_NON_BLOCKING);
  CUcontext current = nullptr;
  driver_.context_pop(&current);
  if (made != CUDA_SUCCESS) {
    driver_.context_destroy(context_);
    cuda::check(made, "making a stream");
  }
}

Context::~Context() {
  driver_.context_destroy(context_);  // with all that is in it
}

Context::Scope::Scope(const Context& context) : driver_(context.driver_) {
  driver_.context_push(context.context_);
}

Context::Scope::~Scope() {
  CUcontext popped = nullptr;
  driver_.context_pop(&popped);
}

int Context::attribute(CUdevice_attribute attribute) const {
  int value = 0;
  cuda::check(driver_.device_attribute(&value, attribute, device_), "asking for an attribute");
  return value;
}

int Context::architecture() const {
  return 10 * attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR) +
         attribute(CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR);
}

bool Context::reach(const Context& other) const {
  if (device_ == other.device_) {
    return true;
  }
  const Scope scope(*this);
  int can = 0;
  check(driver_.can_access_peer(&can, device_, other.device_), "asking for peer access");
  if (can == 0) {
    return false;
  }
  const CUresult enabled = driver_.enable_peer_access(other.context_, 0);
  return enabled == CUDA_SUCCESS || enabled == CUDA_ERROR_PEER_ACCESS_ALREADY_ENABLED;
}

void Context::check(CUresult result, std::string_view what) const {
  if (result == CUDA_SUCCESS) {
    return;
  }
  require_alive();
  if (is_fatal(result)) {
    const std::lock_guard lock(mutex_);
    reason_ = fmt::format("{}: {}", what, describe(result));
    lost_ = true;
  }
  require_alive();
  cuda::check(result, what);
}

void Context::require_alive() const {
  if (lost_) {
    const std::lock_guard lock(mutex_);
    throw Error(ErrorCode::kDevice,
                "cuda",
                "the device was lost, with what was in its memory: " + reason_,
                std::string(kStartAnew));
  }
}

}  // namespace ingot::cuda
