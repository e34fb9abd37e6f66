// What Metal asks of buffers. Its functions only give nullptr when they refuse; with the check
// "arguments" a finding says why.
#pragma once

#include "Metal/Metal.hpp"

namespace softmetal {

bool check_buffer(const char* function, NS::UInteger length, MTL::ResourceOptions options);

/// For memory that a buffer only borrows.
bool check_borrowed(const void* pointer, NS::UInteger length, MTL::ResourceOptions options);

/// Reports why a function refuses, and gives false.
bool refuse_allocation(std::string reason);

}  // namespace softmetal
