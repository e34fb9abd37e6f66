#include "softmetal/strict/address_spaces.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "softmetal/strict/syntax_tree.hpp"

namespace softmetal::strict {
namespace {

struct Word {
  std::string_view clang;
  Space space;
};
// Longer words first, where one begins with another.
constexpr std::array<Word, 5> kWords = {{{"__global_device", Space::kDevice},
                                         {"__global", Space::kConstant},
                                         {"__private", Space::kThread},
                                         {"__local", Space::kThreadgroup},
                                         {"__generic", Space::kGeneric}}};

// Of the types of threadgroup variables, which the emitter names.
constexpr std::string_view kTypePrefix = "softmetal_tg_";

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = text.find(from); at != std::string::npos; at = text.find(from, at)) {
    text.replace(at, from.size(), to);
    at += to.size();
  }
}

}  // namespace

Space space_of(std::string_view type) {
  const std::string_view pointee = type.substr(0, type.find_first_of("*&"));
  for (const Word& word : kWords) {
    if (pointee.find(word.clang) != std::string_view::npos) {
      return word.space;
    }
  }
  return Space::kNone;
}

std::string_view name_of(Space space) {
  switch (space) {
    case Space::kThread:
      return "thread";
    case Space::kDevice:
      return "device";
    case Space::kConstant:
      return "constant";
    case Space::kThreadgroup:
      return "threadgroup";
    case Space::kNone:
    case Space::kGeneric:
      break;
  }
  return "no";
}

std::string without_spaces(std::string_view type) {
  std::string text(type);
  for (const Word& word : kWords) {
    replace_all(text, std::string(word.clang) + " ", "");
    replace_all(text, word.clang, "");
  }
  return text;
}

bool mixes_spaces(std::string_view message) {
  Space first = Space::kNone;
  bool differ = false;
  for (std::string_view type = quoted(message); !type.empty(); type = quoted(message)) {
    message.remove_prefix(
        std::min(static_cast<std::size_t>(type.end() - message.begin()) + 1, message.size()));
    const Space space = space_of(type);
    if (space == Space::kGeneric) {
      return false;
    }
    if (space != Space::kNone) {
      differ = differ || (first != Space::kNone && space != first);
      first = space;
    }
  }
  return differ;
}

std::string in_words_of_metal(std::string_view message) {
  std::string text(message);
  constexpr std::pair<std::string_view, std::string_view> kReplacements[] = {
      {"*__private", "*"},
      {"&__private", "&"},
      {"const __global_device", "const device"},
      {"const __global ", "constant "},
      {"__global_device", "device"},
      {"__global", "constant"},
      {"__private", "thread"},
      {"__local", "threadgroup"},
      {"const __generic ", "const "},
      {"__generic ", ""},
      // Member functions for device objects are for __global ones too.
      {"object parameter of type 'constant ", "object parameter of type 'device or constant "},
      {"softmetal_half", "half"},
      {"softmetal_atomic_", "atomic_"},
      {"C++ for OpenCL", "Metal"},
      {"OpenCL", "Metal"},
  };
  for (const auto& [from, to] : kReplacements) {
    replace_all(text, from, to);
  }
  // 'threadgroup softmetal_tg_0' (aka 'threadgroup float[4]')
  constexpr std::string_view kAlias = "' (aka '";
  for (std::size_t at = text.find(kTypePrefix); at != std::string::npos;
       at = text.find(kTypePrefix)) {
    const std::size_t open = text.rfind('\'', at);
    const std::size_t alias = text.find(kAlias, at);
    if (open == std::string::npos || alias == std::string::npos) {
      break;
    }
    const std::size_t close = text.find(')', alias);
    text.erase(close, 1);
    text.erase(open, alias + kAlias.size() - 1 - open);
  }
  return text;
}

}  // namespace softmetal::strict
