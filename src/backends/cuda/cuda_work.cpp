#include "backends/cuda/cuda_work.hpp"

#include <utility>

namespace ingot::cuda {
namespace {

class EnqueuedWork final : public Event::Work {
 public:
  EnqueuedWork(std::unique_ptr<Moment> begin, std::unique_ptr<Moment> end)
      : begin_(std::move(begin)), end_(std::move(end)) {}

  bool done() const override {
    const Context::Scope scope(end_->context());
    return end_->context().driver().event_query(end_->get()) != CUDA_ERROR_NOT_READY;
  }

  void wait() override {
    const Context& context = end_->context();
    const Context::Scope scope(context);
    context.check(context.driver().event_synchronize(end_->get()), "running a kernel");
  }

  double seconds() const override {
    const Context& context = end_->context();
    const Context::Scope scope(context);
    float milliseconds = 0;
    context.check(context.driver().event_elapsed(&milliseconds, begin_->get(), end_->get()),
                  "timing a kernel");
    return milliseconds * 1e-3;
  }

 private:
  std::unique_ptr<Moment> begin_;
  std::unique_ptr<Moment> end_;
};

class FailedWork final : public Event::Work {
 public:
  explicit FailedWork(std::exception_ptr failure) : failure_(std::move(failure)) {}
  bool done() const override { return true; }
  void wait() override { std::rethrow_exception(failure_); }
  double seconds() const override { return 0; }

 private:
  std::exception_ptr failure_;
};

}  // namespace

Moment::Moment(std::shared_ptr<const Context> context) : context_(std::move(context)) {
  context_->check(context_->driver().event_create(&event_, CU_EVENT_DEFAULT), "making an event");
}

Moment::~Moment() {
  const Context::Scope scope(*context_);
  context_->driver().event_destroy(event_);
}

void Moment::record() {
  context_->check(context_->driver().event_record(event_, context_->stream()), "a launch");
}

Event enqueued_work(std::unique_ptr<Moment> begin, std::unique_ptr<Moment> end) {
  return Event(std::make_shared<EnqueuedWork>(std::move(begin), std::move(end)));
}

Event failed_work(std::exception_ptr failure) {
  return Event(std::make_shared<FailedWork>(std::move(failure)));
}

}  // namespace ingot::cuda
