#include "runtime/run.hpp"

#include <utility>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "runtime/capture.hpp"
#include "runtime/context.hpp"
#include "runtime/stream.hpp"

namespace ingot {
namespace {

Backend backend_of(const KernelRecord& record, const std::vector<NamedTensor>& inputs) {
  const Tensor* first = nullptr;
  for (const NamedTensor& input : inputs) {
    if (!input.tensor) {
      continue;
    }
    if (first == nullptr) {
      first = &input.tensor;
    } else if (first->stream() != input.tensor.stream()) {
      throw Error(ErrorCode::kInvalidArgument,
                  fmt::format("{}: {}", record.id, input.name),
                  "is on another backend than the arguments before it",
                  "copy it with Backend::copy");
    }
  }
  if (first == nullptr) {
    throw Error(ErrorCode::kInvalidArgument, std::string(record.id), "no input was given");
  }
  return first->backend();
}

// On a GPU: puts the call's dispatches into the encoder. On a CPU, which has none: runs it.
void execute(Stream& stream, const Call& call, CommandEncoder* encoder) {
  if (encoder == nullptr) {
    call.record().cpu(CpuContext(stream.device()), call);
    return;
  }
  GpuContext context(stream, *encoder, call.record().id);
  call.record().launch(context, call);
}

std::string server_of(Device& device, const Call& call) {
  if (call.record().served_by != nullptr) {
    return call.record().served_by(device, call);
  }
  return device.gpu() != nullptr ? "kernel" : "cpu twin";
}

}  // namespace

Results::Results(const Call& call, std::string served_by)
    : record_(&call.record()), served_by_(std::move(served_by)) {
  for (const Call::Output& output : call.outputs()) {
    tensors_.push_back(output.tensor);
  }
}

const Tensor& Results::operator[](std::string_view name) const {
  for (size_t i = 0; i < tensors_.size(); ++i) {
    if (record_->outputs[i].name == name) {
      return tensors_[i];
    }
  }
  throw Error(
      ErrorCode::kInvalidArgument, fmt::format("{}: {}", record_->id, name), "no such output");
}

Tensor Results::fetch(std::string_view name) const {
  const Tensor& tensor = (*this)[name];
  for (const ArgSpec& spec : record_->outputs) {
    if (spec.name == name && !spec.count_in.empty() && (*this)[spec.count_in].shape().rank() == 0) {
      return tensor.rows(0, static_cast<int64_t>((*this)[spec.count_in].item<uint64_t>()));
    }
  }
  return tensor;
}

Results run(const KernelRecord& record,
            const std::vector<NamedTensor>& inputs,
            const std::vector<NamedValue>& params) {
  return run(backend_of(record, inputs), record, inputs, params);
}

Results run(const Backend& backend,
            const KernelRecord& record,
            const std::vector<NamedTensor>& inputs,
            const std::vector<NamedValue>& params) {
  Stream& stream = *backend.stream();
  Call call(record, inputs, params);
  const bool gpu = stream.device().gpu() != nullptr;
  const auto lock = stream.lock();  // the outputs' event and the recording belong together
  CapturedWork* capture = stream.capture();
  std::shared_ptr<const Event> event;
  if (capture != nullptr) {
    event = capture->event();
  } else if (gpu) {
    event = stream.open_event();
  } else {
    event = std::make_shared<const Event>();
  }
  for (size_t i = 0; i < call.outputs().size(); ++i) {
    const Call::Output& output = call.outputs()[i];
    const size_t bytes = static_cast<size_t>(output.shape->elements()) * size_of(*output.dtype);
    call.attach(i,
                Tensor(backend.stream(),
                       stream.device().allocate(bytes),
                       0,
                       *output.dtype,
                       *output.shape,
                       event));
  }
  if (capture != nullptr) {
    capture->add(call.inputs(),
                 [&stream, call](CommandEncoder* encoder) { execute(stream, call, encoder); });
  } else if (gpu) {
    for (const Tensor& input : call.inputs()) {
      if (input) {
        stream.depend_on(input.event());
      }
    }
    execute(stream, call, &stream.encoder());
    stream.kernel_recorded();
  } else {
    for (const Tensor& input : call.inputs()) {
      if (input) {
        input.event().wait();
      }
    }
    execute(stream, call, nullptr);
  }
  return {call, server_of(stream.device(), call)};
}

}  // namespace ingot
