// Arrays as tools take them: a file, numbers in the message, or random numbers.
#pragma once

#include <string>

#include "mcp/environment.hpp"

namespace ingot::mcp {

/// Most elements of one array of random numbers.
inline constexpr int64_t kMostRandomElements = int64_t{1} << 28;
/// Most numbers of one array in a message.
inline constexpr int kMostNumbers = 65536;

/// The schema of an array: {"file": …}, {"numbers": …, "dtype": …, "shape": …} or
/// {"random": …, "dtype": …}.
Json array_schema();

/// The .npy file that an array is, or that was written for it in `scratch` under `name`. Throws
/// Error.
std::string file_of(const Environment& environment,
                    const std::filesystem::path& scratch,
                    const std::string& name,
                    const Json& array);

/// The same as the value of `ingot run --in`: a file, or random:DTYPE:SHAPE.
std::string source_of(const Environment& environment,
                      const std::filesystem::path& scratch,
                      const std::string& name,
                      const Json& array);

}  // namespace ingot::mcp
