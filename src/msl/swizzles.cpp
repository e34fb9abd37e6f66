#include "msl/swizzles.hpp"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "msl/analysis.hpp"

namespace ingot::msl {
namespace {

bool is_swizzle(std::string_view word) {
  return word.size() >= 2 && word.size() <= 4 &&
         (word.find_first_not_of("xyzw") == std::string_view::npos ||
          word.find_first_not_of("rgba") == std::string_view::npos);
}

bool changes_its_operand(std::string_view operation) {
  return operation == "++" || operation == "--" ||
         (operation.size() > 1 && operation.back() == '=' && operation != "==" &&
          operation != "!=" && operation != "<=" && operation != ">=") ||
         operation == "=";
}

// Whether the token names a member of what stands before it.
bool is_member(const Syntax& syntax, std::size_t i) {
  return i > 0 && (syntax.is(i - 1, ".") || syntax.is(i - 1, "->"));
}

}  // namespace

std::vector<std::size_t> swizzles_read_in_templates(const Module& module, const Syntax& syntax) {
  const std::vector<bool> in_template = tokens_in_templates(module);
  std::set<std::string_view> own_names;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < syntax.size(); ++i) {
    if (!is_swizzle(syntax[i])) {
      continue;
    }
    if (!is_member(syntax, i)) {
      own_names.insert(syntax[i]);
    } else if (in_template[i] && !changes_its_operand(syntax[i + 1])) {
      found.push_back(i);
    }
  }
  std::erase_if(found, [&](std::size_t i) { return own_names.contains(syntax[i]); });
  return found;
}

std::vector<Swizzle> all_swizzles(const Module& module, const Syntax& syntax) {
  std::set<std::string_view> own_members;
  for (const Declaration& declaration : module.declarations) {
    if (declaration.in_class) {
      own_members.insert(declaration.name);
    }
  }
  std::vector<Swizzle> found;
  for (std::size_t i = 0; i < syntax.size(); ++i) {
    if (!is_swizzle(syntax[i]) || !is_member(syntax, i) || own_members.contains(syntax[i]) ||
        syntax.is(i + 1, "(")) {
      continue;
    }
    Swizzle swizzle{i, std::string(syntax[i]), changes_its_operand(syntax[i + 1])};
    for (char& component : swizzle.components) {
      if (const std::size_t colour = std::string_view("rgba").find(component);
          colour != std::string_view::npos) {
        component = "xyzw"[colour];
      }
    }
    found.push_back(std::move(swizzle));
  }
  return found;
}

}  // namespace ingot::msl
