#include "softmetal/checks/describer.hpp"

#include <algorithm>
#include <fmt/format.h>
#include <string_view>

#include "softmetal/checks/memory_map.hpp"
#include "softmetal/frames.hpp"
#include "softmetal/program.hpp"

namespace softmetal {
namespace {

// "const float*" points to "float".
std::string_view pointee(std::string_view type) {
  while (!type.empty() && (type.back() == '*' || type.back() == '&' || type.back() == ' ')) {
    type.remove_suffix(1);
  }
  constexpr std::string_view kConst = "const ";
  return type.starts_with(kConst) ? type.substr(kConst.size()) : type;
}

// How far an address lies outside of a region.
std::uintptr_t distance(const Region& region, std::uintptr_t address) {
  if (region.contains(address)) {
    return 0;
  }
  return address < region.begin ? region.begin - address : address - region.begin - region.bytes;
}

}  // namespace

std::string Describer::bound(const BoundBuffer& buffer, std::uintptr_t address) const {
  const ingot::msl::Parameter& parameter = dispatch_.specialisation->parameters[buffer.parameter];
  const ParameterType& type = dispatch_.entry->parameters[buffer.parameter];
  const auto offset = static_cast<std::int64_t>(address - buffer.region->begin - buffer.offset);
  const std::int64_t bytes = static_cast<std::int64_t>(buffer.region->bytes - buffer.offset);
  std::string text = fmt::format("buffer {} '{}'", type.index, parameter.name);
  if (!buffer.label.empty()) {
    text += fmt::format(" (labelled '{}')", buffer.label);
  }
  const auto size = static_cast<std::int64_t>(type.size);
  text += fmt::format(" {} {} bytes", offset < 0 ? '-' : '+', offset < 0 ? -offset : offset);
  if (!type.is_reference && offset >= 0) {
    text += fmt::format(" (element {} of {})", offset / size, pointee(parameter.type));
  }
  return text + fmt::format(", it has {}", bytes);
}

std::string Describer::memory(std::uintptr_t address) const {
  const auto nearest = std::min_element(
      dispatch_.bound.begin(), dispatch_.bound.end(), [&](const auto& a, const auto& b) {
        return distance(*a.region, address) < distance(*b.region, address);
      });
  const auto region = MemoryMap::instance().find(address);
  const bool is_bound =
      nearest != dispatch_.bound.end() &&
      (region == nullptr || nearest->region == region || nearest->region->contains(address));
  if (is_bound) {
    return bound(*nearest, address);
  }
  if (region == nullptr) {
    return fmt::format("address {:#x}", address);
  }
  return fmt::format("a buffer{}{} + {} bytes, it has {}",
                     region->is_released ? " that has been released" : " that is not bound",
                     region->label.empty() ? "" : fmt::format(" (labelled '{}')", region->label),
                     static_cast<std::int64_t>(address - region->begin),
                     region->bytes);
}

std::string Describer::threadgroup_memory(std::size_t offset) const {
  const std::vector<ThreadgroupLayout::Piece>& pieces = dispatch_.layout.pieces();
  const auto after = std::find_if(
      pieces.begin(), pieces.end(), [&](const auto& piece) { return piece.offset > offset; });
  if (after == pieces.begin()) {
    return "threadgroup memory";
  }
  const ThreadgroupLayout::Piece& piece = *std::prev(after);
  const std::size_t inside = offset - piece.offset;
  if (!piece.is_argument) {
    const auto& variable = dispatch_.specialisation->threadgroup.at(piece.index);
    return fmt::format("threadgroup variable '{}' + {} bytes (element {} of {}), it has {}",
                       variable.name,
                       inside,
                       inside / piece.element_bytes,
                       variable.type,
                       piece.bytes);
  }
  for (unsigned i = 0; i < dispatch_.entry->parameter_count; ++i) {
    const ParameterType& type = dispatch_.entry->parameters[i];
    if (type.kind == ParameterType::kThreadgroup && type.index == piece.index) {
      const ingot::msl::Parameter& parameter = dispatch_.specialisation->parameters[i];
      return fmt::format("threadgroup argument {} '{}' + {} bytes (element {} of {}), it has {}",
                         piece.index,
                         parameter.name,
                         inside,
                         inside / type.size,
                         pointee(parameter.type),
                         piece.bytes);
    }
  }
  return "threadgroup memory";
}

void Describer::locate(Access& access, const void* pc) {
  for (const Frame& frame : shader_frames_of(static_cast<const std::byte*>(pc) - 1)) {
    if (access.place.line == 0) {
      access.place = frame.place;
    } else {
      access.called_from.push_back(frame.place);
    }
  }
}

}  // namespace softmetal
