// The object behind MTL::CommandBuffer, and what encoders fill it with.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "Metal/Metal.hpp"
#include "softmetal/command_queue.hpp"
#include "softmetal/failure.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {

/// How far a command buffer has come. Who waits holds this, not the buffer.
class Progress {
 public:
  void schedule() { reach(kScheduled); }
  void finish() { reach(kFinished); }
  bool is_finished() const;

  enum Step { kStart, kScheduled, kFinished };
  /// Waits, for ever without a time; false when the time was over first.
  bool wait(Step step, std::optional<std::chrono::milliseconds> time) const;

 private:
  void reach(Step step);

  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  Step step_ = kStart;
};

/// Names of debug groups, the outermost first.
using DebugGroups = std::vector<std::string>;

/// What a command buffer remembers of an encoder.
struct EncoderRecord {
  Label label;
  std::vector<std::string> signposts;
  DebugGroups groups;
};

class CommandBufferObject final : public NS::Referencing<CommandBufferObject, MTL::CommandBuffer> {
 public:
  using Command = std::function<Failure()>;

  CommandBufferObject(NS::SharedPtr<CommandQueueObject> queue,
                      const MTL::CommandBufferDescriptor& descriptor);
  ~CommandBufferObject() override;

  CommandQueueObject* queue() const { return queue_.get(); }
  const std::shared_ptr<Progress>& progress() const { return progress_; }

  /// For encoders: adds a command, keeps an object alive, or records a mistake (the first one
  /// counts; then nothing runs).
  void add(Command command);
  void keep(const NS::Object* object);
  void use_residency_set(const MTL::ResidencySet* set);
  bool uses_residency_sets() const;
  void own(NS::SharedPtr<NS::Object> object) { owned_.push_back(std::move(object)); }
  void reject(const Failure& mistake);

  EncoderRecord& open_encoder(const char* kind);
  void close_encoder() { is_encoder_open_ = false; }
  /// For what stands between encoders.
  void require_no_encoder(const char* function);

  void push_group(const NS::String* name) { groups_.push_back(name->utf8String()); }
  void pop_group();

  void add_completed_handler(const MTL::HandlerFunction& handler);
  void add_scheduled_handler(const MTL::HandlerFunction& handler);
  void enqueue();
  void commit();
  /// Return at once for a buffer that was not committed.
  void wait_until_scheduled();
  void wait_until_completed();

  /// For the queue's thread.
  void run();

  bool retains_references() const { return retains_references_; }
  MTL::CommandBufferErrorOption error_options() const { return error_options_; }
  MTL::CommandBufferStatus status() const;
  NS::Error* error() const;
  double start_time() const;
  double end_time() const;

 private:
  // Where a program is in its encoding.
  struct Position {
    std::size_t encoders_before = 0;  // those that have ended
    bool is_in_encoder = false;
    std::string groups;
  };
  struct Encoded {
    Command run;
    Position position;
  };
  // What stopped the buffer.
  struct Stop {
    Failure failure;
    Position position;
  };

  Position position() const;
  void wait(Progress::Step step);
  std::optional<Stop> run_commands();
  NS::SharedPtr<NS::Error> make_error(const Stop& stop) const;
  NS::Array* encoder_infos(const Stop& stop) const;
  void report_released() const;
  void call(std::vector<MTL::HandlerFunction>& handlers, bool& called);

  const NS::SharedPtr<CommandQueueObject> queue_;
  bool uses_residency_sets_ = false;
  const std::shared_ptr<Progress> progress_ = std::make_shared<Progress>();
  const bool retains_references_;
  const MTL::CommandBufferErrorOption error_options_;

  std::vector<Encoded> commands_;
  std::vector<NS::SharedPtr<NS::Object>> kept_;   // the program's
  std::vector<NS::SharedPtr<NS::Object>> owned_;  // this buffer's own
  std::deque<EncoderRecord> encoders_;
  bool is_encoder_open_ = false;
  DebugGroups groups_;
  std::optional<Stop> mistake_;

  mutable std::mutex mutex_;  // guards what follows
  std::vector<MTL::HandlerFunction> completed_handlers_;
  std::vector<MTL::HandlerFunction> scheduled_handlers_;
  bool completed_handlers_called_ = false;
  bool scheduled_handlers_called_ = false;
  MTL::CommandBufferStatus status_ = MTL::CommandBufferStatusNotEnqueued;
  NS::SharedPtr<NS::Error> error_;
  double start_time_ = 0;
  double end_time_ = 0;
};

/// What both encoders share.
struct EncoderState {
  EncoderState(NS::SharedPtr<CommandBufferObject> target, const char* kind)
      : buffer(std::move(target)), record(buffer->open_encoder(kind)) {}

  /// The buffer to add to; records a mistake after endEncoding().
  CommandBufferObject& target();

  const NS::SharedPtr<CommandBufferObject> buffer;
  EncoderRecord& record;
  bool ended = false;
};

/// Makes the encoders' objects.
MTL::ComputeCommandEncoder* new_compute_encoder(NS::SharedPtr<CommandBufferObject> buffer,
                                                MTL::DispatchType type);
MTL::BlitCommandEncoder* new_blit_encoder(NS::SharedPtr<CommandBufferObject> buffer);

inline CommandBufferObject* self(const MTL::CommandBuffer* b) {
  return static_cast<CommandBufferObject*>(const_cast<MTL::CommandBuffer*>(b));
}

}  // namespace softmetal
