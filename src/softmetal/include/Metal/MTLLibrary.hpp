#pragma once

#include <functional>

#include "Foundation/NSBlock.hpp"
#include "Metal/MTLArgument.hpp"
#include "Metal/MTLDataType.hpp"
#include "Metal/MTLDeviceObject.hpp"
#include "Metal/MTLFunctionConstantValues.hpp"
#include "Metal/MTLFunctionDescriptor.hpp"
#include "Metal/MTLTypes.hpp"

namespace MTL {

class ArgumentEncoder;
class Function;

enum FunctionType : NS::UInteger {
  FunctionTypeVertex = 1,
  FunctionTypeFragment = 2,
  FunctionTypeKernel = 3,
  FunctionTypeVisible = 5,
  FunctionTypeIntersection = 6,
  FunctionTypeMesh = 7,
  FunctionTypeObject = 8,
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
enum LibraryType : NS::Integer {
  LibraryTypeExecutable = 0,
  LibraryTypeDynamic = 1,
};
enum LibraryOptimizationLevel : NS::Integer {
  LibraryOptimizationLevelDefault = 0,
  LibraryOptimizationLevelSize = 1,
};
enum CompileSymbolVisibility : NS::Integer {
  CompileSymbolVisibilityDefault = 0,
  CompileSymbolVisibilityHidden = 1,
};
enum MathMode : NS::Integer {
  MathModeSafe = 0,
  MathModeRelaxed = 1,
  MathModeFast = 2,
};
enum MathFloatingPointFunctions : NS::Integer {
  MathFloatingPointFunctionsFast = 0,
  MathFloatingPointFunctionsPrecise = 1,
};
enum LibraryError : NS::UInteger {
  LibraryErrorUnsupported = 1,
  LibraryErrorInternal = 2,
  LibraryErrorCompileFailure = 3,
  LibraryErrorCompileWarning = 4,
  LibraryErrorFunctionNotFound = 5,
  LibraryErrorFileNotFound = 6,
};

using AutoreleasedArgument = MTL::Argument*;
using FunctionCompletionHandlerFunction =
    std::function<void(MTL::Function* pFunction, NS::Error* pError)>;

/// How a library is compiled. The language version sets __METAL_VERSION__ alone, and every math
/// mode is the safe one: no algebra that is not exact, infinities and NaN as IEEE 754 has them,
/// multiply-add fused within an expression.
class CompileOptions : public NS::Copying<CompileOptions> {
 public:
  static CompileOptions* alloc() { return new CompileOptions(); }
  CompileOptions* init() { return this; }

  /// Keys are strings; values are strings or numbers.
  NS::Dictionary* preprocessorMacros() const { return macros_.get(); }
  void setPreprocessorMacros(const NS::Dictionary* preprocessorMacros) {
    macros_ = NS::RetainPtr(const_cast<NS::Dictionary*>(preprocessorMacros));
  }
  LanguageVersion languageVersion() const { return language_version_; }
  void setLanguageVersion(MTL::LanguageVersion languageVersion) {
    language_version_ = languageVersion;
  }
  /// 0: what each kernel says.
  NS::UInteger maxTotalThreadsPerThreadgroup() const { return max_threads_; }
  void setMaxTotalThreadsPerThreadgroup(NS::UInteger maxTotalThreadsPerThreadgroup) {
    max_threads_ = maxTotalThreadsPerThreadgroup;
  }

  // Without effect.
  bool fastMathEnabled() const { return fast_math_enabled_; }
  void setFastMathEnabled(bool fastMathEnabled) { fast_math_enabled_ = fastMathEnabled; }
  MathMode mathMode() const { return math_mode_; }
  void setMathMode(MTL::MathMode mathMode) { math_mode_ = mathMode; }
  MathFloatingPointFunctions mathFloatingPointFunctions() const { return math_functions_; }
  void setMathFloatingPointFunctions(MTL::MathFloatingPointFunctions mathFloatingPointFunctions) {
    math_functions_ = mathFloatingPointFunctions;
  }
  LibraryOptimizationLevel optimizationLevel() const { return optimization_level_; }
  void setOptimizationLevel(MTL::LibraryOptimizationLevel optimizationLevel) {
    optimization_level_ = optimizationLevel;
  }
  bool preserveInvariance() const { return preserve_invariance_; }
  void setPreserveInvariance(bool preserveInvariance) { preserve_invariance_ = preserveInvariance; }
  bool enableLogging() const { return enable_logging_; }
  void setEnableLogging(bool enableLogging) { enable_logging_ = enableLogging; }

  // Dynamic libraries are refused.
  LibraryType libraryType() const { return library_type_; }
  void setLibraryType(MTL::LibraryType libraryType) { library_type_ = libraryType; }
  NS::Array* libraries() const { return libraries_.get(); }
  void setLibraries(const NS::Array* libraries) {
    libraries_ = NS::RetainPtr(const_cast<NS::Array*>(libraries));
  }

 private:
  Counted* duplicate() const override { return new CompileOptions(*this); }

  NS::SharedPtr<NS::Dictionary> macros_;
  LanguageVersion language_version_ = LanguageVersion3_1;
  NS::UInteger max_threads_ = 0;
  bool fast_math_enabled_ = true;
  MathMode math_mode_ = MathModeFast;
  MathFloatingPointFunctions math_functions_ = MathFloatingPointFunctionsFast;
  LibraryOptimizationLevel optimization_level_ = LibraryOptimizationLevelDefault;
  bool preserve_invariance_ = false;
  bool enable_logging_ = false;
  LibraryType library_type_ = LibraryTypeExecutable;
  NS::SharedPtr<NS::Array> libraries_;
};

class FunctionConstant : public NS::Referencing<FunctionConstant> {
 public:
  NS::UInteger index() const;
  NS::String* name() const;
  DataType type() const;
};

class Function : public softmetal::DeviceObject<Function> {
 public:
  FunctionType functionType() const { return FunctionTypeKernel; }
  FunctionOptions options() const { return FunctionOptionNone; }
  NS::String* name() const;
  /// FunctionConstant by name.
  NS::Dictionary* functionConstantsDictionary() const;
  // For a buffer that holds a structure with pointers or [[id(n)]] members. Throw ingot::Error for
  // others.
  ArgumentEncoder* newArgumentEncoder(NS::UInteger bufferIndex);
  ArgumentEncoder* newArgumentEncoder(NS::UInteger bufferIndex,
                                      const MTL::AutoreleasedArgument* reflection);
};

class Library : public softmetal::DeviceObject<Library> {
 public:
  NS::Array* functionNames() const;
  LibraryType type() const { return LibraryTypeExecutable; }
  NS::String* installName() const { return nullptr; }

  /// nullptr when there is no such function, or it needs constants.
  Function* newFunction(const NS::String* functionName);
  Function* newFunction(const NS::String* name,
                        const MTL::FunctionConstantValues* constantValues,
                        NS::Error** error);
  Function* newFunction(const MTL::FunctionDescriptor* descriptor, NS::Error** error);
  // The handler is called on another thread; what it is given is autoreleased there.
  void newFunction(const NS::String* pFunctionName,
                   const MTL::FunctionConstantValues* pConstantValues,
                   const MTL::FunctionCompletionHandlerFunction& completionHandler);
  void newFunction(const MTL::FunctionDescriptor* pDescriptor,
                   const MTL::FunctionCompletionHandlerFunction& completionHandler);
#if defined(__BLOCKS__)
  void newFunction(const NS::String* name,
                   const MTL::FunctionConstantValues* constantValues,
                   void (^completionHandler)(MTL::Function*, NS::Error*)) {
    newFunction(name, constantValues, softmetal::function_of(completionHandler));
  }
  void newFunction(const MTL::FunctionDescriptor* descriptor,
                   void (^completionHandler)(MTL::Function*, NS::Error*)) {
    newFunction(descriptor, softmetal::function_of(completionHandler));
  }
#endif
};

}  // namespace MTL
