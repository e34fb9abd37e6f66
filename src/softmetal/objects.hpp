// The classes behind the MTL interfaces. Every MTL object is one of these; self() finds it.
#pragma once

#include <atomic>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "Metal/Metal.hpp"
#include "softmetal/checks/memory_map.hpp"
#include "softmetal/program.hpp"

namespace softmetal {

/// A retained label.
using Label = NS::SharedPtr<NS::String>;

inline NS::String* autoreleased(const std::string& text) {
  return NS::String::string(text.c_str(), NS::UTF8StringEncoding);
}

/// An autoreleased NS::Error with a text.
NS::Error* make_error(const char* domain, NS::Integer code, const std::string& text);

inline constexpr const char* kLibraryErrorDomain = "MTLLibraryErrorDomain";
inline constexpr const char* kCommandBufferErrorDomain = "MTLCommandBufferErrorDomain";

/// Bytes that a Metal buffer or the device may hold, and what the device was asked for so far.
struct Memory {
  static std::uint64_t physical_bytes();
  static std::atomic<std::uint64_t>& allocated();
};

class BufferObject final : public NS::Referencing<BufferObject, MTL::Buffer> {
 public:
  using Deallocator = std::function<void(void*, NS::UInteger)>;

  /// Holds the memory and gives it back to the map at the end; memory of the program's own goes
  /// back through `deallocator`.
  BufferObject(std::shared_ptr<Region> region,
               MTL::ResourceOptions options,
               Deallocator deallocator = {});
  ~BufferObject() override;

  std::byte* data() const { return region_->data(); }
  NS::UInteger bytes() const { return region_->bytes; }
  const std::shared_ptr<Region>& region() const { return region_; }
  MTL::ResourceOptions options() const { return options_; }
  std::string name() const;

 private:
  NS::UInteger allocated_bytes() const override { return region_->bytes; }

  std::shared_ptr<Region> region_;
  MTL::ResourceOptions options_;
  Deallocator deallocator_;
};

class CompileOptionsObject final
    : public NS::Referencing<CompileOptionsObject, MTL::CompileOptions> {
 public:
  bool fast_math = true;
  MTL::MathMode math_mode = MTL::MathModeFast;
  MTL::LanguageVersion language = MTL::LanguageVersion3_1;
  NS::SharedPtr<NS::Dictionary> macros;
};

class FunctionConstantValuesObject final
    : public NS::Referencing<FunctionConstantValuesObject, MTL::FunctionConstantValues> {
 public:
  Constants constants;
};

class FunctionConstantObject final
    : public NS::Referencing<FunctionConstantObject, MTL::FunctionConstant> {
 public:
  NS::UInteger number = 0;
  Label name_text;
};

class LibraryObject final : public NS::Referencing<LibraryObject, MTL::Library> {
 public:
  explicit LibraryObject(std::shared_ptr<const Program> source) : program(std::move(source)) {}

  const std::shared_ptr<const Program> program;
  Label label_text;
};

class FunctionObject final : public NS::Referencing<FunctionObject, MTL::Function> {
 public:
  FunctionObject(std::shared_ptr<const Program> source, Specialisation chosen)
      : program(std::move(source)), specialisation(std::move(chosen)) {}

  const std::shared_ptr<const Program> program;
  const Specialisation specialisation;
  Label label_text;
};

class PipelineObject final : public NS::Referencing<PipelineObject, MTL::ComputePipelineState> {
 public:
  /// Compiles the build that the options in force ask for. Throws ingot::Error(kCompile).
  PipelineObject(Specialisation chosen, NS::String* function_label);

  /// The build that the options ask for; compiled now if they have changed since the pipeline was
  /// made. Throws ingot::Error(kCompile).
  const Executable& executable(const Options& chosen) const;

  const Specialisation specialisation;
  const Label label_text;

 private:
  mutable std::mutex mutex_;
  mutable std::map<Build, Executable> executables_;  // guarded by mutex_; entries stay
};

/// The object behind an interface.
inline BufferObject* self(const MTL::Buffer* b) {
  return static_cast<BufferObject*>(const_cast<MTL::Buffer*>(b));
}
inline CompileOptionsObject* self(const MTL::CompileOptions* o) {
  return static_cast<CompileOptionsObject*>(const_cast<MTL::CompileOptions*>(o));
}
inline FunctionConstantValuesObject* self(const MTL::FunctionConstantValues* v) {
  return static_cast<FunctionConstantValuesObject*>(const_cast<MTL::FunctionConstantValues*>(v));
}
inline FunctionConstantObject* self(const MTL::FunctionConstant* c) {
  return static_cast<FunctionConstantObject*>(const_cast<MTL::FunctionConstant*>(c));
}
inline LibraryObject* self(const MTL::Library* l) {
  return static_cast<LibraryObject*>(const_cast<MTL::Library*>(l));
}
inline FunctionObject* self(const MTL::Function* f) {
  return static_cast<FunctionObject*>(const_cast<MTL::Function*>(f));
}
inline PipelineObject* self(const MTL::ComputePipelineState* p) {
  return static_cast<PipelineObject*>(const_cast<MTL::ComputePipelineState*>(p));
}

/// The one device.
MTL::Device* shared_device();

}  // namespace softmetal
