// Completion of work on a device.
#pragma once

#include <functional>
#include <memory>

namespace ingot {

/// Handle to work in flight. Copies refer to the same work. A default-made event is complete.
class Event {
 public:
  /// Implemented by a backend.
  class Work {
   public:
    virtual ~Work() = default;
    virtual bool done() const = 0;
    /// Blocks until the work has ended. Throws Error(kDevice) if it failed, again on every call.
    virtual void wait() = 0;
    /// Time on the device in seconds; valid after wait().
    virtual double seconds() const = 0;
  };

  Event() = default;
  explicit Event(std::shared_ptr<Work> work) : work_(std::move(work)) {}

  bool done() const { return work_ == nullptr || work_->done(); }
  void wait() const {
    if (work_ != nullptr) {
      work_->wait();
    }
  }
  bool belongs_to(const Work* work) const { return work_.get() == work; }
  double seconds() const { return work_ == nullptr ? 0.0 : work_->seconds(); }

 private:
  std::shared_ptr<Work> work_;
};

}  // namespace ingot
