#include "runtime/stream.hpp"

#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "runtime/shaders.hpp"

namespace ingot {

// The work of one command buffer, from its first recorded kernel on.
class Stream::Batch final : public Event::Work {
 public:
  explicit Batch(std::weak_ptr<Stream> stream) : stream_(std::move(stream)) {}

  // Called, as submitted() and settle(), by whoever holds the stream; anybody may wait meanwhile.
  void depend_on(const Event& input) {
    if (!succeeded(input)) {
      const std::lock_guard lock(mutex_);
      inputs_.push_back(input);
    }
  }

  void submitted(Event event) {
    const std::lock_guard lock(mutex_);
    event_ = std::move(event);
    submitted_ = true;
  }

  bool done() const override {
    const std::lock_guard lock(mutex_);
    return submitted_ && event_.done();
  }

  void wait() override {
    if (const auto stream = stream_.lock()) {
      const auto lock = stream->lock();
      if (stream->batch_.get() == this) {
        stream->flush();
      }
    }
    std::vector<Event> all;
    {
      const std::lock_guard lock(mutex_);
      all = inputs_;
      all.push_back(event_);
    }
    for (const Event& event : all) {
      event.wait();
    }
  }

  double seconds() const override {
    const std::lock_guard lock(mutex_);
    return event_.seconds();
  }

  // Lets go of the inputs once they cannot matter any more, so that long chains of work do not keep
  // all their past. True when the batch has ended.
  bool settle() {
    if (!done()) {
      return false;
    }
    if (succeeded(event_)) {
      std::vector<Event> left = inputs_;
      std::erase_if(left, succeeded);
      const std::lock_guard lock(mutex_);
      inputs_.swap(left);
    }
    return true;
  }

 private:
  static bool succeeded(const Event& event) {
    if (!event.done()) {
      return false;
    }
    try {
      event.wait();
      return true;
    } catch (const Error&) {
      return false;
    }
  }

  std::weak_ptr<Stream> stream_;
  mutable std::mutex mutex_;
  std::vector<Event> inputs_;  // this and what follows: guarded by mutex_
  Event event_;
  bool submitted_ = false;
};

Stream::Stream(std::unique_ptr<Device> device, std::string passed_over)
    : device_(std::move(device)), passed_over_(std::move(passed_over)) {}

Stream::~Stream() {
  flush();
}

CommandEncoder& Stream::encoder() {
  const std::lock_guard guard(mutex_);
  if (encoder_ == nullptr) {
    encoder_ = device_->gpu()->encoder();
    batch_ = std::make_shared<Batch>(weak_from_this());
    batch_event_ = std::make_shared<const Event>(batch_);
  }
  return *encoder_;
}

void Stream::depend_on(const Event& input) {
  const std::lock_guard guard(mutex_);
  encoder();
  if (!input.belongs_to(batch_.get())) {
    batch_->depend_on(input);
  }
}

std::shared_ptr<const Event> Stream::open_event() {
  const std::lock_guard guard(mutex_);
  encoder();
  return batch_event_;
}

void Stream::kernel_recorded() {
  const std::lock_guard guard(mutex_);
  if (++recorded_ >= kMaxBatch) {
    flush();
  }
}

Event Stream::flush() {
  const std::lock_guard guard(mutex_);
  if (encoder_ == nullptr) {
    return in_flight_.empty() ? Event() : Event(in_flight_.back());
  }
  batch_->submitted(encoder_->commit());
  encoder_.reset();
  recorded_ = 0;
  add_in_flight(std::move(batch_));
  return Event(in_flight_.back());
}

Event Stream::submit(const std::function<Event()>& work, const std::vector<Event>& inputs) {
  const std::lock_guard guard(mutex_);
  flush();
  auto batch = std::make_shared<Batch>(weak_from_this());
  for (const Event& input : inputs) {
    batch->depend_on(input);
  }
  batch->submitted(work());
  add_in_flight(std::move(batch));
  return Event(in_flight_.back());
}

void Stream::set_capture(CapturedWork* capture) {
  capture_ = capture;
  capturing_thread_ = capture != nullptr ? std::this_thread::get_id() : std::thread::id();
}

void Stream::require_no_capture(std::string_view action) const {
  if (capturing_thread_ == std::this_thread::get_id()) {
    throw Error(ErrorCode::kInvalidArgument,
                "capture",
                fmt::format("{} cannot be captured: a replay would not do it again", action),
                "do it before capture(), or after it has returned");
  }
}

void Stream::add_in_flight(std::shared_ptr<Batch> batch) {
  in_flight_.push_back(std::move(batch));
  while (in_flight_.size() > 1 &&
         (in_flight_.front()->settle() || in_flight_.size() > kMaxInFlight)) {
    retire_oldest();
  }
}

void Stream::retire_oldest() {
  try {
    in_flight_.front()->wait();
  } catch (const Error&) {
    if (failure_ == nullptr) {
      failure_ = std::current_exception();
    }
  }
  in_flight_.pop_front();
}

void Stream::synchronize() {
  const std::lock_guard guard(mutex_);
  flush();
  while (!in_flight_.empty()) {
    retire_oldest();
  }
  if (failure_ != nullptr) {
    std::rethrow_exception(std::exchange(failure_, nullptr));
  }
}

std::shared_ptr<Pipeline> Stream::pipeline(std::string_view shader,
                                           std::string_view function,
                                           const std::vector<FunctionConstant>& constants) {
  return pipeline(
      shader, [&]() -> const msl::Source& { return load_shader(shader); }, function, constants);
}

std::shared_ptr<Pipeline> Stream::pipeline(const msl::Source& source,
                                           std::string_view function,
                                           const std::vector<FunctionConstant>& constants) {
  return pipeline(source.text, [&]() -> const msl::Source& { return source; }, function, constants);
}

std::shared_ptr<Pipeline> Stream::pipeline(std::string_view identity,
                                           const std::function<const msl::Source&()>& source,
                                           std::string_view function,
                                           const std::vector<FunctionConstant>& constants) {
  const std::lock_guard guard(mutex_);
  // Made for each call, so of bytes, not of digits.
  std::string key;
  key.reserve(function.size() + identity.size() + 16 * constants.size() + 1);
  key.append(function).append(1, '\n').append(identity);
  const auto append = [&](const auto& bits) {
    key.append(reinterpret_cast<const char*>(&bits), sizeof bits);
  };
  for (const FunctionConstant& constant : constants) {
    append(constant.index);
    append(constant.value.index());
    std::visit(append, constant.value);
  }
  if (const auto found = pipelines_.find(key); found != pipelines_.end()) {
    return found->second;
  }
  auto library = libraries_.find(identity);
  if (library == libraries_.end()) {
    library = libraries_.emplace(identity, device_->gpu()->compile(source())).first;
  }
  const auto made = device_->gpu()->pipeline(*library->second, function, constants);
  pipelines_.emplace(std::move(key), made);
  return made;
}

}  // namespace ingot
