#include "softmetal/command_buffer.hpp"

#include <map>
#include <utility>

#include "fmt/format.h"
#include "fmt/ranges.h"

#include "softmetal/checks/findings.hpp"

namespace softmetal {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

class CommandBufferEncoderInfoObject final
    : public NS::Referencing<CommandBufferEncoderInfoObject, MTL::CommandBufferEncoderInfo> {
 public:
  CommandBufferEncoderInfoObject(const EncoderRecord& encoder, MTL::CommandEncoderErrorState chosen)
      : record(encoder), state(chosen) {}

  const EncoderRecord record;
  const MTL::CommandEncoderErrorState state;
};

}  // namespace

bool Progress::is_finished() const {
  const std::lock_guard lock(mutex_);
  return step_ == kFinished;
}
void Progress::reach(Step step) {
  const std::lock_guard lock(mutex_);
  step_ = step;
  changed_.notify_all();
}
bool Progress::wait(Step step, std::optional<std::chrono::milliseconds> time) const {
  std::unique_lock lock(mutex_);
  const auto reached = [&] { return step_ >= step; };
  if (!time) {
    changed_.wait(lock, reached);
    return true;
  }
  return changed_.wait_for(lock, *time, reached);
}

CommandBufferObject::CommandBufferObject(NS::SharedPtr<CommandQueueObject> queue,
                                         const MTL::CommandBufferDescriptor& descriptor)
    : queue_(std::move(queue)),
      retains_references_(descriptor.retainedReferences()),
      error_options_(descriptor.errorOptions()) {}

CommandBufferObject::~CommandBufferObject() {
  if (status_ == MTL::CommandBufferStatusEnqueued) {
    queue_->forget(this);
  }
}

void CommandBufferObject::add(Command command) {
  commands_.push_back({std::move(command), position()});
}

void CommandBufferObject::keep(const NS::Object* object) {
  kept_.push_back(NS::RetainPtr(const_cast<NS::Object*>(object)));
}

void CommandBufferObject::use_residency_set(const MTL::ResidencySet* set) {
  uses_residency_sets_ = true;
  keep(set);
}

bool CommandBufferObject::uses_residency_sets() const {
  return uses_residency_sets_ || queue_->has_residency_sets();
}

void CommandBufferObject::reject(const Failure& mistake) {
  if (!mistake_) {
    mistake_ = {mistake, position()};
  }
}

EncoderRecord& CommandBufferObject::open_encoder(const char* kind) {
  if (is_encoder_open_) {
    reject(fmt::format("a {} encoder was made before endEncoding() of the one before", kind));
  }
  if (status() >= MTL::CommandBufferStatusCommitted) {
    reject(fmt::format("a {} encoder was made after commit()", kind));
  }
  is_encoder_open_ = true;
  return encoders_.emplace_back();
}

void CommandBufferObject::require_no_encoder(const char* function) {
  if (is_encoder_open_) {
    reject(fmt::format("{} was called before endEncoding() of an encoder", function));
  }
}

void CommandBufferObject::pop_group() {
  if (groups_.empty()) {
    reject({"popDebugGroup() without a pushDebugGroup()"});
  } else {
    groups_.pop_back();
  }
}

CommandBufferObject::Position CommandBufferObject::position() const {
  DebugGroups names = groups_;
  if (is_encoder_open_) {
    const DebugGroups& inner = encoders_.back().groups;
    names.insert(names.end(), inner.begin(), inner.end());
  }
  return {encoders_.size() - (is_encoder_open_ ? 1 : 0),
          is_encoder_open_,
          fmt::format("{}", fmt::join(names, " > "))};
}

void CommandBufferObject::add_completed_handler(const MTL::HandlerFunction& handler) {
  std::unique_lock lock(mutex_);
  if (!completed_handlers_called_) {
    completed_handlers_.push_back(handler);
    return;
  }
  lock.unlock();
  handler(this);  // too late for the others' turn, but it may be what a program waits for
}

void CommandBufferObject::add_scheduled_handler(const MTL::HandlerFunction& handler) {
  std::unique_lock lock(mutex_);
  if (!scheduled_handlers_called_) {
    scheduled_handlers_.push_back(handler);
    return;
  }
  lock.unlock();
  handler(this);
}

void CommandBufferObject::enqueue() {
  {
    const std::lock_guard lock(mutex_);
    if (status_ != MTL::CommandBufferStatusNotEnqueued) {
      return;
    }
    status_ = MTL::CommandBufferStatusEnqueued;
  }
  queue_->enqueue(this);
}

void CommandBufferObject::commit() {
  if (is_encoder_open_) {
    reject({"commit() was called before endEncoding()"});
  }
  {
    const std::lock_guard lock(mutex_);
    if (status_ >= MTL::CommandBufferStatusCommitted) {
      return;  // a buffer runs once
    }
    status_ = MTL::CommandBufferStatusCommitted;
  }
  queue_->commit(this);
}

void CommandBufferObject::wait(Progress::Step step) {
  const std::chrono::milliseconds timeout = options().timeout;
  if (timeout.count() != 0 && !progress_->wait(step, timeout) && queue_->remove_blocked(this)) {
    reject(
        {"a command buffer of the queue was enqueued earlier and has not been committed; "
         "SOFTMETAL_TIMEOUT sets how long others wait for it",
         MTL::CommandBufferErrorTimeout});
    queue_->run(NS::RetainPtr(this));
  }
  progress_->wait(step, std::nullopt);
}

void CommandBufferObject::wait_until_scheduled() {
  // On the queue's own thread, in a handler, the buffer is either scheduled or has to wait.
  if (status() >= MTL::CommandBufferStatusCommitted && !queue_->thread.is_current()) {
    wait(Progress::kScheduled);
  }
}

void CommandBufferObject::wait_until_completed() {
  if (status() < MTL::CommandBufferStatusCommitted) {
    return;
  }
  if (queue_->thread.is_current()) {
    while (!progress_->is_finished() && queue_->thread.run_next()) {
    }
    return;
  }
  wait(Progress::kFinished);
}

void CommandBufferObject::call(std::vector<MTL::HandlerFunction>& handlers, bool& called) {
  std::vector<MTL::HandlerFunction> taken;
  {
    const std::lock_guard lock(mutex_);
    called = true;
    taken.swap(handlers);
  }
  for (const auto& handler : taken) {
    handler(this);
  }
}

void CommandBufferObject::run() {
  {
    const std::lock_guard lock(mutex_);
    status_ = MTL::CommandBufferStatusScheduled;
  }
  progress_->schedule();
  call(scheduled_handlers_, scheduled_handlers_called_);
  {
    const std::lock_guard lock(mutex_);
    start_time_ = now();
  }
  const std::optional<Stop> stop = mistake_ ? mistake_ : run_commands();
  report_released();
  NS::SharedPtr<NS::Error> error = stop ? make_error(*stop) : nullptr;
  commands_.clear();
  kept_.clear();
  owned_.clear();
  {
    const std::lock_guard lock(mutex_);
    end_time_ = now();
    error_ = std::move(error);
    status_ = stop ? MTL::CommandBufferStatusError : MTL::CommandBufferStatusCompleted;
  }
  call(completed_handlers_, completed_handlers_called_);
}

std::optional<CommandBufferObject::Stop> CommandBufferObject::run_commands() {
  for (const Encoded& command : commands_) {
    Failure failure;
    try {
      failure = command.run();
    } catch (const std::exception& error) {
      failure = Failure(error.what());
    }
    if (!failure.empty()) {
      return Stop{std::move(failure), command.position};
    }
  }
  return std::nullopt;
}

NS::SharedPtr<NS::Error> CommandBufferObject::make_error(const Stop& stop) const {
  std::string text = label() == nullptr ? "" : fmt::format("{}: ", label()->utf8String());
  const std::string& groups = stop.position.groups;
  text += groups.empty() ? "" : fmt::format("in '{}': ", groups);
  text += stop.failure.text;
  std::vector<const NS::Object*> keys = {NS::LocalizedDescriptionKey};
  std::vector<const NS::Object*> values = {autoreleased(text)};
  if ((error_options_ & MTL::CommandBufferErrorOptionEncoderExecutionStatus) != 0) {
    keys.push_back(MTL::CommandBufferEncoderInfoErrorKey);
    values.push_back(encoder_infos(stop));
  }
  return NS::TransferPtr(NS::Error::alloc()->init(
      autoreleased(kCommandBufferErrorDomain),
      stop.failure.code,
      NS::Dictionary::dictionary(values.data(), keys.data(), keys.size())));
}

NS::Array* CommandBufferObject::encoder_infos(const Stop& stop) const {
  const Position& at = stop.position;
  std::vector<const NS::Object*> infos;
  for (std::size_t i = 0; i < encoders_.size(); ++i) {
    auto state = MTL::CommandEncoderErrorStatePending;
    if (at.is_in_encoder && i == at.encoders_before) {
      state = MTL::CommandEncoderErrorStateFaulted;
    } else if (!mistake_ && i < at.encoders_before) {
      state = MTL::CommandEncoderErrorStateCompleted;  // after a mistake nothing has run
    }
    infos.push_back((new CommandBufferEncoderInfoObject(encoders_[i], state))->autorelease());
  }
  return NS::Array::array(infos.data(), infos.size());
}

// Resources that only this buffer holds, though its program promised to hold them.
void CommandBufferObject::report_released() const {
  if (retains_references_ || !options().checks.has(Check::kFreed)) {
    return;
  }
  std::map<const NS::Object*, NS::UInteger> held;
  for (const auto& object : kept_) {
    ++held[object.get()];
  }
  for (const auto& [object, count] : held) {
    const auto* resource = dynamic_cast<const MTL::Resource*>(object);
    if (resource == nullptr || object->retainCount() != count) {
      continue;
    }
    Finding finding;
    finding.check = Check::kFreed;
    finding.message = fmt::format(
        "{}{} was released before the command buffer that uses it without retaining it was done",
        object->class_name(),
        resource->label() == nullptr ? "" : fmt::format(" '{}'", resource->label()->utf8String()));
    finding.remedy = "release it in a completion handler, or use commandBuffer()";
    report(std::move(finding));
  }
}

MTL::CommandBufferStatus CommandBufferObject::status() const {
  const std::lock_guard lock(mutex_);
  return status_;
}
NS::Error* CommandBufferObject::error() const {
  const std::lock_guard lock(mutex_);
  return error_.get();
}
double CommandBufferObject::start_time() const {
  const std::lock_guard lock(mutex_);
  return start_time_;
}
double CommandBufferObject::end_time() const {
  const std::lock_guard lock(mutex_);
  return end_time_;
}

}  // namespace softmetal

namespace MTL {
namespace {

const softmetal::CommandBufferEncoderInfoObject* self(const CommandBufferEncoderInfo* info) {
  return static_cast<const softmetal::CommandBufferEncoderInfoObject*>(info);
}

}  // namespace

NS::ErrorUserInfoKey const CommandBufferEncoderInfoErrorKey =
    MTLSTR("MTLCommandBufferEncoderInfoErrorKey");

NS::String* CommandBufferEncoderInfo::label() const {
  return self(this)->record.label.get();
}
CommandEncoderErrorState CommandBufferEncoderInfo::errorState() const {
  return self(this)->state;
}
NS::Array* CommandBufferEncoderInfo::debugSignposts() const {
  std::vector<const NS::Object*> texts;
  for (const std::string& signpost : self(this)->record.signposts) {
    texts.push_back(softmetal::autoreleased(signpost));
  }
  return NS::Array::array(texts.data(), texts.size());
}

}  // namespace MTL
