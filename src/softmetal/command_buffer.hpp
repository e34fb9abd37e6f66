// Command buffers, the encoders that fill them and the queue that runs them.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "Metal/Metal.hpp"
#include "softmetal/executor.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {

class CommandBufferObject;

/// The thread of a queue and the command buffers that wait for it.
class QueueThread {
 public:
  ~QueueThread();
  void push(NS::SharedPtr<CommandBufferObject> buffer);

 private:
  // Outlives the queue while the thread still runs.
  struct State {
    std::mutex mutex;
    std::condition_variable changed;
    std::deque<NS::SharedPtr<CommandBufferObject>> waiting;
    bool closing = false;
  };
  static void run(std::shared_ptr<State> state);

  const std::shared_ptr<State> state_ = std::make_shared<State>();
  std::optional<std::thread> thread_;
};

class QueueObject final : public NS::Referencing<QueueObject, MTL::CommandQueue> {
 public:
  QueueThread thread;
  Label label_text;
};

class EventObject final : public NS::Referencing<EventObject, MTL::SharedEvent> {
 public:
  std::uint64_t value() const;
  void raise(std::uint64_t value);
  /// Waits, for ever without a time; false when the time was over first.
  bool wait(std::uint64_t value, std::optional<std::chrono::milliseconds> time) const;

  Label label_text;

 private:
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  std::uint64_t value_ = 0;
};

class CommandBufferObject final : public NS::Referencing<CommandBufferObject, MTL::CommandBuffer> {
 public:
  /// Does one thing; the text of what went wrong, or "".
  using Command = std::function<std::string()>;

  explicit CommandBufferObject(NS::SharedPtr<QueueObject> queue) : queue_(std::move(queue)) {}

  QueueObject* queue() const { return queue_.get(); }

  /// For encoders: adds a command, keeps an object alive, or records a mistake (the first one
  /// counts).
  void add(Command command);
  void keep(const NS::Object* object);
  void reject(const std::string& mistake);
  void open_encoder(const char* kind);
  void close_encoder() { encoder_is_open_ = false; }

  void add_completed_handler(const MTL::HandlerFunction& handler);
  void add_scheduled_handler(const MTL::HandlerFunction& handler);
  void commit();
  void wait();

  /// For the queue's thread.
  void run();

  MTL::CommandBufferStatus status() const;
  NS::Error* error() const;
  double start_time() const;
  double end_time() const;

  Label label_text;

 private:
  void finish(const std::string& failure);

  const NS::SharedPtr<QueueObject> queue_;
  std::vector<Command> commands_;
  std::vector<NS::SharedPtr<NS::Object>> kept_;
  std::vector<MTL::HandlerFunction> completed_handlers_;
  std::vector<MTL::HandlerFunction> scheduled_handlers_;
  std::string mistake_;
  bool encoder_is_open_ = false;

  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  MTL::CommandBufferStatus status_ = MTL::CommandBufferStatusNotEnqueued;
  bool handlers_have_run_ = false;
  NS::SharedPtr<NS::Error> error_;
  double start_time_ = 0;
  double end_time_ = 0;
};

/// What both encoders share.
struct EncoderState {
  /// The buffer to add to; records a mistake after endEncoding().
  CommandBufferObject& target();

  NS::SharedPtr<CommandBufferObject> buffer;
  bool ended = false;
  Label label_text;
};

/// Makes the encoders' objects.
MTL::ComputeCommandEncoder* new_compute_encoder(NS::SharedPtr<CommandBufferObject> buffer,
                                                MTL::DispatchType type);
MTL::BlitCommandEncoder* new_blit_encoder(NS::SharedPtr<CommandBufferObject> buffer);

inline CommandBufferObject* self(const MTL::CommandBuffer* b) {
  return static_cast<CommandBufferObject*>(const_cast<MTL::CommandBuffer*>(b));
}
inline QueueObject* self(const MTL::CommandQueue* q) {
  return static_cast<QueueObject*>(const_cast<MTL::CommandQueue*>(q));
}
inline EventObject* self(const MTL::Event* e) {
  return static_cast<EventObject*>(const_cast<MTL::Event*>(e));
}

}  // namespace softmetal
