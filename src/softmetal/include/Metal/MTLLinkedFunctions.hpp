#pragma once

#include "Metal/MTLTypes.hpp"

namespace MTL {

/// Visible functions for a pipeline. They are not there: a pipeline with any is refused.
class LinkedFunctions : public NS::Copying<LinkedFunctions> {
 public:
  static LinkedFunctions* linkedFunctions() { return alloc()->init()->autorelease(); }
  static LinkedFunctions* alloc() { return new LinkedFunctions(); }
  LinkedFunctions* init() { return this; }

  NS::Array* functions() const { return functions_.get(); }
  void setFunctions(const NS::Array* functions) {
    functions_ = NS::RetainPtr(const_cast<NS::Array*>(functions));
  }
  NS::Array* privateFunctions() const { return private_functions_.get(); }
  void setPrivateFunctions(const NS::Array* privateFunctions) {
    private_functions_ = NS::RetainPtr(const_cast<NS::Array*>(privateFunctions));
  }

 private:
  Counted* duplicate() const override { return new LinkedFunctions(*this); }

  NS::SharedPtr<NS::Array> functions_;
  NS::SharedPtr<NS::Array> private_functions_;
};

}  // namespace MTL
