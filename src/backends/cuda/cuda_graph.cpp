#include "backends/cuda/cuda_graph.hpp"

#include <map>
#include <utility>
#include <vector>

#include "ingot/error.hpp"

#include "backends/cuda/cuda_encoder.hpp"
#include "backends/cuda/cuda_work.hpp"

namespace ingot::cuda {
namespace {

// A stream of its own that captures: the context's stream goes on for whoever uses it meanwhile,
// and what goes wrong ends with this one.
class CapturingStream {
 public:
  explicit CapturingStream(const Context& context) : context_(context) {
    const Driver& driver = context_.driver();
    context_.check(driver.stream_create(&stream_, CU_STREAM_NON_BLOCKING), "making a stream");
    // Relaxed: this and other threads may go on allocating memory and loading modules.
    const CUresult begun = driver.begin_capture(stream_, CU_STREAM_CAPTURE_MODE_RELAXED);
    if (begun != CUDA_SUCCESS) {
      driver.stream_destroy(stream_);
      context_.check(begun, "capturing");
    }
  }

  ~CapturingStream() {
    if (is_capturing_) {
      CUgraph graph = nullptr;
      context_.driver().end_capture(stream_, &graph);
      if (graph != nullptr) {
        context_.driver().graph_destroy(graph);
      }
    }
    context_.driver().stream_destroy(stream_);
  }
  CapturingStream(const CapturingStream&) = delete;
  CapturingStream& operator=(const CapturingStream&) = delete;

  CUstream get() const { return stream_; }

  CUgraph end() {
    is_capturing_ = false;
    CUgraph graph = nullptr;
    context_.check(context_.driver().end_capture(stream_, &graph), "capturing");
    return graph;
  }

 private:
  const Context& context_;
  CUstream stream_ = nullptr;
  bool is_capturing_ = true;
};

// What the kernels of a graph use.
struct Memory {
  Encode encode;  // has the tensors
  std::unique_ptr<BufferPool> reserve;
  std::vector<Buffer> bytes;  // of the reserve
};

class CudaGraph final : public ReplayableWork {
 public:
  CudaGraph(std::shared_ptr<const Context> context, CUgraph graph, Memory memory)
      : context_(std::move(context)), memory_(std::move(memory)) {
    const CUresult made = context_->driver().graph_instantiate(&executable_, graph, 0);
    context_->driver().graph_destroy(graph);
    context_->check(made, "making a graph");
  }

  ~CudaGraph() override {
    try {
      last_.wait();
    } catch (const Error&) {  // whoever waits for a result is told
    }
    const Context::Scope scope(*context_);
    context_->driver().graph_executable_destroy(executable_);
  }
  CudaGraph(const CudaGraph&) = delete;
  CudaGraph& operator=(const CudaGraph&) = delete;

  Event run() override {
    try {
      context_->require_alive();
      const Context::Scope scope(*context_);
      auto begin = std::make_unique<Moment>(context_);
      auto end = std::make_unique<Moment>(context_);
      begin->record();
      context_->check(context_->driver().graph_launch(executable_, context_->stream()),
                      "replaying captured kernels");
      end->record();
      last_ = enqueued_work(std::move(begin), std::move(end));
    } catch (const Error&) {
      last_ = failed_work(std::current_exception());
    }
    return last_;
  }

 private:
  std::shared_ptr<const Context> context_;
  Memory memory_;
  CUgraphExec executable_ = nullptr;
  Event last_;
};

}  // namespace

std::unique_ptr<BufferPool> make_reserve(BufferPool& source) {
  const auto taken = std::make_shared<std::map<void*, Buffer>>();
  return std::make_unique<BufferPool>(
      [&source, taken](size_t bytes) {
        const Buffer block = source.allocate(bytes);
        taken->emplace(block.native(), block);
        return Allocation{block.host(), block.native(), bytes};
      },
      [taken](const Allocation& block) { taken->erase(block.native); });
}

std::unique_ptr<ReplayableWork> make_graph(const std::shared_ptr<const Context>& context,
                                           std::unique_ptr<BufferPool> reserve,
                                           Encode encode) {
  context->require_alive();
  const Context::Scope scope(*context);
  CapturingStream stream(*context);
  Memory memory{std::move(encode), std::move(reserve), {}};
  {
    const auto encoder =
        make_capturing_encoder(context, *memory.reserve, stream.get(), memory.bytes);
    memory.encode(*encoder);
    encoder->commit().wait();  // throws what went wrong
  }
  return std::make_unique<CudaGraph>(context, stream.end(), std::move(memory));
}

}  // namespace ingot::cuda
