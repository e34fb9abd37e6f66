#pragma once

#include <vector>

#include "Foundation/NSEnumerator.hpp"

namespace NS {

/// Objects none of which equals another; never changed.
class Set : public Copying<Set> {
 public:
  static Set* alloc() { return new Set(); }
  Set* init() { return this; }
  Set* init(const Object* const* pObjects, UInteger count);

  UInteger count() const { return objects_.size(); }
  Enumerator<Object>* objectEnumerator() const;

 private:
  Set() = default;
  bool holds(const Object* object) const;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return count(); }
  std::string describe() const override;

  std::vector<SharedPtr<Object>> objects_;
};

}  // namespace NS
