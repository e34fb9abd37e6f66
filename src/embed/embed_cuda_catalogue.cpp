// Compiles the kernels that the catalogue's records launch, and writes them as the pack that
// embedded_kernels.cpp reads. Part of the build; needs NVRTC and no GPU.
// Usage: embed_cuda_catalogue OUTPUT SCRATCH_FOLDER ARCHITECTURE...
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fmt/format.h>
#include <memory>

#include "ingot/error.hpp"
#include "ingot/tensor.hpp"

#include "backends/cuda/kernel_compiler.hpp"
#include "backends/device.hpp"
#include "catalogue/catalogue.hpp"
#include "core/disk_cache.hpp"
#include "core/output_file.hpp"
#include "core/text.hpp"
#include "runtime/run.hpp"
#include "runtime/stream.hpp"

namespace ingot::cuda {
namespace {

namespace fs = std::filesystem;

class SourceLibrary final : public Library {
 public:
  explicit SourceLibrary(const msl::Source& source) : source(source) {}
  mutable KernelSource source;
};

class AnyPipeline final : public Pipeline {
 public:
  uint32_t max_threads_per_threadgroup() const override { return 1024; }
};

class NoWork final : public CommandEncoder {
 public:
  void set_pipeline(const Pipeline&) override {}
  void set_buffer(uint32_t, const Buffer&, size_t) override {}
  void set_bytes(uint32_t, const void*, size_t) override {}
  void set_threadgroup_memory(uint32_t, size_t) override {}
  void dispatch_threads(Grid, Grid) override {}
  void dispatch_threadgroups(Grid, Grid) override {}
  Event commit() override { return {}; }
};

// A GPU of one architecture that compiles whatever is to be run, and runs nothing.
class Compiler final : public GpuDevice {
 public:
  Compiler(int architecture, const DiskCache& cache)
      : architecture_(architecture),
        cache_(cache),
        // Nothing looks at the memory, so an address is enough.
        pool_([](size_t bytes) { return Allocation{nullptr, &nowhere, bytes}; },
              [](const Allocation&) {}) {
    info_.kind = BackendKind::kCuda;
    info_.family = fmt::format("sm_{}", architecture);
    info_.simd_width = 32;
    info_.max_threads_per_threadgroup = 1024;
    info_.max_threadgroup_memory = 48 * 1024;
    info_.memory_bytes = info_.max_buffer_bytes = size_t{80} << 30;
  }

  const DeviceInfo& info() const override { return info_; }
  BufferPool& pool() override { return pool_; }
  Buffer import_host(void*, size_t, std::shared_ptr<void>) override { return {}; }
  void upload(const Buffer&, size_t, const void*, size_t) override {}
  void download(void*, const Buffer&, size_t, size_t) override {}
  std::shared_ptr<Library> compile(const msl::Source& source) override {
    return std::make_shared<SourceLibrary>(source);
  }
  std::shared_ptr<Pipeline> pipeline(const Library& library,
                                     std::string_view function,
                                     const std::vector<FunctionConstant>& constants) override {
    static_cast<const SourceLibrary&>(library).source.compile(
        function, constants, {}, architecture_, {}, &cache_);
    return std::make_shared<AnyPipeline>();
  }
  std::unique_ptr<CommandEncoder> encoder() override { return std::make_unique<NoWork>(); }

 private:
  static inline char nowhere = 0;
  int architecture_;
  const DiskCache& cache_;
  DeviceInfo info_;
  BufferPool pool_;
};

// The record's own sample call, with its first input's dtype, wherever it stands, replaced.
void launch(const Backend& backend, const KernelRecord& record, int64_t elements, DType dtype) {
  Sample sample = record.sample(elements);
  std::vector<NamedTensor> inputs;
  const DType usual = sample.inputs.empty() ? dtype : sample.inputs.front().dtype;
  for (const Sample::Input& input : sample.inputs) {
    const DType chosen = input.dtype == usual ? dtype : input.dtype;
    const size_t bytes = static_cast<size_t>(input.shape.elements()) * size_of(chosen);
    inputs.push_back({input.name, backend.copy_from_host(nullptr, bytes, chosen, input.shape)});
  }
  run(backend, record, inputs, sample.params);
}

void compile_all(const Backend& backend) {
  for (const KernelRecord* record : catalogue()) {
    std::vector<DType> dtypes;
    for (const std::string_view word :
         split_words(record->inputs.empty() ? "f32" : record->inputs.front().dtypes)) {
      dtypes.push_back(parse_dtype(word));
    }
    for (const DType dtype : dtypes) {
      // A small call, and a large one, for which a kernel may have another way.
      for (const int64_t elements : {int64_t{1000}, int64_t{1} << 24}) {
        try {
          launch(backend, *record, elements, dtype);
        } catch (const Error& error) {
          // A combination that the record does not accept; what else fails would at run time, too.
          if (error.code() != ErrorCode::kInvalidArgument) {
            throw;
          }
        }
      }
    }
  }
}

void write_pack(const std::string& path, const DiskCache& cache) {
  OutputFile output(path);
  const auto write = [&](std::string_view content) {
    const std::uint64_t bytes = content.size();
    output.write(&bytes, sizeof bytes);
    output.write(content.data(), content.size());
  };
  for (const fs::directory_entry& entry : fs::directory_iterator(cache.directory())) {
    const std::string key = entry.path().filename().string();
    if (const std::optional<std::string> kernel = cache.get(key)) {
      write(key);
      write(*kernel);
    }
  }
  output.commit();
}

}  // namespace
}  // namespace ingot::cuda

int main(int argc, char** argv) {
  using namespace ingot;
  if (argc < 4) {
    fmt::print(stderr, "usage: embed_cuda_catalogue OUTPUT SCRATCH_FOLDER ARCHITECTURE...\n");
    return 2;
  }
  try {
    const std::filesystem::path scratch = argv[2];
    std::filesystem::remove_all(scratch);
    const DiskCache cache("kernels", scratch);
    for (int i = 3; i < argc; ++i) {
      const int architecture = std::atoi(argv[i]);
      cuda::compile_all(
          Backend(std::make_shared<Stream>(std::make_unique<cuda::Compiler>(architecture, cache))));
    }
    cuda::write_pack(argv[1], cache);
  } catch (const Error& error) {
    fmt::print(stderr, "embed_cuda_catalogue: {}\n", error.what());
    return 1;
  }
  return 0;
}
