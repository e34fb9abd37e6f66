#pragma once

#include "Foundation/NSDictionary.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSString.hpp"

namespace NS {

using ErrorDomain = String*;
using ErrorUserInfoKey = String*;

extern ErrorDomain const CocoaErrorDomain;
extern ErrorDomain const POSIXErrorDomain;

// Keys of an error's userInfo.
extern ErrorUserInfoKey const UnderlyingErrorKey;
extern ErrorUserInfoKey const LocalizedDescriptionKey;
extern ErrorUserInfoKey const LocalizedFailureReasonErrorKey;
extern ErrorUserInfoKey const LocalizedRecoverySuggestionErrorKey;
extern ErrorUserInfoKey const LocalizedRecoveryOptionsErrorKey;
extern ErrorUserInfoKey const DebugDescriptionErrorKey;

class Error : public Copying<Error> {
 public:
  static Error* error(ErrorDomain domain, Integer code, Dictionary* pDictionary);

  static Error* alloc() { return new Error(); }
  Error* init() { return this; }
  Error* init(ErrorDomain domain, Integer code, Dictionary* pDictionary);

  Integer code() const { return code_; }
  ErrorDomain domain() const { return domain_.get(); }
  Dictionary* userInfo() const { return user_info_.get(); }
  /// What went wrong, for people.
  String* localizedDescription() const { return description(); }
  // What the userInfo has for each, or nullptr.
  Array* localizedRecoveryOptions() const;
  String* localizedRecoverySuggestion() const;
  String* localizedFailureReason() const;

 private:
  Error() = default;
  template <class _Object>
  _Object* find(ErrorUserInfoKey key) const;
  std::string describe() const override;

  SharedPtr<String> domain_;
  Integer code_ = 0;
  SharedPtr<Dictionary> user_info_;
};

}  // namespace NS
