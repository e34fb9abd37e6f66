// MTL::Library, Function and CompileOptions.
#include "fmt/format.h"

#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/library_error.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
namespace {

Program::Options program_options(const MTL::CompileOptions* options) {
  Program::Options result;
  result.strict = softmetal::options().strict;
  if (options == nullptr) {
    return result;
  }
  // 0x30001 is version 3.1.
  const NS::UInteger version = options->languageVersion();
  result.metal_version = static_cast<unsigned>((version >> 16) * 100 + (version & 0xffff) * 10);
  if (const NS::Dictionary* macros = options->preprocessorMacros(); macros != nullptr) {
    auto* keys = macros->keyEnumerator<NS::String>();
    while (const NS::String* key = keys->nextObject()) {
      result.macros.push_back(fmt::format(
          "{}={}", key->utf8String(), macros->object(key)->description()->utf8String()));
    }
  }
  return result;
}

FunctionObject* new_function(const LibraryObject& library,
                             const char* name,
                             const Constants& constants) {
  return new FunctionObject(library.program, library.program->specialise(name, constants));
}

}  // namespace

}  // namespace softmetal

namespace MTL {
using softmetal::self;
using softmetal::shared_device;

CompileOptions* CompileOptions::alloc() {
  return new softmetal::CompileOptionsObject();
}
CompileOptions* CompileOptions::init() {
  return this;
}
bool CompileOptions::fastMathEnabled() const {
  return self(this)->fast_math;
}
void CompileOptions::setFastMathEnabled(bool fastMathEnabled) {
  self(this)->fast_math = fastMathEnabled;
}
LanguageVersion CompileOptions::languageVersion() const {
  return self(this)->language;
}
void CompileOptions::setLanguageVersion(MTL::LanguageVersion languageVersion) {
  self(this)->language = languageVersion;
}
MathMode CompileOptions::mathMode() const {
  return self(this)->math_mode;
}
void CompileOptions::setMathMode(MTL::MathMode mathMode) {
  self(this)->math_mode = mathMode;
}
NS::Dictionary* CompileOptions::preprocessorMacros() const {
  return self(this)->macros.get();
}
void CompileOptions::setPreprocessorMacros(const NS::Dictionary* preprocessorMacros) {
  self(this)->macros = NS::RetainPtr(const_cast<NS::Dictionary*>(preprocessorMacros));
}

Device* Function::device() const {
  return shared_device();
}
NS::String* Function::name() const {
  return softmetal::autoreleased(self(this)->specialisation.name);
}
NS::String* Function::label() const {
  return self(this)->label_text.get();
}
void Function::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
NS::Dictionary* Function::functionConstantsDictionary() const {
  std::vector<const NS::Object*> names;
  std::vector<const NS::Object*> constants;
  for (const auto& constant : self(this)->program->module().constants) {
    auto* object = new softmetal::FunctionConstantObject();
    object->number = constant.index;
    object->name_text = NS::RetainPtr(softmetal::autoreleased(constant.name));
    constants.push_back(object->autorelease());
    names.push_back(object->name_text.get());
  }
  return NS::Dictionary::dictionary(constants.data(), names.data(), names.size());
}

Device* Library::device() const {
  return shared_device();
}
NS::String* Library::label() const {
  return self(this)->label_text.get();
}
void Library::setLabel(const NS::String* label) {
  self(this)->label_text = NS::RetainPtr(const_cast<NS::String*>(label));
}
NS::Array* Library::functionNames() const {
  std::vector<const NS::Object*> names;
  for (const auto& kernel : self(this)->program->module().kernels) {
    names.push_back(softmetal::autoreleased(kernel.name));
  }
  return NS::Array::array(names.data(), names.size());
}
Function* Library::newFunction(const NS::String* functionName) {
  return softmetal::make_or_report(nullptr, [&] {
    return softmetal::new_function(*self(this), functionName->utf8String(), {});
  });
}
Function* Library::newFunction(const NS::String* name,
                               const MTL::FunctionConstantValues* constantValues,
                               NS::Error** error) {
  return softmetal::make_or_report(error, [&] {
    return softmetal::new_function(
        *self(this),
        name->utf8String(),
        constantValues == nullptr ? softmetal::Constants() : self(constantValues)->constants);
  });
}

Library* Device::newLibrary(const NS::String* source,
                            const MTL::CompileOptions* options,
                            NS::Error** error) {
  return softmetal::make_or_report(error, [&] {
    return new softmetal::LibraryObject(std::make_shared<softmetal::Program>(
        source->utf8String(), softmetal::program_options(options)));
  });
}

}  // namespace MTL
