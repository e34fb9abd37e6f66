#pragma once

#include <utility>
#include <vector>

#include "Foundation/NSArray.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSSharedPtr.hpp"

namespace NS {

template <class _ObjectType>
class Enumerator : public Referencing<Enumerator<_ObjectType>> {
 public:
  explicit Enumerator(Array* objects) : objects_(RetainPtr(objects)) {}

  /// The next object, or nullptr at the end.
  _ObjectType* nextObject() {
    return next_ < objects_->count() ? objects_->object<_ObjectType>(next_++) : nullptr;
  }
  Array* allObjects() { return objects_->retain()->autorelease(); }

 private:
  SharedPtr<Array> objects_;
  UInteger next_ = 0;
};

/// Objects by key; never changed.
class Dictionary : public Copying<Dictionary> {
 public:
  static Dictionary* dictionary();
  static Dictionary* dictionary(const Object* pObject, const Object* pKey);
  static Dictionary* dictionary(const Object* const* pObjects,
                                const Object* const* pKeys,
                                UInteger count);

  static Dictionary* alloc() { return new Dictionary(); }
  Dictionary* init() { return this; }
  Dictionary* init(const Object* const* pObjects, const Object* const* pKeys, UInteger count);

  template <class _KeyType = Object>
  Enumerator<_KeyType>* keyEnumerator() const {
    return (new Enumerator<_KeyType>(keys()))->autorelease();
  }

  /// The object of a key, or nullptr.
  template <class _Object = Object>
  _Object* object(const Object* pKey) const {
    return static_cast<_Object*>(find(pKey));
  }
  UInteger count() const { return entries_.size(); }

 private:
  Dictionary() = default;
  Object* find(const Object* key) const;
  Array* keys() const;

  std::vector<std::pair<SharedPtr<Object>, SharedPtr<Object>>> entries_;  // key, object
};

}  // namespace NS
