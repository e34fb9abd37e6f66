// MTL::ResidencySet.
#include <map>
#include <mutex>
#include <vector>

#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

class ResidencySetObject final : public NS::Referencing<ResidencySetObject, MTL::ResidencySet> {
 public:
  explicit ResidencySetObject(Label chosen) : label_text(std::move(chosen)) {}

  void add(const MTL::Allocation* allocation) {
    const std::lock_guard lock(mutex_);
    members_[allocation] = NS::RetainPtr(const_cast<MTL::Allocation*>(allocation));
  }
  void remove(const MTL::Allocation* allocation) {
    NS::SharedPtr<MTL::Allocation> last;  // released outside of the lock
    const std::lock_guard lock(mutex_);
    if (const auto member = members_.find(allocation); member != members_.end()) {
      last = std::move(member->second);
      members_.erase(member);
    }
  }
  void clear() {
    Members all;
    const std::lock_guard lock(mutex_);
    all.swap(members_);
  }
  void commit() {
    const std::lock_guard lock(mutex_);
    committed_bytes_ = 0;
    for (const auto& [allocation, owner] : members_) {
      committed_bytes_ += allocation->allocatedSize();
    }
  }

  bool contains(const MTL::Allocation* allocation) const {
    const std::lock_guard lock(mutex_);
    return members_.contains(allocation);
  }
  NS::Array* all() const {
    const std::lock_guard lock(mutex_);
    std::vector<const NS::Object*> objects;
    for (const auto& [allocation, owner] : members_) {
      objects.push_back(allocation);
    }
    return NS::Array::array(objects.data(), objects.size());
  }
  NS::UInteger count() const {
    const std::lock_guard lock(mutex_);
    return members_.size();
  }
  std::uint64_t committed_bytes() const {
    const std::lock_guard lock(mutex_);
    return committed_bytes_;
  }

  const Label label_text;

 private:
  using Members = std::map<const MTL::Allocation*, NS::SharedPtr<MTL::Allocation>>;

  mutable std::mutex mutex_;
  Members members_;
  std::uint64_t committed_bytes_ = 0;
};

}  // namespace

static ResidencySetObject* self(const MTL::ResidencySet* set) {
  return static_cast<ResidencySetObject*>(const_cast<MTL::ResidencySet*>(set));
}
}  // namespace softmetal

namespace MTL {
using softmetal::self;

ResidencySet* Device::newResidencySet(const MTL::ResidencySetDescriptor* desc, NS::Error**) {
  return new softmetal::ResidencySetObject(NS::RetainPtr(desc->label()));
}

Device* ResidencySet::device() const {
  return softmetal::shared_device();
}
NS::String* ResidencySet::label() const {
  return self(this)->label_text.get();
}
void ResidencySet::addAllocation(const MTL::Allocation* allocation) {
  self(this)->add(allocation);
}
void ResidencySet::addAllocations(const MTL::Allocation* const allocations[], NS::UInteger count) {
  for (NS::UInteger i = 0; i < count; ++i) {
    self(this)->add(allocations[i]);
  }
}
void ResidencySet::removeAllocation(const MTL::Allocation* allocation) {
  self(this)->remove(allocation);
}
void ResidencySet::removeAllocations(const MTL::Allocation* const allocations[],
                                     NS::UInteger count) {
  for (NS::UInteger i = 0; i < count; ++i) {
    self(this)->remove(allocations[i]);
  }
}
void ResidencySet::removeAllAllocations() {
  self(this)->clear();
}
void ResidencySet::commit() {
  self(this)->commit();
}
NS::Array* ResidencySet::allAllocations() const {
  return self(this)->all();
}
bool ResidencySet::containsAllocation(const MTL::Allocation* anAllocation) {
  return self(this)->contains(anAllocation);
}
NS::UInteger ResidencySet::allocationCount() const {
  return self(this)->count();
}
uint64_t ResidencySet::allocatedSize() const {
  return self(this)->committed_bytes();
}

}  // namespace MTL
