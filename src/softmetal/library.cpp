// MTL::Library and Function: from a source to the functions that pipelines are made of.
#include <filesystem>
#include <iterator>

#include "fmt/format.h"

#include "core/read_file.hpp"
#include "softmetal/compile_thread.hpp"
#include "softmetal/data_type.hpp"
#include "softmetal/include/softmetal/checks.hpp"
#include "softmetal/library_error.hpp"
#include "softmetal/objects.hpp"

namespace softmetal {
namespace {
using ingot::Error;
using ingot::ErrorCode;

Program::Options program_options(const MTL::CompileOptions* options) {
  Program::Options result;
  result.strict = softmetal::options().strict;
  if (options == nullptr) {
    return result;
  }
  if (options->libraryType() == MTL::LibraryTypeDynamic ||
      (options->libraries() != nullptr && options->libraries()->count() != 0)) {
    throw Error(ErrorCode::kUnsupported,
                "MTL::CompileOptions",
                "there are no dynamic libraries",
                "compile the sources together");
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

LibraryObject* new_library(const NS::String* source, const MTL::CompileOptions* options) {
  if (source == nullptr) {
    throw Error(ErrorCode::kInvalidArgument, "newLibrary", "the source is a null pointer");
  }
  const unsigned max_threads =
      options == nullptr || options->maxTotalThreadsPerThreadgroup() == 0
          ? kMaxThreads
          : static_cast<unsigned>(options->maxTotalThreadsPerThreadgroup());
  return new LibraryObject(
      std::make_shared<Program>(source->utf8String(), program_options(options)), max_threads);
}

LibraryObject* new_library(const std::filesystem::path& path) {
  const std::optional<std::string> text = ingot::read_file(path);
  if (!text) {
    throw Error(ErrorCode::kIo, path.string(), "the file cannot be read");
  }
  if (text->starts_with("MTLB")) {
    throw Error(ErrorCode::kUnsupported,
                path.string(),
                "a compiled Metal library is code for Apple GPUs",
                "give the Metal source instead: newLibrary takes the path of a .metal file, or its "
                "text");
  }
  Program::Options options = program_options(nullptr);
  options.file = path;
  return new LibraryObject(std::make_shared<Program>(*text, options), kMaxThreads);
}

FunctionObject* new_function(const LibraryObject& library,
                             const NS::String* name,
                             const MTL::FunctionConstantValues* constants) {
  if (name == nullptr) {
    throw Error(ErrorCode::kInvalidArgument, "newFunction", "the name is a null pointer");
  }
  Specialisation specialisation = library.program->specialise(
      name->utf8String(), constants == nullptr ? Constants() : self(constants)->constants);
  specialisation.max_threads = std::min(specialisation.max_threads, library.max_threads);
  return new FunctionObject(library.program, std::move(specialisation));
}

}  // namespace
}  // namespace softmetal

namespace MTL {
using softmetal::Counted;
using softmetal::self;

NS::String* Function::name() const {
  return softmetal::autoreleased(self(this)->name);
}
NS::Dictionary* Function::functionConstantsDictionary() const {
  std::vector<const NS::Object*> names;
  std::vector<const NS::Object*> constants;
  for (const auto& constant : self(this)->program->module().constants) {
    auto* object = new softmetal::FunctionConstantObject();
    object->number = constant.index;
    object->name_text = NS::RetainPtr(softmetal::autoreleased(constant.name));
    object->data_type = softmetal::data_type_named(constant.type);
    constants.push_back(object->autorelease());
    names.push_back(object->name_text.get());
  }
  return NS::Dictionary::dictionary(constants.data(), names.data(), names.size());
}

NS::Array* Library::functionNames() const {
  std::vector<const NS::Object*> names;
  for (const auto& kernel : self(this)->program->module().kernels) {
    names.push_back(softmetal::autoreleased(kernel.name));
  }
  return NS::Array::array(names.data(), names.size());
}
Function* Library::newFunction(const NS::String* functionName) {
  return newFunction(functionName, nullptr, nullptr);
}
Function* Library::newFunction(const NS::String* name,
                               const MTL::FunctionConstantValues* constantValues,
                               NS::Error** error) {
  return softmetal::make_or_report(
      error, [&] { return softmetal::new_function(*self(this), name, constantValues); });
}
Function* Library::newFunction(const MTL::FunctionDescriptor* descriptor, NS::Error** error) {
  Function* function = newFunction(descriptor->name(), descriptor->constantValues(), error);
  if (function != nullptr && descriptor->specializedName() != nullptr) {
    self(function)->name = descriptor->specializedName()->utf8String();
  }
  return function;
}
void Library::newFunction(const NS::String* pFunctionName,
                          const MTL::FunctionConstantValues* pConstantValues,
                          const MTL::FunctionCompletionHandlerFunction& completionHandler) {
  const auto descriptor = NS::TransferPtr(FunctionDescriptor::alloc()->init());
  descriptor->setName(pFunctionName);
  descriptor->setConstantValues(pConstantValues);
  newFunction(descriptor.get(), completionHandler);
}
void Library::newFunction(const MTL::FunctionDescriptor* pDescriptor,
                          const MTL::FunctionCompletionHandlerFunction& completionHandler) {
  softmetal::compile_thread().push([library = NS::RetainPtr(this),
                                    descriptor = NS::TransferPtr(pDescriptor->copy()),
                                    completionHandler] {
    NS::Error* error = nullptr;
    Function* function = library->newFunction(descriptor.get(), &error);
    Counted::autorelease(function);
    completionHandler(function, error);
  });
}

Library* Device::newLibrary(const NS::String* source,
                            const MTL::CompileOptions* options,
                            NS::Error** error) {
  return softmetal::make_or_report(error, [&] { return softmetal::new_library(source, options); });
}
void Device::newLibrary(const NS::String* pSource,
                        const MTL::CompileOptions* pOptions,
                        const MTL::NewLibraryCompletionHandlerFunction& completionHandler) {
  softmetal::compile_thread().push(
      [this,
       source = NS::TransferPtr(pSource == nullptr ? nullptr : pSource->copy()),
       options = NS::TransferPtr(pOptions == nullptr ? nullptr : pOptions->copy()),
       completionHandler] {
        NS::Error* error = nullptr;
        Library* library = newLibrary(source.get(), options.get(), &error);
        Counted::autorelease(library);
        completionHandler(library, error);
      });
}
Library* Device::newLibrary(const NS::String* filepath, NS::Error** error) {
  return softmetal::make_or_report(
      error, [&] { return softmetal::new_library(std::filesystem::path(filepath->utf8String())); });
}
Library* Device::newLibrary(const NS::URL* url, NS::Error** error) {
  return newLibrary(softmetal::autoreleased(url->fileSystemRepresentation()), error);
}
Library* Device::newLibrary(const dispatch_data_t, NS::Error** error) {
  return softmetal::refuse<Library>(
      error, "newLibrary", "the data of a compiled Metal library are code for Apple GPUs");
}
Library* Device::newDefaultLibrary() {
  return newDefaultLibrary(nullptr, nullptr);
}
Library* Device::newDefaultLibrary(const NS::Bundle*, NS::Error** error) {
  return softmetal::refuse<Library>(
      error, "newDefaultLibrary", "a default library is one that Xcode compiled for Apple GPUs");
}

}  // namespace MTL
