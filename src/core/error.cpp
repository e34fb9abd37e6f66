#include "ingot/error.hpp"

#include <utility>

namespace ingot {

std::string_view to_string(ErrorCode code) {
  switch (code) {
    case ErrorCode::kInvalidArgument:
      return "invalid_argument";
    case ErrorCode::kUnsupported:
      return "unsupported";
    case ErrorCode::kNotFound:
      return "not_found";
    case ErrorCode::kIo:
      return "io";
    case ErrorCode::kOutOfMemory:
      return "out_of_memory";
    case ErrorCode::kCompile:
      return "compile";
    case ErrorCode::kDevice:
      return "device";
    case ErrorCode::kCancelled:
      return "cancelled";
    case ErrorCode::kInternal:
      break;
  }
  return "internal";
}

Error::Error(ErrorCode code, std::string subject, std::string problem, std::string remedy)
    : code_(code),
      subject_(std::move(subject)),
      problem_(std::move(problem)),
      remedy_(std::move(remedy)) {
  what_ = subject_.empty() ? problem_ : subject_ + ": " + problem_;
  if (!remedy_.empty()) {
    what_ += " (" + remedy_ + ")";
  }
}

}  // namespace ingot
