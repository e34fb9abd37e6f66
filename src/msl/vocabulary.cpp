#include "msl/vocabulary.hpp"

#include <algorithm>
#include <array>
#include <fmt/format.h>
#include <set>
#include <string_view>

namespace ingot::msl {
namespace {

// Types of metal_stdlib that Ingot has no counterpart for. Followed by `<` in use:
constexpr std::array<std::string_view, 24> kUnsupportedTemplates = {"texture1d",
                                                                    "texture1d_array",
                                                                    "texture2d",
                                                                    "texture2d_array",
                                                                    "texture2d_ms",
                                                                    "texture2d_ms_array",
                                                                    "texture3d",
                                                                    "texture_buffer",
                                                                    "texturecube",
                                                                    "texturecube_array",
                                                                    "depth2d",
                                                                    "depth2d_array",
                                                                    "depth2d_ms",
                                                                    "depth2d_ms_array",
                                                                    "depthcube",
                                                                    "depthcube_array",
                                                                    "visible_function_table",
                                                                    "intersection_function_table",
                                                                    "intersector",
                                                                    "intersection_query",
                                                                    "acceleration_structure",
                                                                    "imageblock",
                                                                    "mesh",
                                                                    "tensor"};

// Followed by a name, `*` or `&` in use:
constexpr std::array<std::string_view, 6> kUnsupportedTypes = {"sampler",
                                                               "primitive_acceleration_structure",
                                                               "instance_acceleration_structure",
                                                               "command_buffer",
                                                               "compute_command",
                                                               "render_command"};

constexpr std::array<std::string_view, 4> kUnsupportedKeywords = {
    "vertex", "fragment", "threadgroup_imageblock", "object_data"};

template <std::size_t N>
bool one_of(const std::array<std::string_view, N>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

class Vocabulary {
 public:
  Vocabulary(const Syntax& syntax, const std::vector<Declaration>& declarations)
      : syntax_(syntax), declarations_(declarations) {}

  void check() const {
    std::set<std::string_view> own;  // types of the source hide those of metal_stdlib
    for (const Declaration& declaration : declarations_) {
      if (declaration.kind == DeclarationKind::kType) {
        own.insert(declaration.name);
      }
    }
    for (std::size_t i = 0; i < syntax_.size(); ++i) {
      const std::string_view word = syntax_[i];
      if (syntax_.is_attribute_list(i)) {
        i = syntax_.match(i);
      } else if (one_of(kUnsupportedKeywords, word) ||
                 (names_metal_type(i) && own.count(word) == 0)) {
        throw compile_error(syntax_.location(i), fmt::format("'{}' is not supported", word));
      } else if ((word == "kernel" || is_address_space(word)) && !qualifies(i)) {
        throw compile_error(syntax_.location(i),
                            fmt::format("'{}' is a keyword of Metal and no name", word),
                            "choose another name");
      }
    }
  }

 private:
  // Whether the keyword at `i` stands where it says something about a type or, behind parameters,
  // about a member function's object.
  bool qualifies(std::size_t i) const {
    const std::string_view after = syntax_[i + 1];
    if (syntax_.is_identifier(i + 1) || after == "::" || after == "*" || after == "&" ||
        after == "&&" || (syntax_.is(i, "kernel") && syntax_.is_attribute_list(i + 1))) {
      return true;
    }
    const std::string_view before = i > 0 ? syntax_[i - 1] : std::string_view();
    return before == ")" || before == "const" || before == "volatile" || before == "noexcept" ||
           is_address_space(before);
  }

  bool names_metal_type(std::size_t i) const {
    if (syntax_.is(i - 1, ".") || syntax_.is(i - 1, "->") || !syntax_.is_identifier(i)) {
      return false;
    }
    const std::string_view word = syntax_[i];
    const bool declares =
        syntax_.is_identifier(i + 1) || syntax_.is(i + 1, "&") || syntax_.is(i + 1, "*");
    return (one_of(kUnsupportedTemplates, word) && syntax_.is(i + 1, "<") &&
            syntax_.skip_angles(i + 1, syntax_.size()) != kNone) ||
           (one_of(kUnsupportedTypes, word) && declares);
  }

  const Syntax& syntax_;
  const std::vector<Declaration>& declarations_;
};

}  // namespace

void check_vocabulary(const Syntax& syntax, const std::vector<Declaration>& declarations) {
  Vocabulary(syntax, declarations).check();
}

}  // namespace ingot::msl
