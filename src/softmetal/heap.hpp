// The object behind MTL::Heap.
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>

#include "softmetal/objects.hpp"

namespace softmetal {

class HeapObject final : public NS::Referencing<HeapObject, MTL::Heap> {
 public:
  /// What offsets of buffers are multiples of.
  static constexpr NS::UInteger kAlignment = 256;

  using Memory = std::unique_ptr<std::byte, void (*)(void*)>;
  HeapObject(const MTL::HeapDescriptor& descriptor, Memory memory);
  ~HeapObject() override;

  MTL::Buffer* new_buffer(NS::UInteger length, MTL::ResourceOptions options);
  MTL::Buffer* new_buffer_at(NS::UInteger length,
                             MTL::ResourceOptions options,
                             NS::UInteger offset);
  /// Lets other buffers have the memory of one.
  void free(NS::UInteger offset, NS::UInteger length);

  NS::UInteger used_bytes() const;
  NS::UInteger largest_free(NS::UInteger alignment) const;

  const NS::SharedPtr<MTL::HeapDescriptor> descriptor;
  MTL::PurgeableState purgeable_state = MTL::PurgeableStateNonVolatile;

 private:
  NS::UInteger allocated_bytes() const override { return descriptor->size(); }
  MTL::Buffer* make(NS::UInteger length, MTL::ResourceOptions options, NS::UInteger offset);
  bool accepts(NS::UInteger length, MTL::ResourceOptions options) const;
  template <class Visit>
  void for_each_gap(NS::UInteger alignment, const Visit& visit) const;

  const Memory memory_;
  mutable std::mutex mutex_;
  // Lengths by offset. Buffers of a placement heap may share an offset.
  std::multimap<NS::UInteger, NS::UInteger> used_;  // guarded by mutex_
};

inline HeapObject* self(const MTL::Heap* h) {
  return static_cast<HeapObject*>(const_cast<MTL::Heap*>(h));
}

}  // namespace softmetal
