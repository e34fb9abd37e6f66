#pragma once

#include "Metal/MTLDataType.hpp"

namespace MTL {

/// Values for the [[function_constant(n)]] of a library; they are copied in.
class FunctionConstantValues : public NS::Copying<FunctionConstantValues> {
 public:
  static FunctionConstantValues* alloc();
  FunctionConstantValues* init();

  void reset();
  void setConstantValue(const void* value, MTL::DataType type, NS::UInteger index);
  void setConstantValue(const void* value, MTL::DataType type, const NS::String* name);
  /// A packed array of values, for the indices of `range`.
  void setConstantValues(const void* values, MTL::DataType type, NS::Range range);
};

}  // namespace MTL
