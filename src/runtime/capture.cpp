#include "runtime/capture.hpp"

#include <mutex>
#include <string>
#include <utility>

#include "ingot/capture.hpp"
#include "ingot/error.hpp"

#include "runtime/stream.hpp"

namespace ingot {

// The latest of the runs, each of which is an event of its own.
class CapturedWork::Latest final : public Event::Work {
 public:
  bool done() const override { return has_run() && get().done(); }

  void wait() override {
    if (!has_run()) {
      throw Error(ErrorCode::kInvalidArgument,
                  "capture",
                  "the result is of captured calls that have not run",
                  "read it after capture() has returned");
    }
    get().wait();
  }

  double seconds() const override { return get().seconds(); }

  void set(Event event) {
    const std::lock_guard lock(mutex_);
    event_ = std::move(event);
    has_run_ = true;
  }

 private:
  bool has_run() const {
    const std::lock_guard lock(mutex_);
    return has_run_;
  }
  Event get() const {
    const std::lock_guard lock(mutex_);
    return event_;
  }

  mutable std::mutex mutex_;
  Event event_;
  bool has_run_ = false;
};

CapturedWork::CapturedWork(std::shared_ptr<Stream> stream)
    : stream_(std::move(stream)),
      latest_(std::make_shared<Latest>()),
      event_(std::make_shared<const Event>(latest_)) {}

CapturedWork::~CapturedWork() = default;

void CapturedWork::add(const std::vector<Tensor>& inputs, Step step) {
  for (const Tensor& input : inputs) {
    if (input && !input.event().belongs_to(latest_.get())) {
      inputs_.emplace(&input.buffer(), input);
    }
  }
  steps_->push_back(std::move(step));
}

void CapturedWork::finish() {
  GpuDevice* gpu = stream_->device().gpu();
  if (gpu == nullptr) {
    replay();
    return;
  }
  const Encode encode = [steps = steps_](CommandEncoder& encoder) {
    for (const Step& step : *steps) {
      step(&encoder);
    }
  };
  latest_->set(stream_->submit(
      [&] {
        const auto encoder = gpu->encoder();
        encode(*encoder);
        return encoder->commit();
      },
      events_of_inputs()));
  steps_.reset();
  replayable_ = gpu->make_replayable(encode);
}

void CapturedWork::replay() {
  if (replayable_ != nullptr) {
    latest_->set(stream_->submit([&] { return replayable_->run(); }, events_of_inputs()));
    return;
  }
  for (const Event& event : events_of_inputs()) {
    event.wait();
  }
  for (const Step& step : *steps_) {
    step(nullptr);
  }
  latest_->set(Event());
}

void CapturedWork::set_input(const Tensor& input, const void* data, size_t bytes, DType dtype) {
  const auto refuse = [](std::string problem) {
    throw Error(ErrorCode::kInvalidArgument, "set_input", std::move(problem));
  };
  if (!input || input.stream() != stream_ || !inputs_.contains(&input.buffer())) {
    refuse("the captured calls read no such tensor");
  }
  if (dtype != input.dtype() || bytes != input.bytes()) {
    refuse(std::to_string(bytes) + " bytes of " + std::string(to_string(dtype)) +
           " were given; the tensor has " + std::to_string(input.bytes()) + " bytes of " +
           std::string(to_string(input.dtype())));
  }
  stream_->synchronize();
  if (bytes > 0) {
    stream_->device().upload(input.buffer(), input.byte_offset(), data, bytes);
  }
}

std::vector<Event> CapturedWork::events_of_inputs() const {
  std::vector<Event> events;
  for (const auto& [buffer, tensor] : inputs_) {
    events.push_back(tensor.event());
  }
  return events;
}

void Graph::replay() const {
  const auto lock = work_->stream().lock();
  work_->replay();
}

void Graph::set_input(const Tensor& input, const void* data, size_t bytes, DType dtype) const {
  const auto lock = work_->stream().lock();
  work_->set_input(input, data, bytes, dtype);
}

namespace {

class Capturing {
 public:
  Capturing(Stream& stream, CapturedWork& capture) : stream_(stream) {
    stream.set_capture(&capture);
  }
  ~Capturing() { stream_.set_capture(nullptr); }
  Capturing(const Capturing&) = delete;
  Capturing& operator=(const Capturing&) = delete;

 private:
  Stream& stream_;
};

}  // namespace

Graph capture(const Backend& backend, const std::function<void()>& calls) {
  Stream& stream = *backend.stream();
  const auto lock = stream.lock();
  stream.require_no_capture("a capture");
  const auto work = std::make_shared<CapturedWork>(backend.stream());
  {
    const Capturing capturing(stream, *work);
    calls();
  }
  work->finish();
  return Graph(work);
}

}  // namespace ingot
