#pragma once

#include <functional>

#include "Metal/MTLDataType.hpp"
#include "Metal/MTLFunctionConstantValues.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

class Device;

enum FunctionType : NS::UInteger {
  FunctionTypeKernel = 3,
};
enum LanguageVersion : NS::UInteger {
  LanguageVersion1_0 = 65536,
  LanguageVersion1_1 = 65537,
  LanguageVersion1_2 = 65538,
  LanguageVersion2_0 = 131072,
  LanguageVersion2_1 = 131073,
  LanguageVersion2_2 = 131074,
  LanguageVersion2_3 = 131075,
  LanguageVersion2_4 = 131076,
  LanguageVersion3_0 = 196608,
  LanguageVersion3_1 = 196609,
  LanguageVersion3_2 = 196610,
  LanguageVersion4_0 = 262144,
};
enum MathMode : NS::Integer {
  MathModeSafe = 0,
  MathModeRelaxed = 1,
  MathModeFast = 2,
};
enum LibraryError : NS::UInteger {
  LibraryErrorUnsupported = 1,
  LibraryErrorInternal = 2,
  LibraryErrorCompileFailure = 3,
  LibraryErrorCompileWarning = 4,
  LibraryErrorFunctionNotFound = 5,
  LibraryErrorFileNotFound = 6,
};

/// How a library is compiled. The language version sets __METAL_VERSION__ alone, and every math
/// mode is the safe one: no algebra that is not exact, infinities and NaN as IEEE 754 has them,
/// multiply-add fused within an expression.
class CompileOptions : public NS::Copying<CompileOptions> {
 public:
  static CompileOptions* alloc();
  CompileOptions* init();

  bool fastMathEnabled() const;
  void setFastMathEnabled(bool fastMathEnabled);
  LanguageVersion languageVersion() const;
  void setLanguageVersion(MTL::LanguageVersion languageVersion);
  MathMode mathMode() const;
  void setMathMode(MTL::MathMode mathMode);
  /// Keys are strings; values are strings or numbers.
  NS::Dictionary* preprocessorMacros() const;
  void setPreprocessorMacros(const NS::Dictionary* preprocessorMacros);
};

class FunctionConstant : public NS::Referencing<FunctionConstant> {
 public:
  NS::UInteger index() const;
  NS::String* name() const;
};

class Function : public NS::Referencing<Function> {
 public:
  Device* device() const;
  FunctionType functionType() const { return FunctionTypeKernel; }
  NS::String* name() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);
  /// FunctionConstant by name.
  NS::Dictionary* functionConstantsDictionary() const;
};

class Library : public NS::Referencing<Library> {
 public:
  Device* device() const;
  NS::Array* functionNames() const;
  NS::String* label() const;
  void setLabel(const NS::String* label);

  /// nullptr when there is no such function, or it needs constants.
  Function* newFunction(const NS::String* functionName);
  Function* newFunction(const NS::String* name,
                        const MTL::FunctionConstantValues* constantValues,
                        NS::Error** error);
};

}  // namespace MTL
