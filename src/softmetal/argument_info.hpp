#pragma once

#include <cstddef>
#include <string>

#include "Metal/Metal.hpp"
#include "softmetal/argument_layout.hpp"

namespace softmetal {

/// What is known of one argument of a kernel. Sizes and types are of what it points or refers to.
struct ArgumentInfo {
  std::string name;
  bool is_buffer = true;  // or threadgroup memory
  bool is_used = true;
  bool is_const = false;
  NS::UInteger index = 0;
  std::size_t size = 0;
  std::size_t alignment = 0;
  MTL::DataType data_type = MTL::DataTypeNone;
  ArgumentLayout layout;  // of a structure that an argument encoder can fill
};

}  // namespace softmetal
