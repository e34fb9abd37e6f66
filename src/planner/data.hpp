// The tables of data/ that are compiled into the library.
#pragma once

#include "core/embedded.hpp"

namespace ingot::planner {

/// "providers.toml" and "devices/*.toml".
std::span<const EmbeddedFile> data_files();

/// The text of one of them. Throws Error(kInternal) for another.
std::string_view data_file(std::string_view path);

}  // namespace ingot::planner
