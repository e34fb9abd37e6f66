// Running the same kernels again and again with little cost for each call.
#pragma once

#include <functional>
#include <memory>
#include <span>

#include "ingot/tensor.hpp"

namespace ingot {

class CapturedWork;

/// Kernel calls that were captured. They read and write the same memory at every replay: it is kept
/// as long as the graph lives, and the tensors that the calls gave hold the values of the latest
/// replay. A cheap handle; copies refer to the same calls. Safe to use from several threads.
class Graph {
 public:
  /// Runs the calls again, in their order, behind all work that the device was given before.
  /// Returns before they have ended; reading one of their results waits for them. On a GPU a
  /// failure is thrown where a result is read, on a CPU here.
  void replay() const;

  /// Gives `input`, a tensor that the captured calls read and did not make, other values: for the
  /// replays to come and for everybody else who holds it. Waits for the work given to the device.
  /// Throws Error(kInvalidArgument) when T is not the tensor's dtype, when there are more or fewer
  /// values, and when the calls read no such tensor.
  template <class T>
  void set_input(const Tensor& input, std::span<const T> values) const {
    set_input(input, values.data(), values.size_bytes(), dtype_of<T>);
  }
  template <class T>
  void set_input(const Tensor& input, const std::vector<T>& values) const {
    set_input(input, std::span<const T>(values));
  }
  void set_input(const Tensor& input, const void* data, size_t bytes, DType dtype) const;

  /// For capture().
  explicit Graph(std::shared_ptr<CapturedWork> work) : work_(std::move(work)) {}

 private:
  std::shared_ptr<CapturedWork> work_;
};

/// Captures the kernels that `calls` calls on the backend, and then runs them for the first time:
/// the tensors that it makes are to be read after capture() has returned. What the calls are given
/// is fixed: tensors, parameters and choices that `calls` makes on the host are not made anew.
/// Calls from other threads wait meanwhile. Throws Error(kInvalidArgument) where `calls` reads data
/// of a tensor, as a replay would not read it again, and for a capture inside of a capture; else
/// what the calls throw.
///
///     Tensor y;
///     const Graph graph = capture(backend, [&] { y = softmax(add(x, bias)); });
///     graph.set_input(x, values);
///     graph.replay();
///     y.to_vector<float>();
Graph capture(const Backend& backend, const std::function<void()>& calls);

}  // namespace ingot
