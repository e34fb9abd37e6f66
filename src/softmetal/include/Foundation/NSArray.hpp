#pragma once

#include <vector>

#include "Foundation/NSEnumerator.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSSharedPtr.hpp"

namespace NS {

/// Objects in order; never changed.
class Array : public Copying<Array> {
 public:
  static Array* array();
  static Array* array(const Object* pObject);
  static Array* array(const Object* const* pObjects, UInteger count);

  static Array* alloc() { return new Array(); }
  Array* init() { return this; }
  Array* init(const Object* const* pObjects, UInteger count);

  /// Throws std::out_of_range.
  template <class _Object = Object>
  _Object* object(UInteger index) const {
    return static_cast<_Object*>(objects_.at(index).get());
  }
  UInteger count() const { return objects_.size(); }
  Enumerator<Object>* objectEnumerator() const;

 private:
  Array() = default;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return count(); }
  std::string describe() const override;

  std::vector<SharedPtr<Object>> objects_;
};

}  // namespace NS
