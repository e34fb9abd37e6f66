// The arguments of a kernel that the command line names: files that are read and written, and
// values.
#pragma once

#include <list>
#include <optional>
#include <string>
#include <vector>

#include "core/host_array.hpp"
#include "core/output_file.hpp"
#include "program/command.hpp"
#include "softmetal/include/softmetal/run.hpp"

namespace softmetal::tool {

/// The options as they were typed; each may be given several times.
struct BufferArguments {
  std::vector<std::string> in, inout, out, bytes, threadgroup;
  std::string fill = "0";
};

void add_buffer_options(CLI::App& command, BufferArguments& arguments);

/// A buffer with an array in it.
struct RunBuffer {
  explicit RunBuffer(Slot which) : slot(std::move(which)) {}

  Slot slot;
  ingot::HostArray initial;               // from a file; or made when the kernel is known
  std::optional<ingot::DType> read_as;    // conversion that was asked for
  std::string in_path;                    // "": none
  std::string out_path;                   // "": not written to a file
  std::optional<ingot::OutputFile> file;  // open from the start, so that a late failure is rare
  const Argument* argument = nullptr;     // once the kernel is known
  ingot::HostArray result;                // what the kernel writes to; the initial array if nothing
};

/// All arguments of one run.
class RunBuffers {
 public:
  /// Reads the options and opens the files to write. Throws UsageError, and ingot::Error(kIo).
  explicit RunBuffers(const BufferArguments& arguments);

  /// Reads the files and binds everything. Throws UsageError for an argument that the kernel does
  /// not have, that is missing, or whose type or size is wrong.
  void bind(Kernel& kernel);

  /// Writes the files that were asked for.
  void write();

  const std::list<RunBuffer>& buffers() const { return buffers_; }

  /// Copies of all arrays that the kernel may write, in the order of buffers().
  std::vector<std::vector<std::byte>> snapshot() const;

 private:
  struct Bytes {
    Slot slot;
    std::vector<std::byte> value;
  };
  struct Threadgroup {
    Slot slot;
    std::size_t bytes;
  };

  void read_inputs(const char* option, const std::vector<std::string>& texts, bool is_written);
  void read_outputs(const std::vector<std::string>& texts, const std::string& fill);
  void check_complete(const Kernel& kernel) const;

  std::list<RunBuffer> buffers_;
  std::vector<Bytes> bytes_;
  std::vector<Threadgroup> threadgroup_;
};

}  // namespace softmetal::tool
