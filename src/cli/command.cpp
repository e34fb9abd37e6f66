#include "cli/command.hpp"

#include <memory>
#include <variant>

#include "fmt/format.h"

namespace ingot::cli {

Backend open_backend(DeviceChoice device) {
  Backend backend = init_backend(device);
  if (const std::string notice = backend.notice(); !notice.empty()) {
    fmt::print(stderr, "ingot: note: {}\n", notice);
  }
  return backend;
}

HostArray to_host(const Tensor& tensor) {
  if (tensor.host() != nullptr) {
    return {tensor.dtype(), tensor.shape(), tensor.host(), std::make_shared<Tensor>(tensor)};
  }
  HostArray array(tensor.dtype(), tensor.shape());
  tensor.copy_to_host(array.data());
  return array;
}

Json json_of(const Value& value) {
  return std::visit([](const auto& content) { return Json(content); }, value.get());
}

std::string to_text(const Value& value) {
  return std::visit([](const auto& content) { return fmt::format("{}", content); }, value.get());
}

}  // namespace ingot::cli
