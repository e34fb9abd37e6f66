#include "msl/swizzles.hpp"

#include <algorithm>
#include <set>
#include <string_view>

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

}  // namespace

std::vector<std::size_t> swizzles_read_in_templates(const Module& module, const Syntax& syntax) {
  const auto is_member = [&](std::size_t i) {
    return i > 0 && (syntax.is(i - 1, ".") || syntax.is(i - 1, "->"));
  };
  const std::vector<bool> in_template = tokens_in_templates(module);
  std::set<std::string_view> own_names;
  std::vector<std::size_t> found;
  for (std::size_t i = 0; i < syntax.size(); ++i) {
    if (!is_swizzle(syntax[i])) {
      continue;
    }
    if (!is_member(i)) {
      own_names.insert(syntax[i]);
    } else if (in_template[i] && !changes_its_operand(syntax[i + 1])) {
      found.push_back(i);
    }
  }
  std::erase_if(found, [&](std::size_t i) { return own_names.contains(syntax[i]); });
  return found;
}

}  // namespace ingot::msl
