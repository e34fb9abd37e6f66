// Where the members of an argument buffer lie.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "Metal/Metal.hpp"
#include "softmetal/shim/softmetal/abi.h"

namespace softmetal {

/// A structure as a kernel sees it, by the ids of its members.
class ArgumentLayout {
 public:
  /// One id.
  struct Member {
    NS::UInteger index = 0;
    bool is_pointer = false;
    std::size_t offset = 0;
  };

  ArgumentLayout() = default;

  /// A structure whose members have these types, in the order of their indices. Throws
  /// ingot::Error.
  explicit ArgumentLayout(std::vector<const MTL::ArgumentDescriptor*> descriptors);

  /// The structure that a kernel takes as an argument, as the compiler has laid it out.
  ArgumentLayout(std::span<const ArgumentMember> members, const ParameterType& argument);

  /// Throws ingot::Error when there is none.
  const Member& find(NS::UInteger index) const;

  bool empty() const { return members_.empty(); }
  std::size_t bytes() const { return bytes_; }
  std::size_t alignment() const { return alignment_; }

 private:
  void add(const MTL::ArgumentDescriptor& descriptor);

  std::vector<Member> members_;  // by index
  std::size_t bytes_ = 0;
  std::size_t alignment_ = 1;
};

}  // namespace softmetal
