#include "softmetal/argument_layout.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "softmetal/data_type.hpp"
#include "softmetal/round_up.hpp"

namespace softmetal {
namespace {
using ingot::Error;
using ingot::ErrorCode;

constexpr std::size_t kPointerBytes = sizeof(MTL::GPUAddress);

}  // namespace

ArgumentLayout::ArgumentLayout(std::vector<const MTL::ArgumentDescriptor*> descriptors) {
  std::ranges::sort(descriptors, {}, &MTL::ArgumentDescriptor::index);
  for (const MTL::ArgumentDescriptor* descriptor : descriptors) {
    add(*descriptor);
  }
  bytes_ = round_up(bytes_, alignment_);
}

ArgumentLayout::ArgumentLayout(std::span<const ArgumentMember> members,
                               const ParameterType& argument)
    : bytes_(argument.size), alignment_(argument.alignment) {
  for (const ArgumentMember& member : members) {
    if (member.buffer != argument.index) {
      continue;
    }
    for (unsigned i = 0; i < member.count; ++i) {
      members_.push_back({member.id + i, member.is_pointer, member.offset + i * member.size});
    }
  }
  std::ranges::sort(members_, {}, &Member::index);
}

void ArgumentLayout::add(const MTL::ArgumentDescriptor& descriptor) {
  const bool is_pointer = descriptor.dataType() == MTL::DataTypePointer;
  const std::optional<DataTypeLayout> layout = layout_of(descriptor.dataType());
  if (!is_pointer && !layout) {
    throw Error(ErrorCode::kUnsupported,
                "MTL::ArgumentDescriptor",
                fmt::format("index {} has the MTL::DataType {}: an argument buffer holds pointers, "
                            "scalars, vectors and matrices",
                            descriptor.index(),
                            static_cast<unsigned>(descriptor.dataType())));
  }
  if (!members_.empty() && members_.back().index >= descriptor.index()) {
    throw Error(ErrorCode::kInvalidArgument,
                "MTL::ArgumentDescriptor",
                fmt::format("the index {} is there twice", descriptor.index()));
  }
  const std::size_t bytes = is_pointer ? kPointerBytes : layout->bytes();
  const std::size_t alignment =
      std::max(is_pointer ? kPointerBytes : layout->alignment(),
               static_cast<std::size_t>(descriptor.constantBlockAlignment()));
  alignment_ = std::max(alignment_, alignment);
  bytes_ = round_up(bytes_, alignment);
  const NS::UInteger count = std::max<NS::UInteger>(descriptor.arrayLength(), 1);
  for (NS::UInteger i = 0; i < count; ++i) {
    members_.push_back({descriptor.index() + i, is_pointer, bytes_});
    bytes_ += bytes;
  }
}

const ArgumentLayout::Member& ArgumentLayout::find(NS::UInteger index) const {
  const auto member = std::ranges::lower_bound(members_, index, {}, &Member::index);
  if (member == members_.end() || member->index != index) {
    throw Error(ErrorCode::kInvalidArgument,
                "MTL::ArgumentEncoder",
                fmt::format("there is no argument with the index {}", index));
  }
  return *member;
}

}  // namespace softmetal
