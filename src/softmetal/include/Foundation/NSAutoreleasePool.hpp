#pragma once

#include "Foundation/NSObject.hpp"

namespace NS {

/// Pools of a thread nest: the one made last receives what is autoreleased, until it is released or
/// drained.
class AutoreleasePool : public Object {
 public:
  static AutoreleasePool* alloc();
  AutoreleasePool* init() { return this; }

  /// Releases what the pool holds, and the pool.
  void drain() { release(); }
  void addObject(Object* pObject);
  /// Prints to standard error how many objects each pool of the thread holds.
  static void showPools();

 private:
  AutoreleasePool();
  ~AutoreleasePool() override;

  std::size_t depth_;  // how many pools of the thread are older
};

}  // namespace NS
