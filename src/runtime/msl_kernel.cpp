#include "ingot/msl_kernel.hpp"

#include "fmt/format.h"

#include "runtime/capture.hpp"
#include "runtime/context.hpp"
#include "runtime/shaders.hpp"
#include "runtime/stream.hpp"

namespace ingot {
namespace {

Tensor allocate_output(Stream& stream,
                       const MslOutput& output,
                       std::shared_ptr<const Event> event) {
  if (output.initial &&
      (output.initial.dtype() != output.dtype || output.initial.shape() != output.shape)) {
    throw Error(ErrorCode::kInvalidArgument,
                "initial",
                fmt::format("is {} {}, but the output is {} {}",
                            to_string(output.initial.dtype()),
                            to_string(output.initial.shape()),
                            to_string(output.dtype),
                            to_string(output.shape)));
  }
  const size_t bytes = static_cast<size_t>(output.shape.elements()) * size_of(output.dtype);
  Buffer buffer = stream.device().allocate(bytes);
  if (output.initial) {
    std::vector<std::byte> initial(bytes);
    output.initial.copy_to_host(initial.data());
    stream.device().upload(buffer, 0, initial.data(), bytes);
  }
  return {stream.shared_from_this(),
          std::move(buffer),
          0,
          output.dtype,
          output.shape,
          std::move(event)};
}

void check_threadgroup(const MslKernel& kernel, const MslGrid& grid, uint32_t most) {
  const auto& group = grid.threads_per_threadgroup;
  const uint64_t threads = group[0] * group[1] * group[2];
  if (threads == 0 || threads > most) {
    throw Error(ErrorCode::kInvalidArgument,
                "threads_per_threadgroup",
                fmt::format("{} x {} x {} = {} threads, but {} runs with 1 to {}",
                            group[0],
                            group[1],
                            group[2],
                            threads,
                            kernel.function,
                            most));
  }
}

// `arguments` has tensors in the place of outputs.
void dispatch(CommandEncoder& encoder,
              const std::shared_ptr<Pipeline>& pipeline,
              const std::vector<MslArgument>& arguments,
              const MslGrid& grid) {
  Dispatch dispatch(encoder, pipeline);
  for (const MslArgument& argument : arguments) {
    if (const auto* tensor = std::get_if<Tensor>(&argument)) {
      dispatch.bind(*tensor);
    } else {
      std::visit(
          [&](const auto& value) {
            if constexpr (std::is_arithmetic_v<std::decay_t<decltype(value)>>) {
              dispatch.value(value);
            }
          },
          argument);
    }
  }
  for (const size_t bytes : grid.threadgroup_memory) {
    dispatch.threadgroup_memory(bytes);
  }
  const auto as_grid = [](const std::array<uint64_t, 3>& e) { return Grid{e[0], e[1], e[2]}; };
  dispatch.threads(as_grid(grid.threads), as_grid(grid.threads_per_threadgroup));
}

}  // namespace

std::vector<Tensor> run_msl(const Backend& backend,
                            const MslKernel& kernel,
                            const std::vector<MslArgument>& arguments,
                            const MslGrid& grid) {
  Stream& stream = *backend.stream();
  if (stream.device().gpu() == nullptr) {
    throw Error(ErrorCode::kUnsupported,
                kernel.name,
                fmt::format("the {} backend runs native twins of Ingot's own kernels, not MSL",
                            backend.name()),
                "use metal, or softmetal on a machine without an Apple GPU");
  }
  std::vector<Tensor> inputs;
  for (const MslArgument& argument : arguments) {
    const auto* tensor = std::get_if<Tensor>(&argument);
    if (tensor != nullptr && (!*tensor || tensor->stream() != backend.stream())) {
      throw Error(ErrorCode::kInvalidArgument,
                  kernel.name,
                  "a tensor argument is empty or on another backend",
                  "copy it with Backend::copy");
    }
    if (tensor != nullptr) {
      inputs.push_back(*tensor);
    }
  }
  const msl::Source source{kernel.name,
                           msl::flatten({kernel.name, kernel.source}, resolve_shader_include)};
  const auto pipeline = stream.pipeline(source, kernel.function, {});
  check_threadgroup(kernel, grid, pipeline->max_threads_per_threadgroup());

  const auto lock = stream.lock();
  CapturedWork* capture = stream.capture();
  if (capture == nullptr) {
    for (const Tensor& input : inputs) {
      stream.depend_on(input.event());
    }
  }
  const auto event = capture != nullptr ? capture->event() : stream.open_event();
  std::vector<MslArgument> bound = arguments;
  std::vector<Tensor> outputs;
  for (MslArgument& argument : bound) {
    if (const auto* output = std::get_if<MslOutput>(&argument)) {
      outputs.push_back(allocate_output(stream, *output, event));
      argument = outputs.back();
    }
  }
  const auto dispatch_to = [pipeline, bound, grid](CommandEncoder* to) {
    dispatch(*to, pipeline, bound, grid);
  };
  if (capture != nullptr) {
    capture->add(inputs, dispatch_to);
  } else {
    dispatch_to(&stream.encoder());
    stream.kernel_recorded();
  }
  return outputs;
}

}  // namespace ingot
