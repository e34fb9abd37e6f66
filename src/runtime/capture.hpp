// Kernel calls that are kept to be run again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <vector>

#include "ingot/tensor.hpp"

#include "backends/device.hpp"

namespace ingot {

/// What a capture has recorded. Used by who holds the stream's lock.
class CapturedWork {
 public:
  /// One kernel call; on a CPU, which has no encoder, it is given nullptr.
  using Step = std::function<void(CommandEncoder*)>;

  explicit CapturedWork(std::shared_ptr<Stream> stream);
  ~CapturedWork();
  CapturedWork(const CapturedWork&) = delete;
  CapturedWork& operator=(const CapturedWork&) = delete;

  Stream& stream() const { return *stream_; }
  /// Completion of the latest run, for the results of the calls.
  const std::shared_ptr<const Event>& event() const { return event_; }

  /// Adds a call that reads `inputs`.
  void add(const std::vector<Tensor>& inputs, Step step);
  /// Runs the calls for the first time; no more are added.
  void finish();
  void replay();
  /// As Graph::set_input.
  void set_input(const Tensor& input, const void* data, size_t bytes, DType dtype);

 private:
  class Latest;
  using Steps = std::vector<Step>;
  std::vector<Event> events_of_inputs() const;

  std::shared_ptr<Stream> stream_;
  std::shared_ptr<Latest> latest_;
  std::shared_ptr<const Event> event_;
  std::map<const Buffer*, Tensor> inputs_;  // made outside of the capture
  std::shared_ptr<Steps> steps_ = std::make_shared<Steps>();
  std::unique_ptr<ReplayableWork> replayable_;  // on a GPU, once finished
};

}  // namespace ingot
