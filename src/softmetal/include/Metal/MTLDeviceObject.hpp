#pragma once

#include "Foundation/Foundation.hpp"

namespace MTL {
class Device;
}

namespace softmetal {

/// The one device.
MTL::Device* shared_device();

/// What most objects of a device have: it, and a name for messages.
template <class _Class, class _Base = NS::Object>
class DeviceObject : public NS::Referencing<_Class, _Base> {
 public:
  MTL::Device* device() const { return shared_device(); }
  NS::String* label() const { return label_.get(); }
  void setLabel(const NS::String* label) { label_ = NS::RetainPtr(const_cast<NS::String*>(label)); }

 private:
  NS::SharedPtr<NS::String> label_;
};

}  // namespace softmetal
