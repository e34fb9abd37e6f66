// MTL::CommandEncoder: what all encoders share.
#include "softmetal/command_buffer.hpp"

namespace softmetal {

CommandBufferObject& EncoderState::target() {
  if (ended) {
    buffer->reject("a command was encoded after endEncoding()");
  }
  return *buffer.get();
}

}  // namespace softmetal

namespace MTL {

Device* CommandEncoder::device() const {
  return softmetal::shared_device();
}
NS::String* CommandEncoder::label() const {
  return state().label_text.get();
}
void CommandEncoder::setLabel(const NS::String* label) {
  state().label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
void CommandEncoder::endEncoding() {
  state().target().close_encoder();
  state().ended = true;
}

}  // namespace MTL
