// Reference counting with the rules of Objective-C: who calls alloc, new... or copy owns the object
// and releases it; what any other function returns is autoreleased, and lives until the innermost
// NS::AutoreleasePool of the thread is drained (without a pool: until the thread ends). As with
// messages to nil, retain, release and autorelease of a null pointer do nothing.
#pragma once

#include <atomic>
#include <string>

#include "Foundation/NSTypes.hpp"

namespace softmetal {

/// What an Objective-C object is made of, here: a count of references and a virtual destructor. All
/// objects are linked, so that leaks can be found (softmetal/leaks.hpp).
class Counted {
 public:
  Counted& operator=(const Counted&) = delete;

  /// "MTL::Buffer".
  std::string class_name() const;

  // The object may be a null pointer.
  static void retain(Counted* object);
  static void release(Counted* object);
  static void autorelease(Counted* object);

  // Keeps the memory of freed objects while the check "freed" is on.
  static void operator delete(void* memory);

 protected:
  Counted();
  Counted(const Counted&) : Counted() {}  // a copy has references of its own
  virtual ~Counted();

  NS::UInteger references() const { return references_.load(std::memory_order_relaxed); }

  /// Makes retain and release do nothing, and counts the object as none that could leak.
  void live_forever();

  virtual bool equals(const Counted& other) const { return this == &other; }
  virtual NS::UInteger hash_value() const { return reinterpret_cast<NS::UInteger>(this); }
  virtual std::string describe() const;
  /// What copy() returns. What never changes is its own copy.
  virtual Counted* duplicate() const;

 private:
  friend class ObjectList;
  void destroy();

  std::atomic<NS::UInteger> references_ = 1;
  Counted* next_ = nullptr;
  Counted* previous_ = nullptr;
};

}  // namespace softmetal

namespace NS {

class String;

template <class _Class, class _Base = class Object>
class Referencing : public _Base {
 public:
  _Class* retain() {
    softmetal::Counted::retain(this);
    return static_cast<_Class*>(this);
  }
  void release() { softmetal::Counted::release(this); }
  _Class* autorelease() {
    softmetal::Counted::autorelease(this);
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

template <class _Class, class _Base = Object>
class Copying : public Referencing<_Class, _Base> {
 public:
  /// The caller owns the copy.
  _Class* copy() const { return static_cast<_Class*>(this->duplicate()); }
};

template <class _Class, class _Base = Object>
class SecureCoding : public Referencing<_Class, _Base> {};

}  // namespace NS
