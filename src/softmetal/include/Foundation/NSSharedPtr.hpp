#pragma once

#include <cstddef>
#include <type_traits>
#include <utility>

namespace NS {

/// Owns one reference.
template <class _Class>
class SharedPtr {
 public:
  SharedPtr() = default;
  SharedPtr(std::nullptr_t) noexcept {}
  SharedPtr(const SharedPtr& other) noexcept : object_(other.object_) { retain(); }
  SharedPtr(SharedPtr&& other) noexcept : object_(std::exchange(other.object_, nullptr)) {}
  template <class _OtherClass,
            class = std::enable_if_t<std::is_convertible_v<_OtherClass*, _Class*>>>
  SharedPtr(const SharedPtr<_OtherClass>& other) noexcept : object_(other.get()) {
    retain();
  }
  template <class _OtherClass,
            class = std::enable_if_t<std::is_convertible_v<_OtherClass*, _Class*>>>
  SharedPtr(SharedPtr<_OtherClass>&& other) noexcept : object_(other.get()) {
    other.detach();
  }
  ~SharedPtr() { reset(); }

  SharedPtr& operator=(SharedPtr other) noexcept {
    std::swap(object_, other.object_);
    return *this;
  }

  _Class* get() const { return object_; }
  _Class* operator->() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

  /// Releases the object and points to nothing.
  void reset() {
    if (object_ != nullptr) {
      std::exchange(object_, nullptr)->release();
    }
  }
  /// Points to nothing, without releasing.
  void detach() { object_ = nullptr; }

 private:
  template <class _OtherClass>
  friend SharedPtr<_OtherClass> RetainPtr(_OtherClass* pObject);
  template <class _OtherClass>
  friend SharedPtr<_OtherClass> TransferPtr(_OtherClass* pObject);

  void retain() const {
    if (object_ != nullptr) {
      object_->retain();
    }
  }

  _Class* object_ = nullptr;
};

/// Adds a reference.
template <class _Class>
SharedPtr<_Class> RetainPtr(_Class* pObject) {
  SharedPtr<_Class> pointer;
  pointer.object_ = pObject;
  pointer.retain();
  return pointer;
}

/// Takes over the caller's reference.
template <class _Class>
SharedPtr<_Class> TransferPtr(_Class* pObject) {
  SharedPtr<_Class> pointer;
  pointer.object_ = pObject;
  return pointer;
}

template <class _A, class _B>
bool operator==(const SharedPtr<_A>& a, const SharedPtr<_B>& b) {
  return a.get() == b.get();
}
template <class _A, class _B>
bool operator!=(const SharedPtr<_A>& a, const SharedPtr<_B>& b) {
  return a.get() != b.get();
}

}  // namespace NS
