#include "msl/argument_structs.hpp"

#include <algorithm>
#include <set>
#include <utility>

#include "msl/attributes.hpp"

namespace ingot::msl {
namespace {

// Static members and bit-fields are not what an encoder can set.
bool is_field(const Syntax& syntax, const Declaration& member) {
  return member.in_class && member.kind == DeclarationKind::kVariable &&
         !syntax.contains(member.specifiers, "static") && !syntax.is(member.declarator.last, ":");
}

bool points_to_memory(const Syntax& syntax, const Declaration& member) {
  const Declarator declarator = syntax.declarator(member.declarator.first, member.declarator.last);
  return declarator.kind == ParameterKind::kPointer &&
         (syntax.contains(member.specifiers, "device") ||
          syntax.contains(member.specifiers, "constant"));
}

}  // namespace

std::map<std::string, std::vector<ArgumentMember>> read_argument_structs(
    const Syntax& syntax,
    const std::vector<Declaration>& declarations,
    const ConstantEvaluator& constants,
    std::vector<TokenRange>& handled) {
  std::map<std::string, std::vector<ArgumentMember>> structs;
  std::set<std::string> chosen;
  for (const Declaration& member : declarations) {
    if (!is_field(syntax, member)) {
      continue;
    }
    ArgumentMember& field = structs[member.scope].emplace_back();
    field.name = member.name;
    const std::vector<Attribute> attributes = read_attributes(syntax, member.declarator);
    const Attribute* id = find_attribute(attributes, "id");
    if (id != nullptr) {
      field.id = number_argument(syntax, *id, constants, member.scope);
      handled.push_back(member.declarator);
    }
    if (id != nullptr || points_to_memory(syntax, member)) {
      chosen.insert(member.scope);
    }
  }
  std::erase_if(structs, [&](const auto& entry) { return !chosen.contains(entry.first); });
  return structs;
}

const std::vector<ArgumentMember>* Module::members(const Kernel& kernel,
                                                   const Parameter& parameter) const {
  std::string_view type = parameter.type;
  for (const std::string_view word : {"const ", "volatile ", "struct "}) {
    type.remove_prefix(type.starts_with(word) ? word.size() : 0);
  }
  type = type.substr(0, type.find_first_of("<*&( "));
  const std::string& function = functions[kernel.function].name;
  for (std::size_t end = function.rfind("::");;) {
    const std::string scope = end == std::string::npos ? "" : function.substr(0, end + 2);
    const auto found = argument_structs.find(scope + std::string(type));
    if (found != argument_structs.end()) {
      return &found->second;
    }
    if (end == std::string::npos) {
      return nullptr;
    }
    end = end == 0 ? std::string::npos : function.rfind("::", end - 1);
  }
}

}  // namespace ingot::msl
