#include <algorithm>
#include <charconv>
#include <string>
#include <utility>
#include <vector>

#include "ingot/tensor.hpp"

#include "runtime/stream.hpp"

namespace ingot {
namespace {

constexpr BackendKind kPreferred[] = {BackendKind::kMetal, BackendKind::kCuda, BackendKind::kCpu};
constexpr BackendKind kAllKinds[] = {
    BackendKind::kMetal, BackendKind::kCuda, BackendKind::kCpu, BackendKind::kSoftMetal};

constexpr std::pair<std::string_view, BackendPreference> kPreferences[] = {
    {"auto", BackendPreference::kAuto},
    {"cpu", BackendPreference::kCpu},
    {"metal", BackendPreference::kMetal},
    {"cuda", BackendPreference::kCuda},
    {"softmetal", BackendPreference::kSoftMetal}};

Backend open(BackendKind kind, int ordinal = 0) {
  return Backend(std::make_shared<Stream>(make_device(kind, ordinal)));
}

std::string reason_of(const Error& error) {
  return error.problem() + (error.remedy().empty() ? "" : "; " + error.remedy());
}

DeviceReport report_on(const std::string& name, BackendKind kind, int ordinal) {
  try {
    return {name, kind, true, make_device(kind, ordinal)->info(), {}};
  } catch (const Error& error) {
    return {name, kind, false, {}, reason_of(error)};
  }
}

// Copies by way of the host, or from or to its memory where one of the devices uses that.
void copy_through_host(Device& to_device,
                       const Buffer& to,
                       Device& from_device,
                       const Buffer& from,
                       size_t from_offset,
                       size_t bytes) {
  if (from.host() != nullptr) {
    to_device.upload(to, 0, from.host() + from_offset, bytes);
    return;
  }
  if (to.host() != nullptr) {
    from_device.download(to.host(), from, from_offset, bytes);
    return;
  }
  constexpr size_t kPiece = size_t{64} << 20;
  std::vector<std::byte> piece(std::min(kPiece, bytes));
  for (size_t done = 0; done < bytes; done += piece.size()) {
    piece.resize(std::min(kPiece, bytes - done));
    from_device.download(piece.data(), from, from_offset + done, piece.size());
    to_device.upload(to, done, piece.data(), piece.size());
  }
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

DeviceChoice parse_device(std::string_view text) {
  const std::string_view kind = text.substr(0, text.find(':'));
  for (const auto& [name, preference] : kPreferences) {
    if (kind != name) {
      continue;
    }
    if (text == kind) {
      return preference;
    }
    int ordinal = 0;
    const char* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(kind.data() + kind.size() + 1, end, ordinal);
    if (preference == BackendPreference::kCuda && error == std::errc{} && rest == end &&
        ordinal >= 0) {
      return {preference, ordinal};
    }
  }
  throw Error(ErrorCode::kInvalidArgument,
              "device",
              "'" + std::string(text) + "' is not a device",
              "use auto, cpu, metal, cuda or softmetal; cuda:1 is the second CUDA device");
}

Backend init_backend(DeviceChoice device) {
  switch (device.preference) {
    case BackendPreference::kCpu:
      return open(BackendKind::kCpu);
    case BackendPreference::kMetal:
      return open(BackendKind::kMetal);
    case BackendPreference::kCuda:
      return open(BackendKind::kCuda, device.ordinal);
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
    const std::string name(to_string(kind));
    try {
      const int count = count_devices(kind);
      for (int i = 0; i < count; ++i) {
        const bool is_numbered = kind == BackendKind::kCuda;
        reports.push_back(report_on(is_numbered ? name + ":" + std::to_string(i) : name, kind, i));
      }
    } catch (const Error& error) {
      reports.push_back({name, kind, false, {}, reason_of(error)});
    }
  }
  return reports;
}

std::string Backend::name() const {
  const std::string kind(to_string(info().kind));
  return info().ordinal == 0 ? kind : kind + ":" + std::to_string(info().ordinal);
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
  Buffer buffer = stream_->device().allocate(bytes);
  if (bytes > 0) {
    stream_->device().upload(buffer, 0, data, bytes);
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
  return {stream_, std::move(buffer), offset, dtype, shape, std::make_shared<const Event>()};
}

Tensor Backend::copy(const Tensor& tensor) const {
  if (tensor.stream() == stream_) {
    return tensor;
  }
  stream_->require_no_capture("copying from another device");
  tensor.stream()->require_no_capture("copying to another device");
  tensor.event().wait();
  Device& from = tensor.stream()->device();
  Device& to = stream_->device();
  Buffer buffer = to.allocate(tensor.bytes());
  if (tensor.bytes() > 0 &&
      !to.copy_from(buffer, from, tensor.buffer(), tensor.byte_offset(), tensor.bytes())) {
    copy_through_host(to, buffer, from, tensor.buffer(), tensor.byte_offset(), tensor.bytes());
  }
  return {stream_,
          std::move(buffer),
          0,
          tensor.dtype(),
          tensor.shape(),
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
