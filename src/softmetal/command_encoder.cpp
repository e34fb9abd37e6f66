// MTL::CommandEncoder: what all encoders share.
#include "softmetal/command_buffer.hpp"

namespace softmetal {

CommandBufferObject& EncoderState::target() {
  if (ended) {
    buffer->reject({"a command was encoded after endEncoding()"});
  }
  return *buffer.get();
}

}  // namespace softmetal

namespace MTL {

Device* CommandEncoder::device() const {
  return softmetal::shared_device();
}
NS::String* CommandEncoder::label() const {
  return state().record.label.get();
}
void CommandEncoder::setLabel(const NS::String* label) {
  state().record.label = NS::RetainPtr(const_cast<NS::String*>(label));
}
void CommandEncoder::insertDebugSignpost(const NS::String* string) {
  state().record.signposts.push_back(string->utf8String());
}
void CommandEncoder::pushDebugGroup(const NS::String* string) {
  state().record.groups.push_back(string->utf8String());
}
void CommandEncoder::popDebugGroup() {
  if (state().record.groups.empty()) {
    state().target().reject({"popDebugGroup() without a pushDebugGroup()"});
  } else {
    state().record.groups.pop_back();
  }
}
void CommandEncoder::endEncoding() {
  state().target().close_encoder();
  state().ended = true;
}

}  // namespace MTL
