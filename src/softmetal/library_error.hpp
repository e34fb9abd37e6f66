// Exceptions of the compiler as errors of the Metal API.
#pragma once

#include <exception>

#include "ingot/error.hpp"

#include "softmetal/objects.hpp"

namespace softmetal {

/// An autoreleased error of MTLLibraryErrorDomain.
inline NS::Error* library_error(const ingot::Error& error) {
  const NS::Integer code =
      error.code() == ingot::ErrorCode::kCompile    ? NS::Integer{MTL::LibraryErrorCompileFailure}
      : error.code() == ingot::ErrorCode::kNotFound ? NS::Integer{MTL::LibraryErrorFunctionNotFound}
                                                    : NS::Integer{MTL::LibraryErrorInternal};
  return make_error(kLibraryErrorDomain, code, error.what());
}

/// Runs a function that makes something; an exception becomes *error and nullptr.
template <class Make>
auto make_or_report(NS::Error** error, const Make& make) -> decltype(make()) {
  try {
    return make();
  } catch (const ingot::Error& failure) {
    if (error != nullptr) {
      *error = library_error(failure);
    }
  } catch (const std::exception& failure) {
    if (error != nullptr) {
      *error = make_error(kLibraryErrorDomain, MTL::LibraryErrorInternal, failure.what());
    }
  }
  return nullptr;
}

}  // namespace softmetal
