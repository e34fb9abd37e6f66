// Work on its way through a device's stream, as events know it.
#pragma once

#include <exception>
#include <memory>

#include "backends/cuda/context.hpp"
#include "backends/event.hpp"

namespace ingot::cuda {

/// A CUDA event of its own: a moment of the context's stream.
class Moment {
 public:
  /// Throws Error(kDevice). The context is the calling thread's, here and in record().
  explicit Moment(std::shared_ptr<const Context> context);
  ~Moment();
  Moment(const Moment&) = delete;
  Moment& operator=(const Moment&) = delete;

  /// Puts it behind all that the stream was given. Throws Error(kDevice).
  void record();
  const Context& context() const { return *context_; }
  CUevent get() const { return event_; }

 private:
  std::shared_ptr<const Context> context_;
  CUevent event_ = nullptr;
};

/// The work between two moments.
Event enqueued_work(std::unique_ptr<Moment> begin, std::unique_ptr<Moment> end);

/// Work that could not be enqueued.
Event failed_work(std::exception_ptr failure);

}  // namespace ingot::cuda
