// Libraries, functions, pipelines and argument buffers of softmetal, used as a program for Apple's
// metal-cpp uses them.
#include <filesystem>
#include <fstream>
#include <future>

#include "ingot/error.hpp"

#include "gmock/gmock.h"
#include "tests/unit/softmetal_fixture.hpp"

namespace softmetal::testing {
namespace {

using ::testing::HasSubstr;

// A file that goes with the test.
class File {
 public:
  File(const std::string& name, const std::string& content)
      : path_(std::filesystem::path(::testing::TempDir()) / name) {
    std::ofstream(path_, std::ios::binary) << content;
  }
  ~File() { std::filesystem::remove(path_); }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

class ApiLibrary : public SoftMetal {
 protected:
  static std::string describe(const NS::Error* error) {
    return error == nullptr
               ? "no error"
               : std::to_string(error->code()) + " " + error->localizedDescription()->utf8String();
  }
  int run_once(MTL::ComputePipelineState* state) {
    const auto x = buffer(std::vector<int>{5});
    EXPECT_EQ(run(state, {x.get()}, {1, 1, 1}, {1, 1, 1}), "");
    return values<int>(x.get())[0];
  }
};

constexpr const char* kScale =
    "#include <metal_stdlib>\n"
    "constant int factor [[function_constant(3)]];\n"
    "constant metal::half2 pair [[function_constant(4)]];\n"
    "kernel void scale(device int* x) { x[0] *= factor; }\n"
    "kernel void plain(device int* x) { x[0] += 1; }\n";

TEST_F(ApiLibrary, IsReadFromFilesOfSource) {
  const File source("scale.metal", kScale);
  NS::Error* error = nullptr;
  const auto by_path = NS::TransferPtr(device_->newLibrary(text(source.path()), &error));
  ASSERT_TRUE(by_path) << describe(error);
  EXPECT_EQ(by_path->functionNames()->count(), 2u);
  const auto by_url =
      NS::TransferPtr(device_->newLibrary(NS::URL::fileURLWithPath(text(source.path())), &error));
  ASSERT_TRUE(by_url) << describe(error);
  EXPECT_EQ(run_once(pipeline(by_url.get(), "plain").get()), 6);
  by_url->setLabel(text("mine"));
  EXPECT_STREQ(by_url->label()->utf8String(), "mine");
  EXPECT_EQ(by_url->type(), MTL::LibraryTypeExecutable);
}

TEST_F(ApiLibrary, FilesIncludeFilesBesideThem) {
  const File header("step.h", "#define STEP 3\n");
  const File source("steps.metal",
                    "#include \"step.h\"\nkernel void step(device int* x) { x[0] += STEP; }\n");
  const File broken("broken.metal", "\nkernel void f() { missing(); }\n");
  const auto made = NS::TransferPtr(device_->newLibrary(text(source.path()), nullptr));
  ASSERT_TRUE(made);
  EXPECT_EQ(run_once(pipeline(made.get(), "step").get()), 8);
  NS::Error* error = nullptr;
  EXPECT_EQ(device_->newLibrary(text(broken.path()), &error), nullptr);
  EXPECT_EQ(error->code(), MTL::LibraryErrorCompileFailure);
  EXPECT_THAT(describe(error), HasSubstr("broken.metal:2:19: error"));
}

TEST_F(ApiLibrary, CompiledLibrariesAreRefusedWithTheWayOut) {
  const File compiled("compiled.metallib", std::string("MTLB\1\0\2\0", 8));
  NS::Error* error = nullptr;
  EXPECT_EQ(device_->newLibrary(text(compiled.path()), &error), nullptr);
  EXPECT_STREQ(error->domain()->utf8String(), "MTLLibraryErrorDomain");
  EXPECT_EQ(error->code(), MTL::LibraryErrorUnsupported);
  EXPECT_THAT(describe(error), HasSubstr("compiled.metallib"));
  EXPECT_THAT(describe(error), HasSubstr("give the Metal source instead"));
  EXPECT_EQ(device_->newLibrary(text("/no/such/file.metal"), &error), nullptr);
  EXPECT_EQ(error->code(), MTL::LibraryErrorFileNotFound);
  EXPECT_EQ(device_->newDefaultLibrary(NS::Bundle::mainBundle(), &error), nullptr);
  EXPECT_THAT(describe(error), HasSubstr("newDefaultLibrary"));
  EXPECT_EQ(device_->newDefaultLibrary(), nullptr);
  EXPECT_EQ(device_->newLibrary(static_cast<dispatch_data_t>(nullptr), &error), nullptr);
  EXPECT_EQ(device_->newLibrary(nullptr, nullptr, &error), nullptr);
  EXPECT_THAT(describe(error), HasSubstr("null pointer"));
}

TEST_F(ApiLibrary, OptionsDefineMacrosAndLimitThreads) {
  const auto options = NS::TransferPtr(MTL::CompileOptions::alloc()->init());
  const NS::Object* names[] = {text("BY"), text("TYPE"), text("ON")};
  const NS::Object* macros[] = {NS::Number::number(1.5f), text("int"), NS::Number::number(true)};
  options->setPreprocessorMacros(NS::Dictionary::dictionary(macros, names, 3));
  options->setLanguageVersion(MTL::LanguageVersion3_2);
  options->setMaxTotalThreadsPerThreadgroup(64);
  const auto copy = NS::TransferPtr(options->copy());
  options->setMaxTotalThreadsPerThreadgroup(0);
  options->setLibraryType(MTL::LibraryTypeDynamic);
  NS::Error* error = nullptr;
  const auto made = NS::TransferPtr(device_->newLibrary(
      text("kernel void f(device TYPE* x) { x[0] = ON ? BY * 10 + __METAL_VERSION__ : 0; }"),
      copy.get(),
      &error));
  ASSERT_TRUE(made) << describe(error);
  const auto f = pipeline(made.get(), "f");
  EXPECT_EQ(run_once(f.get()), 335);
  EXPECT_EQ(f->maxTotalThreadsPerThreadgroup(), 64u);
  EXPECT_EQ(device_->newLibrary(text("kernel void f() {}"), options.get(), &error), nullptr);
  EXPECT_THAT(describe(error), HasSubstr("dynamic libraries"));
}

TEST_F(ApiLibrary, FunctionsAreSpecialised) {
  const auto made = library(kScale);
  NS::Error* error = nullptr;
  EXPECT_EQ(made->newFunction(text("scale")), nullptr);  // it needs a constant
  const auto plain = NS::TransferPtr(made->newFunction(text("plain")));
  const auto* constants = plain->functionConstantsDictionary();
  ASSERT_EQ(constants->count(), 2u);
  const auto* factor = constants->object<MTL::FunctionConstant>(text("factor"));
  EXPECT_EQ(factor->index(), 3u);
  EXPECT_EQ(factor->type(), MTL::DataTypeInt);
  EXPECT_EQ(constants->object<MTL::FunctionConstant>(text("pair"))->type(), MTL::DataTypeHalf2);

  const auto chosen = NS::TransferPtr(MTL::FunctionConstantValues::alloc()->init());
  const int four = 4, nine = 9;
  chosen->setConstantValue(&four, MTL::DataTypeInt, NS::UInteger{3});
  const auto descriptor = NS::TransferPtr(MTL::FunctionDescriptor::alloc()->init());
  descriptor->setName(text("scale"));
  descriptor->setSpecializedName(text("scale_by_4"));
  descriptor->setConstantValues(chosen.get());
  chosen->setConstantValue(&nine, MTL::DataTypeInt, NS::UInteger{3});  // the descriptor has a copy
  const auto scale = NS::TransferPtr(made->newFunction(descriptor.get(), &error));
  ASSERT_TRUE(scale) << describe(error);
  EXPECT_STREQ(scale->name()->utf8String(), "scale_by_4");
  EXPECT_EQ(scale->functionType(), MTL::FunctionTypeKernel);
  EXPECT_EQ(scale->device(), device_.get());
  const auto state = NS::TransferPtr(device_->newComputePipelineState(scale.get(), &error));
  EXPECT_EQ(run_once(state.get()), 20);

  descriptor->setName(text("absent"));
  EXPECT_EQ(made->newFunction(descriptor.get(), &error), nullptr);
  EXPECT_EQ(error->code(), MTL::LibraryErrorFunctionNotFound);
}

TEST_F(ApiLibrary, CompletionHandlersGetWhatWasMade) {
  std::promise<NS::SharedPtr<MTL::Library>> made;
  std::promise<std::string> failed;
  device_->newLibrary(text(kScale), nullptr, [&](MTL::Library* library, NS::Error* error) {
    EXPECT_EQ(error, nullptr);
    made.set_value(NS::RetainPtr(library));
  });
  device_->newLibrary(text("kernel void f( {"), nullptr, [&](MTL::Library* library, NS::Error* e) {
    EXPECT_EQ(library, nullptr);
    failed.set_value(describe(e));
  });
  const auto library = made.get_future().get();
  EXPECT_THAT(failed.get_future().get(), HasSubstr("program_source:1:"));

  std::promise<NS::SharedPtr<MTL::Function>> function;
  library->newFunction(text("plain"), nullptr, [&](MTL::Function* f, NS::Error*) {
    function.set_value(NS::RetainPtr(f));
  });
  const auto plain = function.get_future().get();
  std::promise<NS::SharedPtr<MTL::ComputePipelineState>> pipeline;
  device_->newComputePipelineState(plain.get(),
                                   MTL::PipelineOptionBindingInfo,
                                   [&](MTL::ComputePipelineState* state,
                                       MTL::ComputePipelineReflection* reflection,
                                       NS::Error*) {
                                     EXPECT_EQ(reflection->bindings()->count(), 1u);
                                     pipeline.set_value(NS::RetainPtr(state));
                                   });
  EXPECT_EQ(run_once(pipeline.get_future().get().get()), 6);
  std::promise<void> last;
  device_->newComputePipelineState(plain.get(), [&](MTL::ComputePipelineState* state, NS::Error*) {
    EXPECT_EQ(state->reflection(), nullptr);
    last.set_value();
  });
  last.get_future().wait();
}

TEST_F(ApiLibrary, PipelineDescriptorsLimitDispatches) {
  const auto made = library(kScale);
  const auto plain = NS::TransferPtr(made->newFunction(text("plain")));
  plain->setLabel(text("of the function"));
  const auto descriptor = NS::TransferPtr(MTL::ComputePipelineDescriptor::alloc()->init());
  NS::Error* error = nullptr;
  EXPECT_EQ(
      device_->newComputePipelineState(descriptor.get(), MTL::PipelineOptionNone, nullptr, &error),
      nullptr);
  EXPECT_THAT(describe(error), HasSubstr("there is no function"));
  descriptor->setComputeFunction(plain.get());
  descriptor->setMaxTotalThreadsPerThreadgroup(128);
  descriptor->setThreadGroupSizeIsMultipleOfThreadExecutionWidth(true);
  descriptor->buffers()->object(0)->setMutability(MTL::MutabilityImmutable);
  EXPECT_EQ(descriptor->buffers()->object(0)->mutability(), MTL::MutabilityImmutable);
  auto state = NS::TransferPtr(
      device_->newComputePipelineState(descriptor.get(), MTL::PipelineOptionNone, nullptr, &error));
  ASSERT_TRUE(state) << describe(error);
  EXPECT_EQ(state->maxTotalThreadsPerThreadgroup(), 128u);
  EXPECT_EQ(state->threadExecutionWidth(), 32u);
  EXPECT_STREQ(state->label()->utf8String(), "of the function");
  const auto x = buffer(std::vector<int>(256));
  EXPECT_EQ(run(state.get(), {x.get()}, {64, 1, 1}, {64, 1, 1}), "");
  EXPECT_THAT(run(state.get(), {x.get()}, {256, 1, 1}, {256, 1, 1}), HasSubstr("1 to 128"));
  EXPECT_THAT(run(state.get(), {x.get()}, {48, 1, 1}, {48, 1, 1}), HasSubstr("multiples of 32"));

  descriptor->setRequiredThreadsPerThreadgroup({8, 8, 1});
  descriptor->setLabel(text("tiles"));
  state = NS::TransferPtr(
      device_->newComputePipelineState(descriptor.get(), MTL::PipelineOptionNone, nullptr, &error));
  EXPECT_STREQ(state->label()->utf8String(), "tiles");
  EXPECT_THAT(run(state.get(), {x.get()}, {64, 1, 1}, {64, 1, 1}), HasSubstr("requires 8 x 8 x 1"));

  const NS::Object* functions[] = {plain.get()};
  MTL::LinkedFunctions* linked = MTL::LinkedFunctions::linkedFunctions();
  linked->setPrivateFunctions(NS::Array::array(functions, 1));
  descriptor->setLinkedFunctions(linked);
  EXPECT_EQ(
      device_->newComputePipelineState(descriptor.get(), MTL::PipelineOptionNone, nullptr, &error),
      nullptr);
  EXPECT_THAT(describe(error), HasSubstr("linked functions are not supported"));

  descriptor->setSupportIndirectCommandBuffers(true);
  EXPECT_EQ(
      device_->newComputePipelineState(descriptor.get(), MTL::PipelineOptionNone, nullptr, &error),
      nullptr);
  EXPECT_THAT(describe(error), HasSubstr("indirect command buffers are not supported"));
  descriptor->reset();
  EXPECT_EQ(descriptor->computeFunction(), nullptr);
  EXPECT_FALSE(descriptor->supportIndirectCommandBuffers());
}

TEST_F(ApiLibrary, ReflectionTellsTheArguments) {
  const auto made = library(
      "#include <metal_stdlib>\nusing namespace metal;\n"
      "struct Params { float4 scale; uint count; };\n"
      "constant bool with_bias [[function_constant(0)]];\n"
      "kernel void f(device float4* out [[buffer(1)]], const device half* in [[buffer(0)]],\n"
      "              constant Params& params [[buffer(5)]],\n"
      "              const device packed_float3* bias [[buffer(7), "
      "function_constant(with_bias)]],\n"
      "              threadgroup float* tile [[threadgroup(2)]],\n"
      "              device atomic_uint& counter [[buffer(3)]],\n"
      "              uint i [[thread_position_in_grid]]) {\n"
      "  tile[0] = in[i]; out[i] = params.scale * tile[0];\n"
      "  atomic_fetch_add_explicit(&counter, 1u, memory_order_relaxed); }\n");
  const auto constants = NS::TransferPtr(MTL::FunctionConstantValues::alloc()->init());
  const bool off = false;
  constants->setConstantValue(&off, MTL::DataTypeBool, NS::UInteger{0});
  NS::Error* error = nullptr;
  const auto f = NS::TransferPtr(made->newFunction(text("f"), constants.get(), &error));
  ASSERT_TRUE(f) << describe(error);
  MTL::ComputePipelineReflection* reflection = nullptr;
  const auto state = NS::TransferPtr(device_->newComputePipelineState(
      f.get(), MTL::PipelineOptionArgumentInfo, &reflection, &error));
  ASSERT_TRUE(state) << describe(error);
  ASSERT_NE(reflection, nullptr);
  EXPECT_EQ(state->reflection(), reflection);

  struct Expected {
    const char* name;
    MTL::BindingType type;
    MTL::BindingAccess access;
    NS::UInteger index, size, alignment;
    MTL::DataType data_type;
    bool is_used;
  };
  const auto kBuffer = MTL::BindingTypeBuffer;
  const auto kRead = MTL::BindingAccessReadOnly, kBoth = MTL::BindingAccessReadWrite;
  const Expected expected[] = {
      {"out", kBuffer, kBoth, 1, 16, 16, MTL::DataTypeFloat4, true},
      {"in", kBuffer, kRead, 0, 2, 2, MTL::DataTypeHalf, true},
      {"params", kBuffer, kRead, 5, 32, 16, MTL::DataTypeStruct, true},
      {"bias", kBuffer, kRead, 7, 12, 4, MTL::DataTypeFloat3, false},
      {"tile", MTL::BindingTypeThreadgroupMemory, kBoth, 2, 4, 4, MTL::DataTypeFloat, true},
      {"counter", kBuffer, kBoth, 3, 4, 4, MTL::DataTypeUInt, true},
  };
  ASSERT_EQ(reflection->bindings()->count(), 6u);
  ASSERT_EQ(reflection->arguments()->count(), 6u);
  for (NS::UInteger i = 0; i < 6; ++i) {
    const Expected& e = expected[i];
    SCOPED_TRACE(e.name);
    const auto* binding = reflection->bindings()->object<MTL::Binding>(i);
    EXPECT_STREQ(binding->name()->utf8String(), e.name);
    EXPECT_EQ(binding->type(), e.type);
    EXPECT_EQ(binding->access(), e.access);
    EXPECT_EQ(binding->index(), e.index);
    EXPECT_EQ(binding->isUsed(), e.is_used);
    EXPECT_TRUE(binding->isArgument());
    const auto* argument = reflection->arguments()->object<MTL::Argument>(i);
    EXPECT_STREQ(argument->name()->utf8String(), e.name);
    EXPECT_EQ(argument->index(), e.index);
    EXPECT_EQ(argument->isActive(), e.is_used);
    EXPECT_EQ(argument->arrayLength(), 1u);
    if (e.type == kBuffer) {
      const auto* bound = static_cast<const MTL::BufferBinding*>(binding);
      EXPECT_EQ(bound->bufferDataSize(), e.size);
      EXPECT_EQ(bound->bufferAlignment(), e.alignment);
      EXPECT_EQ(bound->bufferDataType(), e.data_type);
      EXPECT_EQ(bound->bufferPointerType()->elementType(), e.data_type);
      EXPECT_EQ(bound->bufferPointerType()->dataSize(), e.size);
      EXPECT_EQ(argument->bufferDataSize(), e.size);
      EXPECT_EQ(argument->bufferDataType(), e.data_type);
      EXPECT_EQ(argument->threadgroupMemoryDataSize(), 0u);
    } else {
      const auto* bound = static_cast<const MTL::ThreadgroupBinding*>(binding);
      EXPECT_EQ(bound->threadgroupMemoryDataSize(), e.size);
      EXPECT_EQ(bound->threadgroupMemoryAlignment(), e.alignment);
      EXPECT_EQ(argument->threadgroupMemoryDataSize(), e.size);
      EXPECT_EQ(argument->bufferPointerType(), nullptr);
    }
  }
}

// An argument buffer laid out by an encoder is what the kernel's structure looks like.
TEST_F(ApiLibrary, ArgumentBuffersAreEncoded) {
  const auto gather = pipeline(
      "struct Table { device int* rows[2]; constant int* bias; float3 scale; short tag; };\n"
      "kernel void gather(constant Table* tables, device float* out) {\n"
      "  constant Table& t = tables[1];\n"
      "  out[0] = t.rows[0][0]; out[1] = t.rows[1][1]; out[2] = t.bias[0]; out[3] = t.scale.z;\n"
      "  out[4] = t.tag; out[5] = sizeof(Table); }\n",
      "gather");
  const auto argument = [](MTL::DataType type, NS::UInteger index, NS::UInteger count) {
    MTL::ArgumentDescriptor* descriptor = MTL::ArgumentDescriptor::argumentDescriptor();
    descriptor->setDataType(type);
    descriptor->setIndex(index);
    descriptor->setArrayLength(count);
    return descriptor;
  };
  const NS::Object* arguments[] = {argument(MTL::DataTypeShort, 9, 0),  // in any order
                                   argument(MTL::DataTypePointer, 0, 2),
                                   argument(MTL::DataTypePointer, 2, 0),
                                   argument(MTL::DataTypeFloat3, 5, 0)};
  const auto encoder = NS::TransferPtr(device_->newArgumentEncoder(NS::Array::array(arguments, 4)));
  EXPECT_EQ(encoder->alignment(), 16u);
  const NS::UInteger length = encoder->encodedLength();
  const auto tables = NS::TransferPtr(device_->newBuffer(2 * length, 0));
  const auto a = buffer(std::vector<int>{7}), b = buffer(std::vector<int>{0, 0, 8});
  const auto out = buffer(std::vector<float>(6));
  encoder->setArgumentBuffer(tables.get(), 0, 1);
  const MTL::Buffer* rows[] = {a.get(), b.get()};
  const NS::UInteger offsets[] = {0, 4};
  encoder->setBuffers(rows, offsets, NS::Range(0, 2));
  encoder->setBuffer(b.get(), 8, 2);
  const float scale[] = {1, 2, 3};
  std::memcpy(encoder->constantData(5), scale, sizeof scale);
  *static_cast<short*>(encoder->constantData(9)) = -4;

  MTL::CommandBuffer* commands = queue_->commandBuffer();
  MTL::ComputeCommandEncoder* compute = commands->computeCommandEncoder();
  compute->setComputePipelineState(gather.get());
  compute->setBuffer(tables.get(), 0, 0);
  compute->setBuffer(out.get(), 0, 1);
  compute->useResource(a.get(), MTL::ResourceUsageRead);
  compute->useResource(b.get(), MTL::ResourceUsageRead);
  compute->dispatchThreads({1, 1, 1}, {1, 1, 1});
  compute->endEncoding();
  ASSERT_EQ(finish(commands), "");
  EXPECT_EQ(values<float>(out.get()), (std::vector<float>{7, 8, 8, 3, -4, float(length)}));
}

TEST_F(ApiLibrary, ArgumentEncodersFollowTheFunction) {
  const auto made = library(
      "#include <metal_stdlib>\nusing namespace metal;\n"
      "struct Arguments { device float* out [[id(1)]]; array<const device float*, 2> in "
      "[[id(4)]];\n"
      "                   float2 by [[id(2)]]; };\n"
      "kernel void add(constant Arguments& a [[buffer(3)]], device int* plain [[buffer(0)]],\n"
      "                uint i [[thread_position_in_grid]])\n"
      "{ a.out[i] = a.in[0][i] + a.by.y * a.in[1][i]; }\n");
  const auto add = NS::TransferPtr(made->newFunction(text("add")));
  MTL::Argument* argument = nullptr;
  const auto encoder = NS::TransferPtr(add->newArgumentEncoder(3, &argument));
  ASSERT_NE(argument, nullptr);
  EXPECT_STREQ(argument->name()->utf8String(), "a");
  EXPECT_EQ(encoder->encodedLength(), 32u);
  EXPECT_EQ(encoder->alignment(), 8u);
  EXPECT_EQ(encoder->encodedLength(), argument->bufferDataSize());
  const auto x = buffer(std::vector<float>{1, 2}), y = buffer(std::vector<float>{10, 20});
  const auto out = buffer(std::vector<float>(2));
  const auto arguments = NS::TransferPtr(device_->newBuffer(encoder->encodedLength(), 0));
  encoder->setArgumentBuffer(arguments.get(), 0);
  encoder->setBuffer(out.get(), 0, 1);
  encoder->setBuffer(x.get(), 0, 4);
  encoder->setBuffer(y.get(), 0, 5);
  static_cast<float*>(encoder->constantData(2))[1] = 2;
  NS::Error* error = nullptr;
  MTL::ComputePipelineReflection* reflection = nullptr;
  const auto state = NS::TransferPtr(device_->newComputePipelineState(
      add.get(), MTL::PipelineOptionBindingInfo, &reflection, &error));
  const auto plain = buffer(std::vector<int>(1));
  EXPECT_EQ(run(state.get(),
                {plain.get(), nullptr, nullptr, arguments.get()},
                MTL::Size(2, 1, 1),
                MTL::Size(2, 1, 1)),
            "");
  EXPECT_EQ(values<float>(out.get()), (std::vector<float>{21, 42}));

  const auto* binding = reflection->bindings()->object<MTL::BufferBinding>(0);
  const auto same = NS::TransferPtr(device_->newArgumentEncoder(binding));
  EXPECT_EQ(same->encodedLength(), 32u);
  EXPECT_THROW(add->newArgumentEncoder(0), ingot::Error);
  EXPECT_THROW(add->newArgumentEncoder(7), ingot::Error);
  EXPECT_THROW(encoder->constantData(1), ingot::Error);
  EXPECT_THROW(encoder->setBuffer(out.get(), 0, 2), ingot::Error);
}

TEST_F(ApiLibrary, MistakesInArgumentBuffersAreFound) {
  MTL::ArgumentDescriptor* pointer = MTL::ArgumentDescriptor::argumentDescriptor();
  pointer->setDataType(MTL::DataTypePointer);
  MTL::ArgumentDescriptor* constant = MTL::ArgumentDescriptor::argumentDescriptor();
  constant->setDataType(MTL::DataTypeInt);
  constant->setIndex(1);
  const NS::Object* both[] = {pointer, constant};
  const auto encoder = NS::TransferPtr(device_->newArgumentEncoder(NS::Array::array(both, 2)));
  const auto large = buffer(std::vector<int>(16)), small = buffer(std::vector<int>(2));
  const auto secret = NS::TransferPtr(device_->newBuffer(64, MTL::ResourceStorageModePrivate));
  const auto mistake = [](const std::function<void()>& call) -> std::string {
    try {
      call();
    } catch (const ingot::Error& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_THAT(mistake([&] { encoder->setBuffer(large.get(), 0, 0); }),
              HasSubstr("setArgumentBuffer has not been called"));
  EXPECT_THAT(mistake([&] { encoder->setArgumentBuffer(small.get(), 0); }),
              HasSubstr("there must be room"));
  EXPECT_THAT(mistake([&] { encoder->setArgumentBuffer(large.get(), 4); }),
              HasSubstr("multiple of 8"));
  EXPECT_THAT(mistake([&] { encoder->setArgumentBuffer(secret.get(), 0); }), HasSubstr("private"));
  encoder->setArgumentBuffer(large.get(), 0);
  EXPECT_THAT(mistake([&] { encoder->setBuffer(small.get(), 0, 1); }), HasSubstr("a constant"));
  EXPECT_THAT(mistake([&] { encoder->setBuffer(small.get(), 0, 7); }),
              HasSubstr("no argument with the index 7"));
  EXPECT_THAT(mistake([&] { encoder->setBuffer(small.get(), 9, 0); }), HasSubstr("behind the end"));
  EXPECT_THAT(mistake([&] { encoder->constantData(0); }), HasSubstr("which is a buffer"));
  encoder->setBuffer(nullptr, 0, 0);
  EXPECT_EQ(values<std::uint64_t>(large.get())[0], 0u);
  constant->setIndex(0);
  EXPECT_THAT(mistake([&] { device_->newArgumentEncoder(NS::Array::array(both, 2)); }),
              HasSubstr("the index 0 is there twice"));
  constant->setDataType(MTL::DataTypeTexture);
  EXPECT_THAT(mistake([&] { device_->newArgumentEncoder(NS::Array::array(both, 2)); }),
              HasSubstr("pointers, scalars, vectors and matrices"));
}

}  // namespace
}  // namespace softmetal::testing
