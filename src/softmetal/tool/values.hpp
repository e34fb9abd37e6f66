// Numbers, sizes and bindings as the command line writes them. Errors are UsageErrors that name the
// option.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingot/dtype.hpp"
#include "ingot/shape.hpp"

#include "softmetal/include/softmetal/run.hpp"

namespace softmetal::tool {

/// "0" is an index, "offset" a name.
Slot parse_slot(std::string_view text);

/// "16,16": one to three positive numbers.
Size parse_size(const char* option, std::string_view text);

/// "256" or "16x16".
ingot::Shape parse_shape(const char* option, std::string_view text);

/// The bytes of "u32:100", "f16:1.5,2" or "hex:00ff10" (in the order of memory). Types are i8 u8
/// i16 u16 i32 u32 i64 u64 f16 bf16 f32 and bool; reals are rounded to nearest.
std::vector<std::byte> parse_values(const char* option, std::string_view text);

/// "3=u32:7", "use_bias=bool:true"; up to four values make a vector.
std::vector<Constant> parse_constants(const std::vector<std::string>& texts);

/// The dtype of arrays of this scalar; none for types that arrays in files do not have.
std::optional<ingot::DType> dtype_of(MTL::DataType scalar);

}  // namespace softmetal::tool
