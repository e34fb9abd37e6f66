// A compute program as it is written for a Mac, with metal-cpp: adds up 1,024 numbers in four
// threadgroups. Usage: sum SHADER
#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <numeric>
#include <string>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: sum SHADER\n");
    return 2;
  }
  std::ifstream file(argv[1]);
  const std::string source{std::istreambuf_iterator<char>(file), {}};

  const auto pool = NS::TransferPtr(NS::AutoreleasePool::alloc()->init());
  const auto device = NS::TransferPtr(MTL::CreateSystemDefaultDevice());
  NS::Error* error = nullptr;
  const auto library = NS::TransferPtr(device->newLibrary(
      NS::String::string(source.c_str(), NS::UTF8StringEncoding), nullptr, &error));
  if (!library) {
    std::fprintf(stderr, "%s\n", error->localizedDescription()->utf8String());
    return 1;
  }
  const auto function = NS::TransferPtr(
      library->newFunction(NS::String::string("group_sum", NS::UTF8StringEncoding)));
  const auto pipeline = NS::TransferPtr(device->newComputePipelineState(function.get(), &error));
  if (!pipeline) {
    std::fprintf(stderr, "%s\n", error->localizedDescription()->utf8String());
    return 1;
  }

  constexpr NS::UInteger kThreads = 1024, kGroup = 256;
  const auto in =
      NS::TransferPtr(device->newBuffer(kThreads * sizeof(float), MTL::ResourceStorageModeShared));
  const auto out = NS::TransferPtr(
      device->newBuffer(kThreads / kGroup * sizeof(float), MTL::ResourceStorageModeShared));
  auto* numbers = static_cast<float*>(in->contents());
  std::iota(numbers, numbers + kThreads, 0.0f);

  const auto queue = NS::TransferPtr(device->newCommandQueue());
  MTL::CommandBuffer* commands = queue->commandBuffer();
  MTL::ComputeCommandEncoder* encoder = commands->computeCommandEncoder();
  encoder->setComputePipelineState(pipeline.get());
  encoder->setBuffer(in.get(), 0, 0);
  encoder->setBuffer(out.get(), 0, 1);
  encoder->dispatchThreads(MTL::Size(kThreads, 1, 1), MTL::Size(kGroup, 1, 1));
  encoder->endEncoding();
  commands->commit();
  commands->waitUntilCompleted();
  if (commands->status() != MTL::CommandBufferStatusCompleted) {
    std::fprintf(stderr, "%s\n", commands->error()->localizedDescription()->utf8String());
    return 1;
  }

  const auto* sums = static_cast<const float*>(out->contents());
  const float sum = std::accumulate(sums, sums + kThreads / kGroup, 0.0f);
  std::printf("%s: %g\n", device->name()->utf8String(), sum);
  return sum == 523776.0f ? 0 : 1;
}
