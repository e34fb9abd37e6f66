// The last line of a file of the pack: which version wrote it, and a hash of what it wrote.
#pragma once

#include <string>
#include <string_view>

namespace ingot::agents {

/// `text` with its stamp behind it.
std::string stamped(std::string text, std::string_view version);

struct Stamp {
  std::string version;  // that wrote the file; empty: there is no stamp
  bool intact = false;  // the text above is what that version wrote
};

Stamp read_stamp(std::string_view file);

}  // namespace ingot::agents
