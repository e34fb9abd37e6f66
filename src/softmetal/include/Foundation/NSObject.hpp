// Reference counting with the rules of Objective-C: who calls alloc, new... or copy owns the object
// and releases it; what any other function returns is autoreleased, and lives until the innermost
// NS::AutoreleasePool of the thread is drained (without a pool: until the thread ends).
#pragma once

#include <atomic>
#include <string>

#include "Foundation/NSTypes.hpp"

namespace softmetal {

/// What an Objective-C object is made of, here: a count of references and a virtual destructor.
class Counted {
 public:
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;

 protected:
  Counted() = default;
  virtual ~Counted() = default;

  void add_reference() { references_.fetch_add(1, std::memory_order_relaxed); }
  void drop_reference() {
    if (references_.fetch_sub(1, std::memory_order_acq_rel) == 1) {
      delete this;
    }
  }
  NS::UInteger references() const { return references_.load(std::memory_order_relaxed); }
  void leave_to_pool();

  virtual bool equals(const Counted& other) const { return this == &other; }
  virtual NS::UInteger hash_value() const { return reinterpret_cast<NS::UInteger>(this); }
  virtual std::string describe() const { return "object"; }

 private:
  friend class Pool;

  std::atomic<NS::UInteger> references_ = 1;
};

}  // namespace softmetal

namespace NS {

class String;

template <class _Class, class _Base = class Object>
class Referencing : public _Base {
 public:
  _Class* retain() {
    this->add_reference();
    return static_cast<_Class*>(this);
  }
  void release() { this->drop_reference(); }
  _Class* autorelease() {
    this->leave_to_pool();
    return static_cast<_Class*>(this);
  }
  UInteger retainCount() const { return this->references(); }
};

class Object : public Referencing<Object, softmetal::Counted> {
 public:
  UInteger hash() const { return hash_value(); }
  bool isEqual(const Object* pObject) const { return pObject != nullptr && equals(*pObject); }
  String* description() const;
  String* debugDescription() const { return description(); }
};

/// Objects that can be copied; those of softmetal never change after they were shared, so a copy is
/// a reference.
template <class _Class, class _Base = Object>
class Copying : public Referencing<_Class, _Base> {
 public:
  _Class* copy() const { return const_cast<Copying*>(this)->retain(); }
};

}  // namespace NS
