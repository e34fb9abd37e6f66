// One GPU as this process uses it: a context and the stream that all its work goes through.
#pragma once

#include <atomic>
#include <mutex>
#include <string>

#include "backends/cuda/driver.hpp"

namespace ingot::cuda {

/// Everything of a device goes through one stream, so memory may be reused as soon as the last work
/// that uses it has been enqueued. The context is the device's own, not the process's primary one,
/// whose settings are other libraries'. Thread safe.
class Context {
 public:
  /// Throws Error(kDevice) or Error(kOutOfMemory) when there is none to be had.
  explicit Context(int ordinal);
  ~Context();
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;

  /// Makes the context the calling thread's for as long as it lives.
  class Scope {
   public:
    explicit Scope(const Context& context);
    ~Scope();
    Scope(const Scope&) = delete;
    Scope& operator=(const Scope&) = delete;

   private:
    const Driver& driver_;
  };

  const Driver& driver() const { return driver_; }
  CUdevice device() const { return device_; }
  CUcontext get() const { return context_; }
  CUstream stream() const { return stream_; }
  int attribute(CUdevice_attribute attribute) const;
  /// 90 for compute capability 9.0.
  int architecture() const;

  /// Lets this context's copies and kernels use the other's memory; false where the GPUs cannot.
  bool reach(const Context& other) const;

  /// Throws as cuda::check does. An error that ends CUDA is remembered: from then on every call says
  /// that the device was lost, and why.
  void check(CUresult result, std::string_view what) const;
  /// Throws Error(kDevice) when the device was lost.
  void require_alive() const;

 private:
  const Driver& driver_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUstream stream_ = nullptr;
  mutable std::mutex mutex_;  // guards reason_
  mutable std::atomic<bool> lost_ = false;
  mutable std::string reason_;
};

}  // namespace ingot::cuda
