#pragma once

#include "Metal/MTLFunctionConstantValues.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

using FunctionOptions = NS::UInteger;
enum : NS::UInteger {
  FunctionOptionNone = 0,
  FunctionOptionCompileToBinary = 1,
  FunctionOptionStoreFunctionInMetalPipelinesScript = 1 << 1,
  FunctionOptionStoreFunctionInMetalScript = 1 << 1,
  FunctionOptionFailOnBinaryArchiveMiss = 1 << 2,
  FunctionOptionPipelineIndependent = 1 << 3,
};

/// Which function of a library, with which constants.
class FunctionDescriptor : public NS::Copying<FunctionDescriptor> {
 public:
  static FunctionDescriptor* functionDescriptor() { return alloc()->init()->autorelease(); }
  static FunctionDescriptor* alloc() { return new FunctionDescriptor(); }
  FunctionDescriptor* init() { return this; }

  NS::String* name() const { return name_.get(); }
  void setName(const NS::String* name) { name_ = NS::RetainPtr(const_cast<NS::String*>(name)); }
  /// The name that the function gets.
  NS::String* specializedName() const { return specialized_name_.get(); }
  void setSpecializedName(const NS::String* specializedName) {
    specialized_name_ = NS::RetainPtr(const_cast<NS::String*>(specializedName));
  }
  FunctionConstantValues* constantValues() const { return constant_values_.get(); }
  void setConstantValues(const MTL::FunctionConstantValues* constantValues) {
    constant_values_ =
        NS::TransferPtr(constantValues == nullptr ? nullptr : constantValues->copy());
  }
  /// Not used: functions are compiled when a pipeline is made.
  FunctionOptions options() const { return options_; }
  void setOptions(MTL::FunctionOptions options) { options_ = options; }

 private:
  Counted* duplicate() const override { return new FunctionDescriptor(*this); }

  NS::SharedPtr<NS::String> name_;
  NS::SharedPtr<NS::String> specialized_name_;
  NS::SharedPtr<FunctionConstantValues> constant_values_;
  FunctionOptions options_ = FunctionOptionNone;
};

}  // namespace MTL
