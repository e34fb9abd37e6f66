// The one error type of Ingot.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace ingot {

/// What went wrong, in one word. The command line prints it and `--json` carries it.
enum class ErrorCode {
  kInvalidArgument,  // a value, shape, rank, dtype or name that the call does not accept
  kUnsupported,      // understood, but this backend, translator or build cannot do it
  kNotFound,         // a file, kernel, device or parameter that does not exist
  kIo,               // reading or writing a file failed, or its content is damaged
  kOutOfMemory,      // the device or the host could not give the memory
  kCompile,          // a shader was rejected; the message carries file:line:column
  kDevice,           // a kernel failed while running, or the device does not start or was lost
  kCancelled,        // the caller asked a long job to stop
  kInternal,         // a defect in Ingot; please report it
};

/// "invalid_argument", "unsupported", ...: stable names for machines.
std::string_view to_string(ErrorCode code);

/// Every failure that Ingot reports. It names the thing (`subject`: an argument, a file, a kernel),
/// says what is wrong with it and what the limit is (`problem`), and what to do (`remedy`, may be
/// empty). what() is "subject: problem (remedy)".
class Error : public std::exception {
 public:
  Error(ErrorCode code, std::string subject, std::string problem, std::string remedy = {});

  ErrorCode code() const noexcept { return code_; }
  const std::string& subject() const noexcept { return subject_; }
  const std::string& problem() const noexcept { return problem_; }
  const std::string& remedy() const noexcept { return remedy_; }
  const char* what() const noexcept override { return what_.c_str(); }

 private:
  ErrorCode code_;
  std::string subject_;
  std::string problem_;
  std::string remedy_;
  std::string what_;
};

}  // namespace ingot
