// MTL::BlitCommandEncoder: copies and fills.
#include <cstring>
#include <utility>

#include "fmt/format.h"

#include "softmetal/command_buffer.hpp"

namespace softmetal {
namespace {

class BlitCommandEncoderObject final
    : public NS::Referencing<BlitCommandEncoderObject, MTL::BlitCommandEncoder> {
 public:
  explicit BlitCommandEncoderObject(NS::SharedPtr<CommandBufferObject> buffer)
      : encoder(std::move(buffer), "blit") {}

  mutable EncoderState encoder;

 private:
  EncoderState& state() const override { return encoder; }
};

CommandBufferObject& target_of(MTL::BlitCommandEncoder* encoder) {
  return static_cast<BlitCommandEncoderObject*>(encoder)->encoder.target();
}

}  // namespace

MTL::BlitCommandEncoder* new_blit_encoder(NS::SharedPtr<CommandBufferObject> buffer) {
  return new BlitCommandEncoderObject(std::move(buffer));
}

}  // namespace softmetal

namespace MTL {
using softmetal::self;
using softmetal::target_of;

void BlitCommandEncoder::copyFromBuffer(const MTL::Buffer* sourceBuffer,
                                        NS::UInteger sourceOffset,
                                        const MTL::Buffer* destinationBuffer,
                                        NS::UInteger destinationOffset,
                                        NS::UInteger size) {
  auto& target = target_of(this);
  const auto* source = self(sourceBuffer);
  const auto* destination = self(destinationBuffer);
  const auto holds = [size](const softmetal::BufferObject* buffer, NS::UInteger offset) {
    return buffer != nullptr && size <= buffer->bytes() && offset <= buffer->bytes() - size;
  };
  if (!holds(source, sourceOffset) || !holds(destination, destinationOffset)) {
    target.reject(
        fmt::format("copyFromBuffer of {} bytes from offset {} to offset {} leaves a buffer",
                    size,
                    sourceOffset,
                    destinationOffset));
    return;
  }
  if (source == destination && sourceOffset < destinationOffset + size &&
      destinationOffset < sourceOffset + size) {
    target.reject(fmt::format(
        "copyFromBuffer of {} bytes from offset {} to offset {} of one buffer: the ranges overlap",
        size,
        sourceOffset,
        destinationOffset));
    return;
  }
  target.keep(sourceBuffer);
  target.keep(destinationBuffer);
  target.add(
      [from = source->data() + sourceOffset, to = destination->data() + destinationOffset, size] {
        std::memcpy(to, from, size);
        return softmetal::Failure();
      });
}
void BlitCommandEncoder::fillBuffer(const MTL::Buffer* buffer, NS::Range range, uint8_t value) {
  auto& target = target_of(this);
  const auto* object = self(buffer);
  if (object == nullptr || range.length > object->bytes() ||
      range.location > object->bytes() - range.length) {
    target.reject(fmt::format(
        "fillBuffer of {} bytes at offset {} leaves the buffer", range.length, range.location));
    return;
  }
  target.keep(buffer);
  target.add([to = object->data() + range.location, size = range.length, value] {
    std::memset(to, value, size);
    return softmetal::Failure();
  });
}
void BlitCommandEncoder::synchronizeResource(const MTL::Resource* resource) {
  target_of(this).keep(resource);
}
// A queue runs its encoders one after the other: there is nothing to wait for.
void BlitCommandEncoder::updateFence(const MTL::Fence* fence) {
  target_of(this).keep(fence);
}
void BlitCommandEncoder::waitForFence(const MTL::Fence* fence) {
  target_of(this).keep(fence);
}

void BlitCommandEncoder::sampleCountersInBuffer(const MTL::CounterSampleBuffer*,
                                                NS::UInteger,
                                                bool) {
  target_of(this).reject({"sampleCountersInBuffer: the device has no counters"});
}
void BlitCommandEncoder::resolveCounters(const MTL::CounterSampleBuffer*,
                                         NS::Range,
                                         const MTL::Buffer*,
                                         NS::UInteger) {
  target_of(this).reject({"resolveCounters: the device has no counters"});
}

}  // namespace MTL
