// MTL::CommandQueue, CommandBuffer and Event.
#include "softmetal/command_buffer.hpp"

#include <utility>

namespace softmetal {
namespace {

double now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

QueueThread::~QueueThread() {
  if (!thread_) {
    return;
  }
  {
    const std::lock_guard lock(state_->mutex);
    state_->closing = true;
  }
  state_->changed.notify_all();
  // The last reference to a queue may be that of its last command buffer, dropped by this very
  // thread.
  if (thread_->get_id() == std::this_thread::get_id()) {
    thread_->detach();
  } else {
    thread_->join();
  }
}

void QueueThread::push(NS::SharedPtr<CommandBufferObject> buffer) {
  const std::lock_guard lock(state_->mutex);
  state_->waiting.push_back(std::move(buffer));
  if (!thread_) {
    thread_.emplace(run, state_);
  }
  state_->changed.notify_all();
}

void QueueThread::run(std::shared_ptr<State> state) {
  for (;;) {
    NS::SharedPtr<CommandBufferObject> buffer;
    {
      std::unique_lock lock(state->mutex);
      state->changed.wait(lock, [&] { return !state->waiting.empty() || state->closing; });
      if (state->waiting.empty()) {
        return;
      }
      buffer = std::move(state->waiting.front());
      state->waiting.pop_front();
    }
    const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
    buffer->run();
  }
}

std::uint64_t EventObject::value() const {
  const std::lock_guard lock(mutex_);
  return value_;
}

void EventObject::raise(std::uint64_t value) {
  const std::lock_guard lock(mutex_);
  value_ = value;
  changed_.notify_all();
}

bool EventObject::wait(std::uint64_t value, std::optional<std::chrono::milliseconds> time) const {
  std::unique_lock lock(mutex_);
  const auto reached = [&] { return value_ >= value; };
  if (!time) {
    changed_.wait(lock, reached);
    return true;
  }
  return changed_.wait_for(lock, *time, reached);
}

void CommandBufferObject::add(Command command) {
  commands_.push_back(std::move(command));
}

void CommandBufferObject::keep(const NS::Object* object) {
  kept_.push_back(NS::RetainPtr(const_cast<NS::Object*>(object)));
}

void CommandBufferObject::reject(const std::string& mistake) {
  if (mistake_.empty()) {
    mistake_ = mistake;
  }
}

void CommandBufferObject::open_encoder(const char* kind) {
  if (encoder_is_open_) {
    reject(std::string("a ") + kind + " encoder was made before endEncoding() of the one before");
  }
  if (status() != MTL::CommandBufferStatusNotEnqueued) {
    reject(std::string("a ") + kind + " encoder was made after commit()");
  }
  encoder_is_open_ = true;
}

void CommandBufferObject::add_completed_handler(const MTL::HandlerFunction& handler) {
  completed_handlers_.push_back(handler);
}
void CommandBufferObject::add_scheduled_handler(const MTL::HandlerFunction& handler) {
  scheduled_handlers_.push_back(handler);
}

void CommandBufferObject::commit() {
  {
    const std::lock_guard lock(mutex_);
    if (status_ != MTL::CommandBufferStatusNotEnqueued) {
      return;  // a buffer runs once
    }
    status_ = MTL::CommandBufferStatusCommitted;
  }
  if (encoder_is_open_) {
    reject("commit() was called before endEncoding()");
  }
  queue_->thread.push(NS::RetainPtr(this));
}

void CommandBufferObject::wait() {
  std::unique_lock lock(mutex_);
  if (status_ == MTL::CommandBufferStatusNotEnqueued) {
    return;  // never committed: it would wait for ever
  }
  changed_.wait(lock, [&] { return handlers_have_run_; });
}

void CommandBufferObject::run() {
  {
    const std::lock_guard lock(mutex_);
    status_ = MTL::CommandBufferStatusScheduled;
    start_time_ = now();
  }
  for (const auto& handler : scheduled_handlers_) {
    handler(this);
  }
  std::string failure = mistake_;
  for (const Command& command : commands_) {
    if (!failure.empty()) {
      break;
    }
    failure = command();
  }
  finish(failure);
  commands_.clear();
  kept_.clear();
  for (const auto& handler : completed_handlers_) {
    handler(this);
  }
  const std::lock_guard lock(mutex_);
  handlers_have_run_ = true;
  changed_.notify_all();
}

void CommandBufferObject::finish(const std::string& failure) {
  const std::lock_guard lock(mutex_);
  end_time_ = now();
  status_ = MTL::CommandBufferStatusCompleted;
  if (!failure.empty()) {
    status_ = MTL::CommandBufferStatusError;
    const std::string text =
        label_text ? std::string(label_text->utf8String()) + ": " + failure : failure;
    error_ =
        NS::RetainPtr(make_error(kCommandBufferErrorDomain, MTL::CommandBufferErrorInternal, text));
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
using softmetal::self;
using softmetal::shared_device;

CommandQueue* Device::newCommandQueue() {
  return new softmetal::QueueObject();
}
CommandQueue* Device::newCommandQueue(NS::UInteger) {
  return newCommandQueue();
}
Event* Device::newEvent() {
  return newSharedEvent();
}
SharedEvent* Device::newSharedEvent() {
  return new softmetal::EventObject();
}

Device* CommandQueue::device() const {
  return shared_device();
}
NS::String* CommandQueue::label() const {
  return self(this)->label_text.get();
}
void CommandQueue::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
CommandBuffer* CommandQueue::commandBuffer() {
  return (new softmetal::CommandBufferObject(NS::RetainPtr(self(this))))->autorelease();
}
CommandBuffer* CommandQueue::commandBufferWithUnretainedReferences() {
  return commandBuffer();
}

Device* Event::device() const {
  return shared_device();
}
NS::String* Event::label() const {
  return self(this)->label_text.get();
}
void Event::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
uint64_t SharedEvent::signaledValue() const {
  return self(this)->value();
}
void SharedEvent::setSignaledValue(uint64_t signaledValue) {
  self(this)->raise(signaledValue);
}
bool SharedEvent::waitUntilSignaledValue(uint64_t value, uint64_t milliseconds) {
  return self(this)->wait(value, std::chrono::milliseconds(milliseconds));
}

Device* CommandBuffer::device() const {
  return shared_device();
}
CommandQueue* CommandBuffer::commandQueue() const {
  return self(this)->queue();
}
NS::String* CommandBuffer::label() const {
  return self(this)->label_text.get();
}
void CommandBuffer::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
ComputeCommandEncoder* CommandBuffer::computeCommandEncoder() {
  return computeCommandEncoder(DispatchTypeSerial);
}
ComputeCommandEncoder* CommandBuffer::computeCommandEncoder(MTL::DispatchType dispatchType) {
  self(this)->open_encoder("compute");
  return softmetal::new_compute_encoder(NS::RetainPtr(self(this)), dispatchType)->autorelease();
}
BlitCommandEncoder* CommandBuffer::blitCommandEncoder() {
  self(this)->open_encoder("blit");
  return softmetal::new_blit_encoder(NS::RetainPtr(self(this)))->autorelease();
}
void CommandBuffer::encodeSignalEvent(const MTL::Event* event, uint64_t value) {
  self(this)->keep(event);
  self(this)->add([object = self(event), value] {
    object->raise(value);
    return "";
  });
}
void CommandBuffer::encodeWait(const MTL::Event* event, uint64_t value) {
  self(this)->keep(event);
  self(this)->add([object = self(event), value] {
    object->wait(value, std::nullopt);
    return "";
  });
}
void CommandBuffer::addCompletedHandler(const MTL::HandlerFunction& function) {
  self(this)->add_completed_handler(function);
}
void CommandBuffer::addScheduledHandler(const MTL::HandlerFunction& function) {
  self(this)->add_scheduled_handler(function);
}
void CommandBuffer::enqueue() {}
void CommandBuffer::commit() {
  self(this)->commit();
}
void CommandBuffer::waitUntilScheduled() {
  self(this)->wait();
}
void CommandBuffer::waitUntilCompleted() {
  self(this)->wait();
}
CommandBufferStatus CommandBuffer::status() const {
  return self(this)->status();
}
NS::Error* CommandBuffer::error() const {
  return self(this)->error();
}
CFTimeInterval CommandBuffer::GPUStartTime() const {
  return self(this)->start_time();
}
CFTimeInterval CommandBuffer::GPUEndTime() const {
  return self(this)->end_time();
}

}  // namespace MTL
