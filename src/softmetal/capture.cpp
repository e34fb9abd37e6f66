// MTL::CaptureManager and CaptureScope.
#include <mutex>

#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

class CaptureScopeObject final : public NS::Referencing<CaptureScopeObject, MTL::CaptureScope> {
 public:
  explicit CaptureScopeObject(const MTL::CommandQueue* scope_queue)
      : queue(NS::RetainPtr(const_cast<MTL::CommandQueue*>(scope_queue))) {}

  const NS::SharedPtr<MTL::CommandQueue> queue;
};

class CaptureManagerObject final
    : public NS::Referencing<CaptureManagerObject, MTL::CaptureManager> {
 public:
  CaptureManagerObject() { live_forever(); }

  MTL::CaptureScope* default_scope() const {
    const std::lock_guard lock(mutex_);
    return default_scope_.get();
  }
  void set_default_scope(NS::SharedPtr<MTL::CaptureScope> scope) {
    const std::lock_guard lock(mutex_);
    default_scope_ = std::move(scope);
  }

 private:
  mutable std::mutex mutex_;
  NS::SharedPtr<MTL::CaptureScope> default_scope_;
};

}  // namespace

static CaptureManagerObject* self(const MTL::CaptureManager* manager) {
  return static_cast<CaptureManagerObject*>(const_cast<MTL::CaptureManager*>(manager));
}
}  // namespace softmetal

namespace MTL {
using softmetal::self;

CommandQueue* CaptureScope::commandQueue() const {
  return static_cast<const softmetal::CaptureScopeObject*>(this)->queue.get();
}

CaptureManager* CaptureManager::sharedCaptureManager() {
  static CaptureManager* const manager = new softmetal::CaptureManagerObject();
  return manager;
}
bool CaptureManager::supportsDestination(MTL::CaptureDestination) {
  return false;
}
bool CaptureManager::startCapture(const MTL::CaptureDescriptor*, NS::Error** error) {
  if (error != nullptr) {
    *error = softmetal::make_error(
        "MTLCaptureError", CaptureErrorNotSupported, "startCapture: softmetal cannot capture");
  }
  return false;
}
CaptureScope* CaptureManager::newCaptureScope(const MTL::Device*) {
  return new softmetal::CaptureScopeObject(nullptr);
}
CaptureScope* CaptureManager::newCaptureScope(const MTL::CommandQueue* commandQueue) {
  return new softmetal::CaptureScopeObject(commandQueue);
}
CaptureScope* CaptureManager::defaultCaptureScope() const {
  return self(this)->default_scope();
}
void CaptureManager::setDefaultCaptureScope(const MTL::CaptureScope* defaultCaptureScope) {
  self(this)->set_default_scope(NS::RetainPtr(const_cast<CaptureScope*>(defaultCaptureScope)));
}

}  // namespace MTL
