// softmetal::Counted and NS::Object: counting references, and finding out who counted wrong.
#include <cstdlib>
#include <cxxabi.h>
#include <map>
#include <memory>
#include <mutex>
#include <typeinfo>

#include "fmt/format.h"

#include "Foundation/Foundation.hpp"
#include "softmetal/checks/findings.hpp"
#include "softmetal/foundation/object_list.hpp"

namespace softmetal {
namespace {

constexpr NS::UInteger kForever = NS::UIntegerMax;

std::string without(std::string text, std::string_view part) {
  const std::size_t at = text.find(part);
  return at == std::string::npos ? text : text.erase(at, part.size());
}

// Objects that were freed while the check "freed" was on: their memory is never used again, so a
// pointer to one can be told from others.
class Graveyard {
 public:
  static Graveyard& get() {
    static auto* const instance = new Graveyard;  // objects are freed until the very end
    return *instance;
  }
  static bool is_open() {
    try {
      return options().checks.has(Check::kFreed);
    } catch (const std::exception&) {
      return false;  // the environment is wrong; who runs a kernel is told
    }
  }

  void add(const void* object, std::string class_name) {
    const std::lock_guard lock(mutex_);
    names_.emplace(object, std::move(class_name));
  }
  bool holds(const void* object) {
    const std::lock_guard lock(mutex_);
    return names_.contains(object);
  }
  void report_use(const void* object, std::string_view what) {
    const std::lock_guard lock(mutex_);
    const auto name = names_.find(object);
    Finding finding;
    finding.check = Check::kFreed;
    finding.message = fmt::format("{} of {} {} that has been freed",
                                  what,
                                  name == names_.end() ? "an object" : name->second,
                                  object);
    finding.remedy =
        "who calls alloc, new... or copy releases once; what other functions return is not the "
        "caller's to release";
    report(std::move(finding));
  }

 private:
  std::mutex mutex_;
  std::map<const void*, std::string> names_;
};

}  // namespace

// All objects that may leak.
class ObjectList {
 public:
  static void add(Counted* object) {
    const std::lock_guard lock(mutex);
    object->next_ = first;
    if (first != nullptr) {
      first->previous_ = object;
    }
    first = object;
  }
  static void remove(Counted* object) {
    const std::lock_guard lock(mutex);
    if (object->next_ != nullptr) {
      object->next_->previous_ = object->previous_;
    }
    if (object->previous_ != nullptr) {
      object->previous_->next_ = object->next_;
    } else if (first == object) {
      first = object->next_;
    }
    object->next_ = object->previous_ = nullptr;
  }
  static std::map<std::string, std::size_t> count() {
    const std::lock_guard lock(mutex);
    std::map<std::string, std::size_t> result;
    for (const Counted* object = first; object != nullptr; object = object->next_) {
      ++result[object->class_name()];
    }
    return result;
  }

 private:
  static inline constinit std::mutex mutex;
  static inline constinit Counted* first = nullptr;
};

Counted::Counted() {
  ObjectList::add(this);
}
Counted::~Counted() {
  ObjectList::remove(this);
}

void Counted::live_forever() {
  ObjectList::remove(this);
  references_ = kForever;
}

void Counted::retain(Counted* object) {
  if (object == nullptr || object->references_.load(std::memory_order_relaxed) == kForever) {
    return;
  }
  if (object->references_.fetch_add(1, std::memory_order_relaxed) == 0) {
    object->references_ = 0;
    Graveyard::get().report_use(object, "retain");
  }
}

void Counted::release(Counted* object) {
  if (object == nullptr || object->references_.load(std::memory_order_relaxed) == kForever) {
    return;
  }
  const NS::UInteger before = object->references_.fetch_sub(1, std::memory_order_acq_rel);
  if (before == 1) {
    object->destroy();
  } else if (before == 0) {
    object->references_ = 0;
    Graveyard::get().report_use(object, "release");
  }
}

void Counted::destroy() {
  if (Graveyard::is_open()) {
    Graveyard::get().add(this, class_name());
  }
  delete this;
}

void Counted::operator delete(void* memory) {
  if (!Graveyard::get().holds(memory)) {
    ::operator delete(memory);
  }
}

Counted* Counted::duplicate() const {
  auto* self = const_cast<Counted*>(this);
  retain(self);
  return self;
}

// "softmetal::(anonymous namespace)::BufferObject" implements MTL::Buffer.
std::string Counted::class_name() const {
  int status = 0;
  const std::unique_ptr<char, void (*)(void*)> demangled(
      abi::__cxa_demangle(typeid(*this).name(), nullptr, nullptr, &status), std::free);
  const std::string name = without(demangled.get(), "(anonymous namespace)::");
  constexpr std::string_view kOurs = "softmetal::";
  return name.starts_with(kOurs) ? "MTL::" + without(name.substr(kOurs.size()), "Object") : name;
}

std::string Counted::describe() const {
  return fmt::format("<{}: {}>", class_name(), static_cast<const void*>(this));
}

std::map<std::string, std::size_t> count_objects() {
  return ObjectList::count();
}

}  // namespace softmetal

namespace NS {

String* Object::description() const {
  return String::string(describe().c_str(), UTF8StringEncoding);
}

}  // namespace NS
