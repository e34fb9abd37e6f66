#include <cstring>
#include <string>

#include "ingot/tensor.hpp"

#include "runtime/stream.hpp"

namespace ingot {
namespace {

constexpr BackendKind kPreferred[] = {BackendKind::kMetal, BackendKind::kCuda, BackendKind::kCpu};
constexpr BackendKind kAllKinds[] = {
    BackendKind::kMetal, BackendKind::kCuda, BackendKind::kCpu, BackendKind::kSoftMetal};

Backend open(BackendKind kind) {
  return Backend(std::make_shared<Stream>(make_device(kind)));
}

std::string reason_of(const Error& error) {
  return error.problem() + (error.remedy().empty() ? "" : "; " + error.remedy());
}

// A kind of device that this machine does not have is passed over in silence, one that has a
// problem is not.
Backend open_preferred() {
  std::string passed_over;
  for (const BackendKind kind : kPreferred) {
    const auto note = [&](const Error& error) {
      passed_over += (passed_over.empty() ? "" : "; ") + std::string(to_string(kind)) +
                     " is not used: " + reason_of(error);
    };
    std::unique_ptr<Device> device;
    try {
      device = make_device(kind);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::kNotFound) {
        note(error);
      }
      continue;
    }
    try {
      if (device->gpu() != nullptr) {
        device->gpu()->require_compiler();
      }
      return Backend(std::make_shared<Stream>(std::move(device), passed_over));
    } catch (const Error& error) {
      note(error);
    }
  }
  throw Error(ErrorCode::kNotFound,
              "device",
              "this machine has no device that Ingot can use" +
                  (passed_over.empty() ? "" : ": " + passed_over));
}

}  // namespace

BackendPreference parse_backend_preference(std::string_view text) {
  if (text == "auto") {
    return BackendPreference::kAuto;
  }
  if (text == "cpu") {
    return BackendPreference::kCpu;
  }
  if (text == "metal") {
    return BackendPreference::kMetal;
  }
  if (text == "cuda") {
    return BackendPreference::kCuda;
  }
  if (text == "softmetal") {
    return BackendPreference::kSoftMetal;
  }
  throw Error(ErrorCode::kInvalidArgument,
              "device",
              "'" + std::string(text) + "' is not a device",
              "use auto, cpu, metal, cuda or softmetal");
}

Backend init_backend(BackendPreference preference) {
  switch (preference) {
    case BackendPreference::kCpu:
      return open(BackendKind::kCpu);
    case BackendPreference::kMetal:
      return open(BackendKind::kMetal);
    case BackendPreference::kCuda:
      return open(BackendKind::kCuda);
    case BackendPreference::kSoftMetal:
      return open(BackendKind::kSoftMetal);
    case BackendPreference::kAuto:
      break;
  }
  return open_preferred();
}

std::vector<DeviceReport> list_devices() {
  std::vector<DeviceReport> reports;
  for (const BackendKind kind : kAllKinds) {
    DeviceReport report{kind, false, {}, {}};
    try {
      report.info = make_device(kind)->info();
      report.available = true;
    } catch (const Error& error) {
      report.reason = reason_of(error);
    }
    reports.push_back(std::move(report));
  }
  return reports;
}

std::string_view Backend::name() const {
  return to_string(info().kind);
}
std::string_view Backend::device_name() const {
  return info().name;
}
const DeviceInfo& Backend::info() const {
  return stream_->device().info();
}

std::string Backend::notice() const {
  const std::string& passed_over = stream_->passed_over();
  const std::string& own = info().notice;
  return passed_over + (passed_over.empty() || own.empty() ? "" : "; ") + own;
}

Tensor Backend::copy_from_host(const void* data,
                               size_t bytes,
                               DType dtype,
                               const Shape& shape) const {
  if (bytes != static_cast<size_t>(shape.elements()) * size_of(dtype)) {
    throw Error(ErrorCode::kInvalidArgument,
                "to_device",
                std::to_string(bytes) + " bytes were given, but shape " + to_string(shape) +
                    " of " + std::string(to_string(dtype)) + " takes " +
                    std::to_string(static_cast<size_t>(shape.elements()) * size_of(dtype)));
  }
  auto buffer = std::make_shared<const Buffer>(stream_->device().allocate(bytes));
  if (bytes > 0) {
    stream_->device().upload(*buffer, 0, data, bytes);
  }
  return {stream_, std::move(buffer), 0, dtype, shape, std::make_shared<const Event>()};
}

Tensor Backend::import_host(void* memory,
                            DType dtype,
                            const Shape& shape,
                            std::shared_ptr<void> owner) const {
  const size_t bytes = static_cast<size_t>(shape.elements()) * size_of(dtype);
  Buffer buffer = stream_->device().import_host(memory, bytes, std::move(owner));
  if (!buffer) {
    return copy_from_host(memory, bytes, dtype, shape);
  }
  const auto offset = static_cast<size_t>(static_cast<std::byte*>(memory) - buffer.host());
  return {stream_,
          std::make_shared<const Buffer>(std::move(buffer)),
          offset,
          dtype,
          shape,
          std::make_shared<const Event>()};
}

void Backend::synchronize() const {
  stream_->synchronize();
}

MemoryUse Backend::memory_use() const {
  const MemoryStatistics s = stream_->device().pool().statistics();
  return {s.in_use, s.cached, s.high_water, s.hits, s.misses};
}

void Backend::trim_memory() const {
  stream_->device().pool().trim();
}

}  // namespace ingot
