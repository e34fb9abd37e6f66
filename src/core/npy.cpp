#include "core/npy.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fmt/format.h"

#include "ingot/error.hpp"

namespace ingot {
namespace {

static_assert(std::endian::native == std::endian::little, "files are mapped as they are");

[[noreturn]] void fail(ErrorCode code,
                       const std::string& path,
                       std::string problem,
                       std::string remedy = {}) {
  throw Error(code, path, std::move(problem), std::move(remedy));
}

// A file's bytes. Private and writable, so that the array's pointer need not be const; nothing is
// ever written back.
std::shared_ptr<std::byte> map_file(const std::string& path, size_t& bytes) {
  const auto check = [&](bool good) {
    if (!good) {
      fail(ErrorCode::kIo,
           path,
           fmt::format("cannot be read: {}", std::strerror(errno)),
           "check its name and its permissions");
    }
  };
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  check(descriptor >= 0);
  const std::shared_ptr<void> closer(nullptr, [descriptor](void*) { close(descriptor); });
  struct stat status{};
  check(fstat(descriptor, &status) == 0);
  if (!S_ISREG(status.st_mode)) {
    fail(ErrorCode::kIo,
         path,
         S_ISDIR(status.st_mode) ? "is a directory" : "is not a regular file",
         "give a .npy file");
  }
  bytes = static_cast<size_t>(status.st_size);
  if (bytes == 0) {
    return nullptr;
  }
  void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0);
  check(memory != MAP_FAILED);
  madvise(memory, bytes, MADV_WILLNEED);
  return {static_cast<std::byte*>(memory), [bytes](std::byte* mapped) { munmap(mapped, bytes); }};
}

// How an element type of a file becomes one of ours.
struct Element {
  DType dtype;
  size_t file_bytes;
  bool complex = false;  // two of dtype
  bool narrow = false;   // f64, to be rounded to dtype
};

Element element_of(const std::string& descr, std::optional<DType> as, const std::string& path) {
  struct Row {
    std::string_view descr;
    Element element;
  };
  static constexpr Row kRows[] = {{"f4", {DType::kF32, 4}},
                                  {"f2", {DType::kF16, 2}},
                                  {"i1", {DType::kI8, 1}},
                                  {"u1", {DType::kU8, 1}},
                                  {"i4", {DType::kI32, 4}},
                                  {"u4", {DType::kU32, 4}},
                                  {"i8", {DType::kI64, 8}},
                                  {"u8", {DType::kU64, 8}},
                                  {"b1", {DType::kBool, 1}},
                                  {"c8", {DType::kF32, 8, true}}};
  const std::string_view kind = std::string_view(descr).substr(descr.empty() ? 0 : 1);
  if (descr.starts_with('>') && kind != "i1" && kind != "u1" && kind != "b1") {
    fail(ErrorCode::kUnsupported,
         path,
         fmt::format("holds big-endian numbers ('{}')", descr),
         "store them little-endian: x.astype(x.dtype.newbyteorder('<'))");
  }
  if (kind == "f8") {
    if (as == DType::kF32) {
      return {DType::kF32, 8, false, true};
    }
    fail(ErrorCode::kUnsupported,
         path,
         "holds f64, and Ingot computes with f32; it is not narrowed unasked",
         "save x.astype('float32'), or ask for rounding: --in NAME:f32=FILE");
  }
  if (kind == "V2") {
    if (as == DType::kBF16) {
      return {DType::kBF16, 2};
    }
    fail(ErrorCode::kUnsupported,
         path,
         "holds 2-byte void elements ('V2'), which may be bf16",
         "say so if they are: --in NAME:bf16=FILE");
  }
  for (const Row& row : kRows) {
    if (row.descr == kind) {
      if (as && *as != row.element.dtype) {
        fail(ErrorCode::kUnsupported,
             path,
             fmt::format("holds {}, which is not converted to {} while reading",
                         to_string(row.element.dtype),
                         to_string(*as)),
             "only f64 to f32 is; convert it before, or with a kernel");
      }
      return row.element;
    }
  }
  fail(ErrorCode::kUnsupported,
       path,
       fmt::format("holds elements of NumPy's type '{}'", descr),
       "the types are f32 f16 bf16 i32 u32 i64 u64 i8 u8 bool and complex64");
}

// Copies a column-major array to row-major order.
void transpose_into(std::byte* destination,
                    const std::byte* source,
                    const Shape& shape,
                    size_t element_bytes) {
  std::array<int64_t, kMaxRank> index{};
  Strides strides{};
  int64_t stride = 1;
  for (int axis = 0; axis < shape.rank(); ++axis) {
    strides[static_cast<size_t>(axis)] = stride;
    stride *= shape[axis];
  }
  int64_t from = 0;
  for (int64_t i = 0; i < shape.elements(); ++i) {
    std::memcpy(destination, source + static_cast<size_t>(from) * element_bytes, element_bytes);
    destination += element_bytes;
    for (int axis = shape.rank() - 1; axis >= 0; --axis) {
      const auto a = static_cast<size_t>(axis);
      from += strides[a];
      if (++index[a] < shape[axis]) {
        break;
      }
      from -= strides[a] * index[a];
      index[a] = 0;
    }
  }
}

// Any byte but 0 and 1 is no bool to C++.
void check_bools(const HostArray& array, const std::string& path) {
  const auto* bytes = reinterpret_cast<const uint8_t*>(array.data());
  for (int64_t i = 0; i < array.elements(); ++i) {
    if (bytes[i] > 1) {
      fail(ErrorCode::kIo,
           path,
           fmt::format("element {} of its bool array is the byte {}", i, bytes[i]),
           "bool elements are 0 or 1");
    }
  }
}

std::string_view descr_of(DType dtype) {
  switch (dtype) {
    case DType::kF32:
      return "<f4";
    case DType::kF16:
      return "<f2";
    case DType::kBF16:
      return "<V2";
    case DType::kI32:
      return "<i4";
    case DType::kU32:
      return "<u4";
    case DType::kI64:
      return "<i8";
    case DType::kU64:
      return "<u8";
    case DType::kI8:
      return "|i1";
    case DType::kU8:
      return "|u1";
    case DType::kBool:
      break;
  }
  return "|b1";
}

}  // namespace

HostArray read_npy(const std::string& path, std::optional<DType> as) {
  size_t file_bytes = 0;
  std::shared_ptr<std::byte> file = map_file(path, file_bytes);
  const NpyHeader header = parse_npy_header({file.get(), file_bytes}, path);
  const Element element = element_of(header.descr, as, path);

  size_t bytes = 0;
  const size_t found = file_bytes - header.data_offset;
  const bool overflow = __builtin_mul_overflow(
      static_cast<size_t>(header.shape.elements()), element.file_bytes, &bytes);
  if (overflow || bytes != found) {
    fail(ErrorCode::kIo,
         path,
         fmt::format("{}: shape {} of '{}' takes {} bytes, the file has {} after its header",
                     !overflow && found > bytes ? "holds more than one array" : "is cut short",
                     to_string(header.shape),
                     header.descr,
                     overflow ? "more than 2^64" : fmt::to_string(bytes),
                     found),
         "write it again with numpy.save");
  }

  if (element.complex && header.shape.rank() == kMaxRank) {
    fail(ErrorCode::kUnsupported,
         path,
         fmt::format("holds complex64 of {} dimensions", kMaxRank),
         fmt::format("with (re, im) as one more, they must be at most {}", kMaxRank));
  }

  std::shared_ptr<void> owner = file;
  std::byte* data = file.get() + header.data_offset;
  const bool reorder = header.fortran_order && header.shape.rank() > 1 && bytes > 0;
  if (reorder || header.data_offset % 8 != 0) {
    const HostArray copy(DType::kU8, {static_cast<int64_t>(bytes)});
    if (reorder) {
      transpose_into(copy.data(), data, header.shape, element.file_bytes);
    } else {
      std::memcpy(copy.data(), data, bytes);
    }
    owner = copy.owner();
    data = copy.data();
  }
  if (element.narrow) {
    const HostArray rounded(DType::kF32, header.shape);
    const auto* wide = reinterpret_cast<const double*>(data);
    std::transform(wide, wide + rounded.elements(), rounded.as<float>().begin(), [](double x) {
      return static_cast<float>(x);
    });
    return rounded;
  }
  HostArray array(element.dtype,
                  element.complex ? header.shape.append(2) : header.shape,
                  data,
                  std::move(owner));
  if (element.dtype == DType::kBool) {
    check_bools(array, path);
  }
  return array;
}

void write_npy(OutputFile& file, const HostArray& array) {
  std::string shape;
  for (const int64_t extent : array.shape()) {
    shape += fmt::format("{}{}", shape.empty() ? "" : ", ", extent);
  }
  std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}{}), }}",
                                   descr_of(array.dtype()),
                                   shape,
                                   array.shape().rank() == 1 ? "," : "");
  // The data begins at a multiple of 64 bytes; a newline ends the header.
  constexpr size_t kPrefix = 10;
  const size_t padded = (kPrefix + header.size() + 1 + 63) / 64 * 64 - kPrefix;
  header.resize(padded - 1, ' ');
  header += '\n';
  const char prefix[kPrefix + 1] = {'\x93',
                                    'N',
                                    'U',
                                    'M',
                                    'P',
                                    'Y',
                                    1,
                                    0,
                                    static_cast<char>(padded & 0xff),
                                    static_cast<char>(padded >> 8)};
  file.write(prefix, kPrefix);
  file.write(header.data(), header.size());
  file.write(array.data(), array.bytes());
}

void write_npy(const std::string& path, const HostArray& array) {
  OutputFile file(path);
  write_npy(file, array);
  file.commit();
}

}  // namespace ingot
