// NS: strings, collections, errors and autorelease pools.
#include "Foundation/Foundation.hpp"

#include <memory>

namespace softmetal {

// What a thread's pools hold. The pool at the bottom is the thread's own.
class Pool {
 public:
  static std::vector<std::vector<Counted*>>& stack() {
    thread_local Bottom bottom;
    return bottom.pools;
  }
  static void drain(std::vector<std::vector<Counted*>>& pools) {
    // Destructors may autorelease more, into the same pool.
    while (!pools.back().empty()) {
      Counted* object = pools.back().back();
      pools.back().pop_back();
      object->drop_reference();
    }
    pools.pop_back();
  }

 private:
  struct Bottom {
    std::vector<std::vector<Counted*>> pools{1};
    ~Bottom() {
      while (!pools.empty()) {
        drain(pools);
      }
    }
  };
};

void Counted::leave_to_pool() {
  Pool::stack().back().push_back(this);
}

}  // namespace softmetal

namespace NS {

String* Object::description() const {
  return String::string(describe().c_str(), UTF8StringEncoding);
}

AutoreleasePool::AutoreleasePool() {
  softmetal::Pool::stack().emplace_back();
}
AutoreleasePool::~AutoreleasePool() {
  softmetal::Pool::drain(softmetal::Pool::stack());
}
AutoreleasePool* AutoreleasePool::alloc() {
  return new AutoreleasePool();
}
void AutoreleasePool::addObject(Object* pObject) {
  pObject->autorelease();
}

String* String::string() {
  return alloc()->autorelease();
}
String* String::string(const String* pString) {
  return alloc()->init(pString)->autorelease();
}
String* String::string(const char* pString, StringEncoding encoding) {
  return alloc()->init(pString, encoding)->autorelease();
}
String* String::init(const String* pString) {
  text_ = pString->text_;
  return this;
}
String* String::init(const char* pString, StringEncoding) {
  text_ = pString;
  return this;
}
UInteger String::length() const {
  UInteger units = 0;
  for (const unsigned char byte : text_) {
    // Each code point counts once at its first byte; those of four bytes need two units.
    units += (byte & 0xC0) != 0x80 ? 1 : 0;
    units += byte >= 0xF0 ? 1 : 0;
  }
  return units;
}
String* String::stringByAppendingString(const String* pString) const {
  return string((text_ + pString->text_).c_str(), UTF8StringEncoding);
}
bool String::equals(const softmetal::Counted& other) const {
  const auto* string = dynamic_cast<const String*>(&other);
  return string != nullptr && string->text_ == text_;
}

Array* Array::array() {
  return alloc()->autorelease();
}
Array* Array::array(const Object* pObject) {
  return array(&pObject, 1);
}
Array* Array::array(const Object* const* pObjects, UInteger count) {
  return alloc()->init(pObjects, count)->autorelease();
}
Array* Array::init(const Object* const* pObjects, UInteger count) {
  for (UInteger i = 0; i < count; ++i) {
    objects_.push_back(RetainPtr(const_cast<Object*>(pObjects[i])));
  }
  return this;
}

Dictionary* Dictionary::dictionary() {
  return alloc()->autorelease();
}
Dictionary* Dictionary::dictionary(const Object* pObject, const Object* pKey) {
  return dictionary(&pObject, &pKey, 1);
}
Dictionary* Dictionary::dictionary(const Object* const* pObjects,
                                   const Object* const* pKeys,
                                   UInteger count) {
  return alloc()->init(pObjects, pKeys, count)->autorelease();
}
Dictionary* Dictionary::init(const Object* const* pObjects,
                             const Object* const* pKeys,
                             UInteger count) {
  for (UInteger i = 0; i < count; ++i) {
    entries_.emplace_back(RetainPtr(const_cast<Object*>(pKeys[i])),
                          RetainPtr(const_cast<Object*>(pObjects[i])));
  }
  return this;
}
Object* Dictionary::find(const Object* key) const {
  for (const auto& [own_key, object] : entries_) {
    if (own_key->isEqual(key)) {
      return object.get();
    }
  }
  return nullptr;
}
Array* Dictionary::keys() const {
  std::vector<const Object*> keys;
  for (const auto& [key, object] : entries_) {
    keys.push_back(key.get());
  }
  return Array::array(keys.data(), keys.size());
}

bool Number::equals(const softmetal::Counted& other) const {
  const auto* number = dynamic_cast<const Number*>(&other);
  return number != nullptr && number->value_ == value_;
}
std::string Number::describe() const {
  return std::visit([](auto value) { return std::to_string(value); }, value_);
}

ErrorUserInfoKey const LocalizedDescriptionKey = MTLSTR("NSLocalizedDescription");

Error* Error::error(ErrorDomain domain, Integer code, Dictionary* pDictionary) {
  return alloc()->init(domain, code, pDictionary)->autorelease();
}
Error* Error::init(ErrorDomain domain, Integer code, Dictionary* pDictionary) {
  domain_ = RetainPtr(domain);
  code_ = code;
  user_info_ = RetainPtr(pDictionary);
  return this;
}
String* Error::localizedDescription() const {
  return String::string(describe().c_str(), UTF8StringEncoding);
}
std::string Error::describe() const {
  const auto* text = user_info_ ? user_info_->object<String>(LocalizedDescriptionKey) : nullptr;
  return text != nullptr ? text->utf8String()
                         : (domain_ ? domain_->utf8String() : std::string("error")) + " " +
                               std::to_string(code_);
}

}  // namespace NS
