#pragma once

#include "Foundation/NSDictionary.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSString.hpp"

namespace NS {

using ErrorDomain = String*;
using ErrorUserInfoKey = String*;

/// The key of an error's text in its userInfo.
extern ErrorUserInfoKey const LocalizedDescriptionKey;

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
  String* localizedDescription() const;

 private:
  Error() = default;
  std::string describe() const override;

  SharedPtr<String> domain_;
  Integer code_ = 0;
  SharedPtr<Dictionary> user_info_;
};

}  // namespace NS
