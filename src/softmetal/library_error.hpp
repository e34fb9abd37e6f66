// Exceptions of the compiler as errors of the Metal API.
#pragma once

#include <exception>

#include "ingot/error.hpp"

#include "softmetal/objects.hpp"

namespace softmetal {

inline MTL::LibraryError library_error_code(ingot::ErrorCode code) {
  switch (code) {
    case ingot::ErrorCode::kCompile:
      return MTL::LibraryErrorCompileFailure;
    case ingot::ErrorCode::kNotFound:
      return MTL::LibraryErrorFunctionNotFound;
    case ingot::ErrorCode::kIo:
      return MTL::LibraryErrorFileNotFound;
    case ingot::ErrorCode::kUnsupported:
      return MTL::LibraryErrorUnsupported;
    default:
      return MTL::LibraryErrorInternal;
  }
}

/// Runs a function that makes something; an exception becomes *error, if there is one, and nullptr.
template <class Make>
auto make_or_report(NS::Error** error, const Make& make) -> decltype(make()) {
  MTL::LibraryError code = MTL::LibraryErrorInternal;
  std::string text;
  try {
    return make();
  } catch (const ingot::Error& failure) {
    code = library_error_code(failure.code());
    text = failure.what();
  } catch (const std::exception& failure) {
    text = failure.what();
  }
  if (error != nullptr) {
    *error = make_error(kLibraryErrorDomain, code, text);
  }
  return nullptr;
}

/// What softmetal has not got: nullptr, and an error that says why.
template <class Result>
Result* refuse(NS::Error** error, const char* what, const char* why) {
  return make_or_report(error, [&]() -> Result* {
    throw ingot::Error(
        ingot::ErrorCode::kUnsupported, what, why, "call newLibrary with Metal source");
  });
}

}  // namespace softmetal
