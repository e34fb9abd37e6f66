// Text files compiled into the library by ingot_embed (cmake/IngotEmbed.cmake).
#pragma once

#include <span>
#include <string_view>

namespace ingot {

struct EmbeddedFile {
  std::string_view path;  // relative, with '/'
  std::string_view text;
};

}  // namespace ingot
