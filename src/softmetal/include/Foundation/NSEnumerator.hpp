#pragma once

#include <vector>

#include "Foundation/NSObject.hpp"
#include "Foundation/NSSharedPtr.hpp"

namespace NS {

class Array;

struct FastEnumerationState {
  unsigned long state;
  Object** itemsPtr;
  unsigned long* mutationsPtr;
  unsigned long extra[5];
};

/// Objects that can be gone through once.
class FastEnumeration : public Referencing<FastEnumeration> {
 public:
  /// Writes at most `len` of the next objects to the buffer; returns how many, 0 at the end.
  UInteger countByEnumerating(FastEnumerationState* pState, Object** pBuffer, UInteger len);

 protected:
  void start(std::vector<SharedPtr<Object>> objects) { objects_ = std::move(objects); }
  Object* next() { return next_ < objects_.size() ? objects_[next_++].get() : nullptr; }
  Array* rest();

 private:
  std::vector<SharedPtr<Object>> objects_;
  std::size_t next_ = 0;
};

template <class _ObjectType>
class Enumerator : public Referencing<Enumerator<_ObjectType>, FastEnumeration> {
 public:
  explicit Enumerator(std::vector<SharedPtr<Object>> objects) { this->start(std::move(objects)); }

  /// The next object, or nullptr at the end.
  _ObjectType* nextObject() { return static_cast<_ObjectType*>(this->next()); }
  /// Those that have not been gone through.
  Array* allObjects() { return this->rest(); }
};

}  // namespace NS
