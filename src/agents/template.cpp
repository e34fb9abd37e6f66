#include "agents/template.hpp"

#include <algorithm>

#include "ingot/error.hpp"

#include "core/embedded.hpp"

namespace ingot {
namespace embedded {
extern const std::span<const EmbeddedFile> agent_templates;
}  // namespace embedded

namespace agents {

std::string fill(std::string_view text, const Slots& slots) {
  std::string filled;
  for (;;) {
    const size_t begin = text.find("{{");
    filled += text.substr(0, begin);
    if (begin == std::string_view::npos) {
      return filled;
    }
    const size_t end = text.find("}}", begin);
    const std::string_view name = text.substr(begin + 2, std::min(end, text.size()) - begin - 2);
    const auto slot = slots.find(name);
    if (end == std::string_view::npos || slot == slots.end()) {
      throw Error(ErrorCode::kInternal, "template", "has no text for {{" + std::string(name));
    }
    filled += slot->second;
    text.remove_prefix(end + 2);
  }
}

std::string_view template_text(std::string_view path) {
  const auto found = std::ranges::find(embedded::agent_templates, path, &EmbeddedFile::path);
  if (found == embedded::agent_templates.end()) {
    throw Error(ErrorCode::kInternal, std::string(path), "is no template");
  }
  return found->text;
}

}  // namespace agents
}  // namespace ingot
