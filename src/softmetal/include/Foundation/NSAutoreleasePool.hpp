#pragma once

#include <vector>

#include "Foundation/NSObject.hpp"

namespace NS {

/// Pools of a thread nest: the one made last receives what is autoreleased, until it is released or
/// drained.
class AutoreleasePool : public Referencing<AutoreleasePool> {
 public:
  static AutoreleasePool* alloc();
  AutoreleasePool* init() { return this; }

  /// Releases what the pool holds, and the pool.
  void drain() { release(); }
  void addObject(Object* pObject);

 private:
  AutoreleasePool();
  ~AutoreleasePool() override;
};

}  // namespace NS
