// NS::Array, Set, Dictionary and what goes through them.
#include <algorithm>

#include "Foundation/Foundation.hpp"

namespace NS {
namespace {

using Objects = std::vector<SharedPtr<Object>>;

SharedPtr<Object> retained(const Object* object) {
  return RetainPtr(const_cast<Object*>(object));
}

std::string join(const Objects& objects) {
  std::string text = "(";
  for (const auto& object : objects) {
    text += (text.size() == 1 ? "" : ", ") + std::string(object->description()->utf8String());
  }
  return text + ")";
}

}  // namespace

UInteger FastEnumeration::countByEnumerating(FastEnumerationState* pState,
                                             Object** pBuffer,
                                             UInteger len) {
  UInteger count = 0;
  while (count < len) {
    Object* object = next();
    if (object == nullptr) {
      break;
    }
    pBuffer[count++] = object;
  }
  pState->state = next_;
  pState->itemsPtr = pBuffer;
  return count;
}
Array* FastEnumeration::rest() {
  std::vector<const Object*> objects;
  while (const Object* object = next()) {
    objects.push_back(object);
  }
  return Array::array(objects.data(), objects.size());
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
    objects_.push_back(retained(pObjects[i]));
  }
  return this;
}
Enumerator<Object>* Array::objectEnumerator() const {
  return (new Enumerator<Object>(objects_))->autorelease();
}
bool Array::equals(const softmetal::Counted& other) const {
  const auto* array = dynamic_cast<const Array*>(&other);
  return array != nullptr &&
         std::ranges::equal(objects_, array->objects_, [](const auto& a, const auto& b) {
           return a->isEqual(b.get());
         });
}
std::string Array::describe() const {
  return join(objects_);
}

Set* Set::init(const Object* const* pObjects, UInteger count) {
  for (UInteger i = 0; i < count; ++i) {
    if (!holds(pObjects[i])) {
      objects_.push_back(retained(pObjects[i]));
    }
  }
  return this;
}
bool Set::holds(const Object* object) const {
  return std::ranges::any_of(objects_, [&](const auto& own) { return own->isEqual(object); });
}
Enumerator<Object>* Set::objectEnumerator() const {
  return (new Enumerator<Object>(objects_))->autorelease();
}
bool Set::equals(const softmetal::Counted& other) const {
  const auto* set = dynamic_cast<const Set*>(&other);
  return set != nullptr && set->count() == count() &&
         std::ranges::all_of(objects_, [&](const auto& own) { return set->holds(own.get()); });
}
std::string Set::describe() const {
  return join(objects_);
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
    if (find(pKeys[i]) == nullptr) {
      entries_.emplace_back(retained(pKeys[i]), retained(pObjects[i]));
    }
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
Objects Dictionary::keys() const {
  Objects result;
  for (const auto& [key, object] : entries_) {
    result.push_back(key);
  }
  return result;
}
bool Dictionary::equals(const softmetal::Counted& other) const {
  const auto* dictionary = dynamic_cast<const Dictionary*>(&other);
  return dictionary != nullptr && dictionary->count() == count() &&
         std::ranges::all_of(entries_, [&](const auto& entry) {
           return entry.second->isEqual(dictionary->find(entry.first.get()));
         });
}
std::string Dictionary::describe() const {
  std::string text = "{";
  for (const auto& [key, object] : entries_) {
    text += (text.size() == 1 ? "" : ", ") + std::string(key->description()->utf8String()) + " = " +
            object->description()->utf8String();
  }
  return text + "}";
}

}  // namespace NS
