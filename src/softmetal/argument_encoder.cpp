// MTL::ArgumentEncoder: argument buffers as structures in memory.
#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "softmetal/data_type.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
namespace {
using ingot::Error;
using ingot::ErrorCode;

constexpr std::size_t kPointerBytes = sizeof(MTL::GPUAddress);

[[noreturn]] void reject(const std::string& mistake) {
  throw Error(ErrorCode::kInvalidArgument, "MTL::ArgumentEncoder", mistake);
}

// One index of an argument buffer.
struct Member {
  NS::UInteger index = 0;
  bool is_pointer = false;
  std::size_t offset = 0;
  std::size_t bytes = 0;
};

class ArgumentEncoderObject final
    : public NS::Referencing<ArgumentEncoderObject, MTL::ArgumentEncoder> {
 public:
  explicit ArgumentEncoderObject(std::vector<const MTL::ArgumentDescriptor*> descriptors) {
    std::ranges::sort(descriptors, {}, &MTL::ArgumentDescriptor::index);
    for (const MTL::ArgumentDescriptor* descriptor : descriptors) {
      add(*descriptor);
    }
    bytes_ = (bytes_ + alignment_ - 1) / alignment_ * alignment_;
  }

  std::size_t bytes() const { return bytes_; }
  std::size_t alignment() const { return alignment_; }

  void set_target(const MTL::Buffer* buffer, NS::UInteger offset) {
    if (buffer != nullptr) {
      const BufferObject& target = *self(buffer);
      if (target.storageMode() == MTL::StorageModePrivate) {
        reject(fmt::format("{} is private: the program cannot write to it", target.name()));
      }
      if (offset % alignment_ != 0 || bytes_ > target.bytes() || offset > target.bytes() - bytes_) {
        reject(
            fmt::format("{} bytes at offset {} of {} ({} bytes): there must be room, and the "
                        "offset must be a multiple of {}",
                        bytes_,
                        offset,
                        target.name(),
                        target.bytes(),
                        alignment_));
      }
    }
    target_ = NS::RetainPtr(const_cast<MTL::Buffer*>(buffer));
    target_offset_ = offset;
  }

  void set_buffer(const MTL::Buffer* buffer, NS::UInteger offset, NS::UInteger index) {
    const Member& member = find(index);
    if (!member.is_pointer) {
      reject(fmt::format("setBuffer for index {}, which is a constant", index));
    }
    if (buffer != nullptr && offset > buffer->length()) {
      reject(fmt::format("the offset {} for index {} lies behind the end of {} ({} bytes)",
                         offset,
                         index,
                         self(buffer)->name(),
                         buffer->length()));
    }
    const MTL::GPUAddress address = buffer == nullptr ? 0 : buffer->gpuAddress() + offset;
    std::memcpy(place(member), &address, kPointerBytes);
  }

  void* constant(NS::UInteger index) {
    const Member& member = find(index);
    if (member.is_pointer) {
      reject(fmt::format("constantData for index {}, which is a buffer", index));
    }
    return place(member);
  }

 private:
  void add(const MTL::ArgumentDescriptor& descriptor) {
    const bool is_pointer = descriptor.dataType() == MTL::DataTypePointer;
    const std::optional<DataTypeLayout> layout = layout_of(descriptor.dataType());
    if (!is_pointer && !layout) {
      throw Error(ErrorCode::kUnsupported,
                  "MTL::ArgumentDescriptor",
                  fmt::format("index {} has the MTL::DataType {}: an argument buffer holds "
                              "pointers, scalars, vectors and matrices",
                              descriptor.index(),
                              static_cast<unsigned>(descriptor.dataType())));
    }
    if (!members_.empty() && members_.back().index >= descriptor.index()) {
      reject(fmt::format("the index {} is there twice", descriptor.index()));
    }
    const std::size_t bytes = is_pointer ? kPointerBytes : layout->bytes();
    const std::size_t alignment =
        std::max(is_pointer ? kPointerBytes : layout->alignment(),
                 static_cast<std::size_t>(descriptor.constantBlockAlignment()));
    alignment_ = std::max(alignment_, alignment);
    bytes_ = (bytes_ + alignment - 1) / alignment * alignment;
    const NS::UInteger count = std::max<NS::UInteger>(descriptor.arrayLength(), 1);
    for (NS::UInteger i = 0; i < count; ++i) {
      members_.push_back({descriptor.index() + i, is_pointer, bytes_, bytes});
      bytes_ += bytes;
    }
  }

  const Member& find(NS::UInteger index) const {
    const auto member = std::ranges::lower_bound(members_, index, {}, &Member::index);
    if (member == members_.end() || member->index != index) {
      reject(fmt::format("there is no argument with the index {}", index));
    }
    return *member;
  }

  std::byte* place(const Member& member) {
    if (!target_) {
      reject("setArgumentBuffer has not been called");
    }
    return self(target_.get())->data() + target_offset_ + member.offset;
  }

  std::vector<Member> members_;  // by index
  std::size_t bytes_ = 0;
  std::size_t alignment_ = 1;
  NS::SharedPtr<MTL::Buffer> target_;
  NS::UInteger target_offset_ = 0;
};

}  // namespace

static ArgumentEncoderObject* self(const MTL::ArgumentEncoder* encoder) {
  return static_cast<ArgumentEncoderObject*>(const_cast<MTL::ArgumentEncoder*>(encoder));
}
}  // namespace softmetal

namespace MTL {
using softmetal::self;

ArgumentEncoder* Device::newArgumentEncoder(const NS::Array* arguments) {
  std::vector<const ArgumentDescriptor*> descriptors;
  for (NS::UInteger i = 0; i < arguments->count(); ++i) {
    descriptors.push_back(arguments->object<ArgumentDescriptor>(i));
  }
  return new softmetal::ArgumentEncoderObject(std::move(descriptors));
}

NS::UInteger ArgumentEncoder::encodedLength() const {
  return self(this)->bytes();
}
NS::UInteger ArgumentEncoder::alignment() const {
  return self(this)->alignment();
}
void ArgumentEncoder::setArgumentBuffer(const MTL::Buffer* argumentBuffer, NS::UInteger offset) {
  self(this)->set_target(argumentBuffer, offset);
}
void ArgumentEncoder::setArgumentBuffer(const MTL::Buffer* argumentBuffer,
                                        NS::UInteger startOffset,
                                        NS::UInteger arrayElement) {
  self(this)->set_target(argumentBuffer, startOffset + arrayElement * encodedLength());
}
void ArgumentEncoder::setBuffer(const MTL::Buffer* buffer,
                                NS::UInteger offset,
                                NS::UInteger index) {
  self(this)->set_buffer(buffer, offset, index);
}
void ArgumentEncoder::setBuffers(const MTL::Buffer* const buffers[],
                                 const NS::UInteger offsets[],
                                 NS::Range range) {
  for (NS::UInteger i = 0; i < range.length; ++i) {
    setBuffer(buffers[i], offsets[i], range.location + i);
  }
}
void* ArgumentEncoder::constantData(NS::UInteger index) {
  return self(this)->constant(index);
}

}  // namespace MTL
