// A library of a device that multiplies matrices in place of a kernel.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "ingot/dtype.hpp"

#include "core/buffer.hpp"

namespace ingot {

class CommandEncoder;

/// c [m, n] = a [m, k] b [n, k]^T of row-major matrices without gaps between their rows: sums of
/// products in f32, f32 results. Extents are at least 1.
struct MatrixProduct {
  struct Place {
    Buffer buffer;
    size_t byte_offset = 0;
  };

  DType dtype;  // of a and b: f32, f16 or bf16
  uint64_t m, n, k;
  /// f32 elements may be rounded to TF32, 10 bits after the binary point, before they are
  /// multiplied.
  bool allow_tf32 = false;
  Place a, b, c;
};

/// Thread safe.
class MatrixProvider {
 public:
  virtual ~MatrixProvider() = default;

  /// The library with its version: "cuBLASLt 13.1".
  virtual const std::string& name() const = 0;
  /// Whether it has an algorithm for the product. Looked for once for each kind of product.
  virtual bool serves(const MatrixProduct& product) = 0;
  /// Puts a product that it serves into an encoder of its device, behind what is there. The
  /// encoder's event reports a failure.
  virtual void encode(CommandEncoder& encoder, const MatrixProduct& product) = 0;
};

/// What a device has of these.
struct MatrixLibrary {
  std::unique_ptr<MatrixProvider> provider;
  /// Without a provider: what is missing; empty where there is none to be had for the device.
  std::string problem;
};

}  // namespace ingot
