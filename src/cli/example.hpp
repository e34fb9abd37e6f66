// Command lines that show how a kernel is run, made from its record.
#pragma once

#include <string>

#include "runtime/record.hpp"

namespace ingot::cli {

/// "ingot run ID --in x=random:f32:1000 --param k=10 --out y=y.npy": a small sample call of the
/// kernel with generated inputs; it works as it stands.
std::string example_command(const KernelRecord& record);

}  // namespace ingot::cli
