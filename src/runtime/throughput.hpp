// What the measurements of a device's rates share.
#pragma once

#include <cstddef>
#include <functional>

#include "ingot/tensor.hpp"

namespace ingot {

/// How large an array must be for its bandwidth to be that of the memory, not of a cache.
size_t bandwidth_array_bytes(const DeviceInfo& device);

/// Multiply-adds of f32 or f16 on registers by the whole GPU, two operations each, in operations a
/// second.
double gpu_multiply_adds(const Backend& backend, DType dtype);

/// The time in seconds of what `enqueue` puts on a backend, until it is done. `device_time` says
/// whether it is the device's own clock, which GPUs keep, or wall time.
double time_on(const Backend& backend, const std::function<void()>& enqueue, bool& device_time);
double time_on(const Backend& backend, const std::function<void()>& enqueue);

}  // namespace ingot
