// NS::Error.
#include "Foundation/Foundation.hpp"

namespace NS {

ErrorDomain const CocoaErrorDomain = MTLSTR("NSCocoaErrorDomain");
ErrorDomain const POSIXErrorDomain = MTLSTR("NSPOSIXErrorDomain");

ErrorUserInfoKey const UnderlyingErrorKey = MTLSTR("NSUnderlyingError");
ErrorUserInfoKey const LocalizedDescriptionKey = MTLSTR("NSLocalizedDescription");
ErrorUserInfoKey const LocalizedFailureReasonErrorKey = MTLSTR("NSLocalizedFailureReason");
ErrorUserInfoKey const LocalizedRecoverySuggestionErrorKey =
    MTLSTR("NSLocalizedRecoverySuggestion");
ErrorUserInfoKey const LocalizedRecoveryOptionsErrorKey = MTLSTR("NSLocalizedRecoveryOptions");
ErrorUserInfoKey const DebugDescriptionErrorKey = MTLSTR("NSDebugDescription");

Error* Error::error(ErrorDomain domain, Integer code, Dictionary* pDictionary) {
  return alloc()->init(domain, code, pDictionary)->autorelease();
}
Error* Error::init(ErrorDomain domain, Integer code, Dictionary* pDictionary) {
  domain_ = RetainPtr(domain);
  code_ = code;
  user_info_ = RetainPtr(pDictionary);
  return this;
}

template <class _Object>
_Object* Error::find(ErrorUserInfoKey key) const {
  return user_info_ ? user_info_->object<_Object>(key) : nullptr;
}
Array* Error::localizedRecoveryOptions() const {
  return find<Array>(LocalizedRecoveryOptionsErrorKey);
}
String* Error::localizedRecoverySuggestion() const {
  return find<String>(LocalizedRecoverySuggestionErrorKey);
}
String* Error::localizedFailureReason() const {
  return find<String>(LocalizedFailureReasonErrorKey);
}
std::string Error::describe() const {
  const String* text = find<String>(LocalizedDescriptionKey);
  return text != nullptr ? text->utf8String()
                         : (domain_ ? domain_->utf8String() : std::string("error")) + " " +
                               std::to_string(code_);
}

}  // namespace NS
