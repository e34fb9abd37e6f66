// What a number of MTL::DataType stands for.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "Metal/Metal.hpp"

namespace softmetal {

/// A scalar, a vector (of one column) or a matrix.
struct DataTypeLayout {
  MTL::DataType scalar = MTL::DataTypeNone;
  std::string_view scalar_name;  // as MSL spells it
  std::size_t scalar_bytes = 0;
  unsigned rows = 1;
  unsigned columns = 1;

  /// A vector of three is as large as one of four.
  std::size_t alignment() const { return scalar_bytes * (rows == 3 ? 4 : rows); }
  std::size_t bytes() const { return alignment() * columns; }
};

/// Nothing for types that are neither scalars, vectors nor matrices.
std::optional<DataTypeLayout> layout_of(MTL::DataType type);

/// What a parameter of this type points or refers to: "float" of "const float*".
std::string target_name(std::string type);

/// The type that MSL calls so: "float4", "packed_half3", "uint32_t", "atomic_int"; DataTypeNone for
/// other names.
MTL::DataType data_type_named(std::string_view name);

}  // namespace softmetal
