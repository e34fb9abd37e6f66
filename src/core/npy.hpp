// NumPy's .npy files (format: numpy/lib/format.py, versions 1.0, 2.0 and 3.0).
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "core/host_array.hpp"
#include "core/output_file.hpp"

namespace ingot {

/// What the header of a .npy file says.
struct NpyHeader {
  std::string descr;  // NumPy's name of the element type: "<f4"
  bool fortran_order = false;
  Shape shape;
  size_t data_offset = 0;  // bytes before the first element
};

/// Reads the header at the begin of `file`, a whole .npy file or its first bytes. Throws Error(kIo)
/// with `name` as its subject for anything that is not a header of a plain array, whatever the
/// bytes are.
NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& name);

/// Reads an array. The file is mapped, not copied: pages are read when they are used, and the array
/// keeps the mapping. Arrays in Fortran order and unaligned ones are copied into place. complex64
/// is read as f32 with a last dimension of 2 (re, im).
///
/// `as` asks for a conversion that is never made by itself: kF32 for a file of f64 (rounded to
/// nearest), kBF16 for a file of 2-byte void elements, which is how NumPy stores bfloat16. It may
/// also name the dtype that the file has.
///
/// Throws Error(kIo) for a file that cannot be read, is damaged or shorter than its header says
/// (with the bytes expected and found), and Error(kUnsupported) for element types that Ingot does
/// not have. The file must not be shortened while the array is in use.
HostArray read_npy(const std::string& path, std::optional<DType> as = {});

/// Writes an array in format version 1.0; the caller commits the file. bf16 is written as '<V2',
/// the 2-byte void type that NumPy's bfloat16 extension writes.
void write_npy(OutputFile& file, const HostArray& array);

/// Writes an array to a file that appears, or replaces an old one, only when it is complete.
void write_npy(const std::string& path, const HostArray& array);

}  // namespace ingot
