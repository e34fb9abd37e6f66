#pragma once

#include "Metal/MTLCaptureScope.hpp"

namespace MTL {

enum CaptureError : NS::Integer {
  CaptureErrorNotSupported = 1,
  CaptureErrorAlreadyCapturing = 2,
  CaptureErrorInvalidDescriptor = 3,
};
enum CaptureDestination : NS::Integer {
  CaptureDestinationDeveloperTools = 1,
  CaptureDestinationGPUTraceDocument = 2,
};

class CaptureDescriptor : public NS::Copying<CaptureDescriptor> {
 public:
  static CaptureDescriptor* alloc() { return new CaptureDescriptor(); }
  CaptureDescriptor* init() { return this; }

  NS::Object* captureObject() const { return capture_object_.get(); }
  void setCaptureObject(NS::Object* captureObject) {
    capture_object_ = NS::RetainPtr(captureObject);
  }
  CaptureDestination destination() const { return destination_; }
  void setDestination(MTL::CaptureDestination destination) { destination_ = destination; }
  NS::URL* outputURL() const { return output_url_.get(); }
  void setOutputURL(const NS::URL* outputURL) {
    output_url_ = NS::RetainPtr(const_cast<NS::URL*>(outputURL));
  }

 private:
  Counted* duplicate() const override { return new CaptureDescriptor(*this); }

  NS::SharedPtr<NS::Object> capture_object_;
  CaptureDestination destination_ = CaptureDestinationDeveloperTools;
  NS::SharedPtr<NS::URL> output_url_;
};

/// There is no capture: it supports no destination, and starting one fails, as on a Mac without the
/// developer's tools.
class CaptureManager : public NS::Referencing<CaptureManager> {
 public:
  static CaptureManager* sharedCaptureManager();
  bool supportsDestination(MTL::CaptureDestination destination);
  bool isCapturing() const { return false; }
  bool startCapture(const MTL::CaptureDescriptor* descriptor, NS::Error** error);
  void startCapture(const MTL::Device*) {}
  void startCapture(const MTL::CommandQueue*) {}
  void startCapture(const MTL::CaptureScope*) {}
  void stopCapture() {}

  CaptureScope* newCaptureScope(const MTL::Device* device);
  CaptureScope* newCaptureScope(const MTL::CommandQueue* commandQueue);
  CaptureScope* defaultCaptureScope() const;
  void setDefaultCaptureScope(const MTL::CaptureScope* defaultCaptureScope);
};

}  // namespace MTL
