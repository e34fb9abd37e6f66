// MTL::ArgumentEncoder: argument buffers as structures in memory.
#include <cstring>
#include <utility>
#include <vector>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "softmetal/argument_layout.hpp"
#include "softmetal/objects.hpp"
#include "softmetal/reflection.hpp"

namespace softmetal {
namespace {
using ingot::Error;
using ingot::ErrorCode;

[[noreturn]] void reject(const std::string& mistake) {
  throw Error(ErrorCode::kInvalidArgument, "MTL::ArgumentEncoder", mistake);
}

class ArgumentEncoderObject final
    : public NS::Referencing<ArgumentEncoderObject, MTL::ArgumentEncoder> {
 public:
  explicit ArgumentEncoderObject(ArgumentLayout chosen) : layout(std::move(chosen)) {}

  void set_target(const MTL::Buffer* buffer, NS::UInteger offset) {
    if (buffer != nullptr) {
      const BufferObject& target = *self(buffer);
      if (target.storageMode() == MTL::StorageModePrivate) {
        reject(fmt::format("{} is private: the program cannot write to it", target.name()));
      }
      if (offset % layout.alignment() != 0 || layout.bytes() > target.bytes() ||
          offset > target.bytes() - layout.bytes()) {
        reject(
            fmt::format("{} bytes at offset {} of {} ({} bytes): there must be room, and the "
                        "offset must be a multiple of {}",
                        layout.bytes(),
                        offset,
                        target.name(),
                        target.bytes(),
                        layout.alignment()));
      }
    }
    target_ = NS::RetainPtr(const_cast<MTL::Buffer*>(buffer));
    target_offset_ = offset;
  }

  void set_buffer(const MTL::Buffer* buffer, NS::UInteger offset, NS::UInteger index) {
    const ArgumentLayout::Member& member = layout.find(index);
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
    std::memcpy(place(member), &address, sizeof address);
  }

  void* constant(NS::UInteger index) {
    const ArgumentLayout::Member& member = layout.find(index);
    if (member.is_pointer) {
      reject(fmt::format("constantData for index {}, which is a buffer", index));
    }
    return place(member);
  }

  const ArgumentLayout layout;

 private:
  std::byte* place(const ArgumentLayout::Member& member) {
    if (!target_) {
      reject("setArgumentBuffer has not been called");
    }
    return self(target_.get())->data() + target_offset_ + member.offset;
  }

  NS::SharedPtr<MTL::Buffer> target_;
  NS::UInteger target_offset_ = 0;
};

}  // namespace

static MTL::ArgumentEncoder* new_argument_encoder(const ArgumentInfo& info) {
  if (info.layout.empty()) {
    throw Error(
        ErrorCode::kInvalidArgument,
        "newArgumentEncoder",
        fmt::format("the argument '{}' is not a structure with pointers or [[id(n)]]", info.name));
  }
  return new ArgumentEncoderObject(info.layout);
}

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
  return new softmetal::ArgumentEncoderObject(softmetal::ArgumentLayout(std::move(descriptors)));
}
ArgumentEncoder* Device::newArgumentEncoder(const MTL::BufferBinding* bufferBinding) {
  return softmetal::new_argument_encoder(softmetal::info_of(bufferBinding));
}
ArgumentEncoder* Function::newArgumentEncoder(NS::UInteger bufferIndex) {
  return newArgumentEncoder(bufferIndex, nullptr);
}
ArgumentEncoder* Function::newArgumentEncoder(NS::UInteger bufferIndex,
                                              const MTL::AutoreleasedArgument* reflection) {
  for (const softmetal::ArgumentInfo& info : softmetal::arguments_of(*self(this))) {
    if (info.is_buffer && info.index == bufferIndex) {
      if (reflection != nullptr) {
        // The parameter is a place to write to, whatever its type says.
        *const_cast<Argument**>(reflection) = softmetal::new_argument(info)->autorelease();
      }
      return softmetal::new_argument_encoder(info);
    }
  }
  throw ingot::Error(
      ingot::ErrorCode::kInvalidArgument,
      "newArgumentEncoder",
      fmt::format(
          "the kernel '{}' has no buffer with the index {}", self(this)->name, bufferIndex));
}

NS::UInteger ArgumentEncoder::encodedLength() const {
  return self(this)->layout.bytes();
}
NS::UInteger ArgumentEncoder::alignment() const {
  return self(this)->layout.alignment();
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
