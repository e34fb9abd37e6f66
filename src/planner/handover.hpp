// Files that hand a placed workload over to what runs it: SkyPilot, Slurm, Terraform, or ssh alone.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "planner/route.hpp"

namespace ingot::planner {

enum class Engine : uint8_t { kSkypilot, kSlurm, kTerraform, kScript };

/// "skypilot", "slurm", "terraform", "script". Throws Error(kInvalidArgument).
Engine parse_engine(std::string_view text);
std::string_view to_string(Engine engine);

struct HandOverOptions {
  std::string name = "ingot-job";  // of the job, the cluster and the tag: a-z, 0-9 and '-'
  /// The shell command of one shard. It finds the range in $begin and $end (items from 0, the end
  /// not included), the shard's number in $rank, and writes the file $output.
  std::string command = "./job --begin \"$begin\" --end \"$end\" --output \"$output\"";
  std::string setup = "./setup.sh";  // run once on each machine; left out when it is empty
};

struct EmittedFile {
  std::string name;
  std::string text;
  bool executable = false;
};

/// The files for a placement on T3, T4, T5 or T6. The items are dealt out in ranges, one shard for
/// each GPU, or for each machine without one; a finished shard has a checksum, results are brought
/// home and checked before anything is torn down, and the README repeats the warnings. Throws
/// Error(kInvalidArgument) for another terminal, for an engine that does not make machines of the
/// terminal's provider, and for a name or command that cannot be used.
std::vector<EmittedFile> hand_over(const Placement& placement,
                                   const Workload& workload,
                                   Engine engine,
                                   const HandOverOptions& options);

/// Writes the files into a directory that does not exist yet or is empty: all of them, or none.
/// Throws Error(kIo).
void write_directory(const std::string& directory, const std::vector<EmittedFile>& files);

}  // namespace ingot::planner
