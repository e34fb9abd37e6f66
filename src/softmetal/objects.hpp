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

  /// Counts the memory as the heap's, which it is kept alive by.
  void set_heap(NS::SharedPtr<MTL::Heap> heap, NS::UInteger offset);
  MTL::Heap* heap_object() const { return heap_.get(); }
  NS::UInteger heap_offset() const { return heap_offset_; }

  bool is_aliasable = false;
  MTL::PurgeableState purgeable_state = MTL::PurgeableStateNonVolatile;

 private:
  NS::UInteger allocated_bytes() const override { return region_->bytes; }

  std::shared_ptr<Region> region_;
  MTL::ResourceOptions options_;
  Deallocator deallocator_;
  NS::SharedPtr<MTL::Heap> heap_;
  NS::UInteger heap_offset_ = 0;
};

class FunctionConstantValuesObject final
    : public NS::Referencing<FunctionConstantValuesObject, MTL::FunctionConstantValues> {
 public:
  Constants constants;

 private:
  Counted* duplicate() const override { return new FunctionConstantValuesObject(*this); }
};

class FunctionConstantObject final
    : public NS::Referencing<FunctionConstantObject, MTL::FunctionConstant> {
 public:
  NS::UInteger number = 0;
  Label name_text;
  MTL::DataType data_type = MTL::DataTypeNone;
};

class LibraryObject final : public NS::Referencing<LibraryObject, MTL::Library> {
 public:
  LibraryObject(std::shared_ptr<const Program> source, unsigned limit)
      : program(std::move(source)), max_threads(limit) {}

  const std::shared_ptr<const Program> program;
  const unsigned max_threads;  // a threadgroup, of every function
};

class FunctionObject final : public NS::Referencing<FunctionObject, MTL::Function> {
 public:
  FunctionObject(std::shared_ptr<const Program> source, Specialisation chosen)
      : program(std::move(source)), specialisation(std::move(chosen)), name(specialisation.name) {}

  const std::shared_ptr<const Program> program;
  const Specialisation specialisation;
  std::string name;
};

class ComputePipelineStateObject final
    : public NS::Referencing<ComputePipelineStateObject, MTL::ComputePipelineState> {
 public:
  /// What a program promised for all dispatches.
  struct Requirements {
    MTL::Size threads_per_threadgroup{0, 0, 0};  // all 0: any
    bool whole_simd_groups = false;
  };

  /// Compiles the build that the options in force ask for. Throws ingot::Error(kCompile).
  ComputePipelineStateObject(Specialisation chosen, Requirements required, NS::String* label);

  /// What is wrong with a threadgroup of this size, or "".
  std::string check_threadgroup(MTL::Size size) const;

  /// The build that the options ask for; compiled now if they have changed since the pipeline was
  /// made. Throws ingot::Error(kCompile).
  const Executable& executable(const Options& chosen) const;

  const Specialisation specialisation;
  const Requirements requirements;
  const Label label_text;
  NS::SharedPtr<MTL::ComputePipelineReflection> reflection;  // if it was asked for

 private:
  mutable std::mutex mutex_;
  mutable std::map<Build, Executable> executables_;  // guarded by mutex_; entries stay
};

/// The object behind an interface.
inline BufferObject* self(const MTL::Buffer* b) {
  return static_cast<BufferObject*>(const_cast<MTL::Buffer*>(b));
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
inline ComputePipelineStateObject* self(const MTL::ComputePipelineState* p) {
  return static_cast<ComputePipelineStateObject*>(const_cast<MTL::ComputePipelineState*>(p));
}

}  // namespace softmetal
