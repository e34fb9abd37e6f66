#include "backends/metal/metal_library.hpp"

#include <string>

#include "ingot/error.hpp"

namespace ingot::metal {
namespace {

class MetalLibrary final : public Library {
 public:
  MetalLibrary(NS::SharedPtr<MTL::Library> library, std::string name)
      : library_(std::move(library)), name_(std::move(name)) {}
  MTL::Library* get() const { return library_.get(); }
  const std::string& name() const { return name_; }

 private:
  NS::SharedPtr<MTL::Library> library_;
  std::string name_;
};

const NS::String* ns_string(const std::string& text) {
  return NS::String::string(text.c_str(), NS::UTF8StringEncoding);
}

std::string message_of(const NS::Error* error) {
  return error == nullptr ? "the compiler gave no reason"
                          : error->localizedDescription()->utf8String();
}

MTL::DataType data_type(const FunctionConstant& constant) {
  if (std::holds_alternative<bool>(constant.value)) {
    return MTL::DataTypeBool;
  }
  if (std::holds_alternative<int32_t>(constant.value)) {
    return MTL::DataTypeInt;
  }
  return std::holds_alternative<uint32_t>(constant.value) ? MTL::DataTypeUInt : MTL::DataTypeFloat;
}

}  // namespace

std::shared_ptr<Library> compile_library(MTL::Device* device, const msl::Source& source) {
  const auto arena = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
  // Kernels test for NaN and infinity and compensate sums; Metal's default would optimise that
  // away.
  options->setFastMathEnabled(false);
  options->setLanguageVersion(MTL::LanguageVersion3_1);  // the first with bfloat
  NS::Error* error = nullptr;
  auto library = NS::TransferPtr(device->newLibrary(ns_string(source.text), options.get(), &error));
  if (library.get() == nullptr) {
    throw Error(ErrorCode::kCompile, source.name, message_of(error));
  }
  return std::make_shared<MetalLibrary>(std::move(library), source.name);
}

std::shared_ptr<Pipeline> make_pipeline(MTL::Device* device,
                                        const Library& library,
                                        std::string_view function,
                                        const std::vector<FunctionConstant>& constants) {
  const auto arena = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  const auto& metal_library = static_cast<const MetalLibrary&>(library);
  const std::string name(function);
  const auto values = NS::TransferPtr(MTL::FunctionConstantValues::alloc()->init());
  for (const FunctionConstant& constant : constants) {
    std::visit(
        [&](const auto& value) {
          values->setConstantValue(&value, data_type(constant), NS::UInteger{constant.index});
        },
        constant.value);
  }
  NS::Error* error = nullptr;
  const auto entry = NS::TransferPtr(
      constants.empty() ? metal_library.get()->newFunction(ns_string(name))
                        : metal_library.get()->newFunction(ns_string(name), values.get(), &error));
  if (entry.get() == nullptr) {
    throw Error(error == nullptr ? ErrorCode::kNotFound : ErrorCode::kCompile,
                metal_library.name() + ": " + name,
                error == nullptr ? "the source has no such kernel" : message_of(error));
  }
  auto state = NS::TransferPtr(device->newComputePipelineState(entry.get(), &error));
  if (state.get() == nullptr) {
    throw Error(ErrorCode::kCompile, metal_library.name() + ": " + name, message_of(error));
  }
  return std::make_shared<MetalPipeline>(std::move(state));
}

}  // namespace ingot::metal
