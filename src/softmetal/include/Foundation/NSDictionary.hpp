#pragma once

#include <utility>
#include <vector>

#include "Foundation/NSArray.hpp"
#include "Foundation/NSEnumerator.hpp"

namespace NS {

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
  std::vector<SharedPtr<Object>> keys() const;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return count(); }
  std::string describe() const override;

  std::vector<std::pair<SharedPtr<Object>, SharedPtr<Object>>> entries_;  // key, object
};

}  // namespace NS
