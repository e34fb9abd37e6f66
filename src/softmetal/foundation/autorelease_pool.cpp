// NS::AutoreleasePool.
#include <vector>

#include "fmt/format.h"

#include "Foundation/Foundation.hpp"

namespace softmetal {
namespace {

// The pools of a thread. The one at the bottom is the thread's own.
class PoolStack {
 public:
  static PoolStack& local() {
    thread_local PoolStack stack;
    return stack;
  }
  ~PoolStack() { drain_down_to(0); }

  std::size_t size() const { return pools_.size(); }
  void push() { pools_.emplace_back(); }
  void add(Counted* object) { pools_.back().push_back(object); }
  void add(std::size_t pool, Counted* object) { pools_[pool].push_back(object); }

  void drain_down_to(std::size_t size) {
    while (pools_.size() > size) {
      // Destructors may autorelease more, into the same pool.
      while (!pools_.back().empty()) {
        Counted* object = pools_.back().back();
        pools_.back().pop_back();
        Counted::release(object);
      }
      pools_.pop_back();
    }
  }
  void show() const {
    for (std::size_t i = pools_.size(); i-- > 0;) {
      fmt::print(stderr, "softmetal: autorelease pool {}: {} objects\n", i, pools_[i].size());
    }
  }

 private:
  std::vector<std::vector<Counted*>> pools_{1};
};

}  // namespace

void Counted::autorelease(Counted* object) {
  if (object != nullptr) {
    PoolStack::local().add(object);
  }
}

}  // namespace softmetal

namespace NS {
using softmetal::PoolStack;

AutoreleasePool::AutoreleasePool() : depth_(PoolStack::local().size()) {
  PoolStack::local().push();
}
AutoreleasePool::~AutoreleasePool() {
  PoolStack::local().drain_down_to(depth_);
}
AutoreleasePool* AutoreleasePool::alloc() {
  return new AutoreleasePool();
}
void AutoreleasePool::addObject(Object* pObject) {
  PoolStack::local().add(depth_, pObject);
}
void AutoreleasePool::showPools() {
  PoolStack::local().show();
}

}  // namespace NS
