// Runs one kernel in a few lines, for tests and tools:
//
//   softmetal::Kernel kernel(softmetal::Source::file("saxpy.metal"), "saxpy");
//   std::vector<float> y(1000);
//   const auto result = kernel.buffer("x", x).bytes("a", 2.0f).out("y", y).dispatch(1000, 256);
//   EXPECT_THAT(result.findings, IsEmpty());
//
// What is looked for while it runs, and in which order its threads run, is what the options in
// force say: see ScopedOptions in softmetal/checks.hpp.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <ranges>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "Metal/MTLDataType.hpp"
#include "softmetal/checks.hpp"

namespace softmetal {

/// A shader's text and what it is compiled with.
struct Source {
  Source(std::string source) : text(std::move(source)) {}
  Source(const char* source) : text(source) {}
  /// Reads a file. Throws ingot::Error(kIo).
  static Source file(const std::string& path);

  std::string text;
  std::string path;                 // for diagnostics and #include "..."; "": program_source
  std::vector<std::string> macros;  // "NAME=value" or "NAME"
  std::vector<std::string> include_directories;
  unsigned metal_version = 310;  // __METAL_VERSION__
};

/// The n of [[buffer(n)]], [[threadgroup(n)]] or [[function_constant(n)]], or the name that the
/// source has for it.
class Slot {
 public:
  template <std::integral Integer>
  Slot(Integer index) : which_(static_cast<unsigned>(index)) {}
  Slot(const char* name) : which_(std::string(name)) {}
  Slot(std::string name) : which_(std::move(name)) {}

  const std::string* name() const { return std::get_if<std::string>(&which_); }
  unsigned index() const { return std::get<unsigned>(which_); }  // when there is no name

 private:
  std::variant<unsigned, std::string> which_;
};

/// The MTL::DataType of a C++ type of function constants.
template <class T>
inline constexpr MTL::DataType data_type_of = MTL::DataTypeNone;
template <>
inline constexpr MTL::DataType data_type_of<bool> = MTL::DataTypeBool;
template <>
inline constexpr MTL::DataType data_type_of<std::int8_t> = MTL::DataTypeChar;
template <>
inline constexpr MTL::DataType data_type_of<std::uint8_t> = MTL::DataTypeUChar;
template <>
inline constexpr MTL::DataType data_type_of<std::int16_t> = MTL::DataTypeShort;
template <>
inline constexpr MTL::DataType data_type_of<std::uint16_t> = MTL::DataTypeUShort;
template <>
inline constexpr MTL::DataType data_type_of<std::int32_t> = MTL::DataTypeInt;
template <>
inline constexpr MTL::DataType data_type_of<std::uint32_t> = MTL::DataTypeUInt;
template <>
inline constexpr MTL::DataType data_type_of<std::int64_t> = MTL::DataTypeLong;
template <>
inline constexpr MTL::DataType data_type_of<std::uint64_t> = MTL::DataTypeULong;
template <>
inline constexpr MTL::DataType data_type_of<_Float16> = MTL::DataTypeHalf;
template <>
inline constexpr MTL::DataType data_type_of<float> = MTL::DataTypeFloat;

/// A value for a function constant: {"use_bias", true}, {3, 128u}.
struct Constant {
  template <class T>
    requires(data_type_of<T> != MTL::DataTypeNone)
  Constant(Slot which, T constant)
      : Constant(std::move(which), data_type_of<T>, &constant, sizeof constant) {}
  Constant(Slot which, MTL::DataType chosen, const void* data, std::size_t bytes)
      : slot(std::move(which)),
        type(chosen),
        value(static_cast<const std::byte*>(data), static_cast<const std::byte*>(data) + bytes) {}

  Slot slot;
  MTL::DataType type;
  std::vector<std::byte> value;
};

/// Threads or threadgroups along x, y and z: 256, or {16, 16}.
struct Size {
  template <std::integral Integer>
  Size(Integer width) : x(static_cast<std::uint64_t>(width)) {}
  Size(std::uint64_t width, std::uint64_t height, std::uint64_t depth = 1)
      : x(width), y(height), z(depth) {}

  std::uint64_t x = 1, y = 1, z = 1;
};

/// A [[buffer(n)]] or [[threadgroup(n)]] of a kernel. Sizes are in bytes.
struct Argument {
  std::string name;
  std::string type;  // as written, without its address space: "const float*"
  unsigned index = 0;
  bool is_threadgroup = false;
  bool is_read_only = false;
  bool is_disabled = false;   // by a function constant
  bool is_reference = false;  // must hold one whole object; a pointer's length is open
  std::size_t size = 0;       // of what it points or refers to
  std::size_t alignment = 0;
  MTL::DataType scalar = MTL::DataTypeNone;  // that it consists of; None for structs and templates
};

/// What a dispatch came to.
struct Result {
  std::vector<Finding> findings;  // all that nobody has taken before, oldest first
  std::string error;              // of the command buffer, which findings make fail; or ""
  double seconds = 0;             // on the device's clock, compiling left out
};

/// What can be copied as bytes. Metal has no double.
template <class T>
concept Plain = std::is_trivially_copyable_v<T> && !std::same_as<T, double>;

/// Values that lie one behind the other.
template <class R>
concept Values = std::ranges::contiguous_range<R> && std::ranges::sized_range<R> &&
                 Plain<std::ranges::range_value_t<R>>;

/// A compiled kernel and the arguments bound to it. Can be dispatched again and again: each
/// dispatch begins with the arguments as they were bound. Every member throws ingot::Error; those
/// that bind throw kInvalidArgument for numbers of another kind or size than the argument's.
/// Structs and std::byte pass for anything, integers for others of their size, std::uint16_t for
/// the bits of half and bfloat.
class Kernel {
 public:
  /// Compiles. Throws kCompile with file:line:column, kNotFound for a kernel or constant that the
  /// source does not have.
  Kernel(const Source& source,
         const std::string& name,
         const std::vector<Constant>& constants = {});
  ~Kernel();
  Kernel(Kernel&&) noexcept;
  Kernel& operator=(Kernel&&) noexcept;

  /// Binds a copy of `values`.
  template <Values R>
  Kernel& buffer(const Slot& slot, const R& values) {
    return bind(slot, scalar_of<R>, std::as_bytes(std::span(values)), {});
  }
  template <class T>
  Kernel& buffer(const Slot& slot, std::initializer_list<T> values) {
    return buffer<std::initializer_list<T>>(slot, values);
  }

  /// Binds a buffer of zeros as large as `values`, which a dispatch overwrites with what the kernel
  /// has written. `values` must outlive the dispatches.
  template <Values R>
  Kernel& out(const Slot& slot, R& values) {
    const auto bytes = std::as_writable_bytes(std::span(values));
    return bind(slot, scalar_of<R>, std::vector<std::byte>(bytes.size()), bytes);
  }

  /// As out(), but the buffer begins with a copy of `values` as they are now.
  template <Values R>
  Kernel& inout(const Slot& slot, R& values) {
    const auto bytes = std::as_writable_bytes(std::span(values));
    return bind(slot, scalar_of<R>, bytes, bytes);
  }

  /// Binds one value, as setBytes does; for `constant T&`. A vector binds its elements.
  template <class T>
    requires(Plain<T> && !Values<T>)
  Kernel& bytes(const Slot& slot, const T& value) {
    return set_bytes(slot, data_type_of<T>, std::as_bytes(std::span(&value, 1)));
  }
  template <Values R>
  Kernel& bytes(const Slot& slot, const R& values) {
    return set_bytes(slot, scalar_of<R>, std::as_bytes(std::span(values)));
  }

  /// Gives a [[threadgroup(n)]] argument its length in bytes.
  Kernel& threadgroup(const Slot& slot, std::size_t bytes);

  /// Runs `threads` threads in threadgroups of `threads_per_threadgroup`, the last ones of a row
  /// smaller where needed, and waits. A kernel that fails with a finding tells so in the result;
  /// any other failure (an argument that is not bound, a wild pointer) throws kDevice.
  Result dispatch(const Size& threads, const Size& threads_per_threadgroup);

  /// The same for a grid of `threadgroups` whole threadgroups.
  Result dispatch_threadgroups(const Size& threadgroups, const Size& threads_per_threadgroup);

  /// In the order of the source; built-in inputs left out.
  const std::vector<Argument>& arguments() const;
  /// The argument that a slot stands for. Throws kNotFound.
  const Argument& argument(const Slot& slot, bool is_threadgroup = false) const;

  /// What [[max_total_threads_per_threadgroup(n)]] and the device allow.
  unsigned max_threads_per_threadgroup() const;

 private:
  struct State;
  template <class R>
  static constexpr MTL::DataType scalar_of = data_type_of<std::ranges::range_value_t<R>>;

  Kernel& bind(const Slot& slot,
               MTL::DataType scalar,
               std::span<const std::byte> initial,
               std::span<std::byte> destination);
  Kernel& set_bytes(const Slot& slot, MTL::DataType scalar, std::span<const std::byte> bytes);
  Result run(const Size& grid, const Size& group, bool whole_groups);

  std::unique_ptr<State> state_;
};

}  // namespace softmetal
