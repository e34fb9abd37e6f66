// The order of work on one device.
#pragma once

#include <atomic>
#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "backends/device.hpp"

namespace ingot {

class CapturedWork;

/// Owns a device and puts kernels on it in the order of the calls. On a GPU, dispatches are
/// batched: they are recorded into an open command buffer, which is submitted when somebody waits
/// for a result or when it holds kMaxBatch kernels, because submitting costs far more than
/// recording. All members are thread safe; `lock` makes several calls one step.
class Stream : public std::enable_shared_from_this<Stream> {
 public:
  /// `passed_over`: the devices that would have been preferred, and what is wrong with them.
  explicit Stream(std::unique_ptr<Device> device, std::string passed_over = {});
  ~Stream();

  Device& device() { return *device_; }
  const std::string& passed_over() const { return passed_over_; }
  std::unique_lock<std::recursive_mutex> lock() { return std::unique_lock(mutex_); }

  /// The open command buffer of a GPU; makes one when there is none, as the two below do.
  CommandEncoder& encoder();
  /// Makes the results of the open command buffer depend on `input`: if it fails, so do they.
  void depend_on(const Event& input);
  /// Completion of the open command buffer. Waiting for it submits the buffer first.
  std::shared_ptr<const Event> open_event();
  /// To be called once per kernel recorded.
  void kernel_recorded();
  /// Submits what is recorded; returns its completion (complete when nothing was recorded).
  Event flush();
  /// flush() and wait for all work. Throws Error(kDevice) if any failed since the last call.
  void synchronize();

  /// Puts work behind all that was recorded before, and submits both. `work` gives its completion.
  /// Returns the completion of the work with that of `inputs`, which it depends on.
  Event submit(const std::function<Event()>& work, const std::vector<Event>& inputs);

  /// What takes the kernel calls instead of the device; nullptr where they run. By who holds the
  /// lock.
  CapturedWork* capture() const { return capture_; }
  void set_capture(CapturedWork* capture);
  /// Throws Error(kInvalidArgument) that `action` cannot be captured, in the thread that captures.
  /// Does not wait for other threads.
  void require_no_capture(std::string_view action) const;

  /// The entry point `function` of an embedded shader ("reductions/reduce_sum.metal") or of the
  /// user's own source, compiled once per stream.
  std::shared_ptr<Pipeline> pipeline(std::string_view shader,
                                     std::string_view function,
                                     const std::vector<FunctionConstant>& constants);
  std::shared_ptr<Pipeline> pipeline(const msl::Source& source,
                                     std::string_view function,
                                     const std::vector<FunctionConstant>& constants);

 private:
  class Batch;
  void add_in_flight(std::shared_ptr<Batch> batch);
  void retire_oldest();
  std::shared_ptr<Pipeline> pipeline(std::string_view identity,
                                     const std::function<const msl::Source&()>& source,
                                     std::string_view function,
                                     const std::vector<FunctionConstant>& constants);

  static constexpr int kMaxBatch = 64;
  static constexpr size_t kMaxInFlight = 32;  // Metal allows 64 command buffers per queue

  std::unique_ptr<Device> device_;
  const std::string passed_over_;
  std::recursive_mutex mutex_;
  std::unique_ptr<CommandEncoder> encoder_;
  std::shared_ptr<Batch> batch_;
  std::shared_ptr<const Event> batch_event_;
  std::deque<std::shared_ptr<Batch>> in_flight_;  // submitted, oldest first
  CapturedWork* capture_ = nullptr;
  std::atomic<std::thread::id> capturing_thread_;
  int recorded_ = 0;
  std::exception_ptr failure_;  // the first of the batches retired since the last synchronize()
  std::map<std::string, std::shared_ptr<Library>, std::less<>> libraries_;  // by path or text
  std::map<std::string, std::shared_ptr<Pipeline>, std::less<>> pipelines_;
};

}  // namespace ingot
