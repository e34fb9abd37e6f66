#include "mcp/schema.hpp"

#include <algorithm>

#include "fmt/format.h"

#include "core/text.hpp"

namespace ingot::mcp {
namespace {

// Longest text of an argument that is not a source.
constexpr int kMostCharacters = 4096;

bool is_type(std::string_view type, const Json& value) {
  return type == "object"    ? value.is_object()
         : type == "array"   ? value.is_array()
         : type == "string"  ? value.is_string()
         : type == "integer" ? value.is_number_integer()
         : type == "number"  ? value.is_number()
         : type == "boolean" ? value.is_boolean()
                             : value.is_null();
}

std::string join(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

class Checker {
 public:
  // The first problem, or "".
  std::string check(const Json& schema, const Json& value, const std::string& path) {
    const auto problem = [&](std::string_view text) {
      return fmt::format("{}: {}", path.empty() ? "arguments" : path, text);
    };
    if (const auto type = schema.find("type"); type != schema.end()) {
      const Json types = type->is_array() ? *type : Json::array({*type});
      if (std::ranges::none_of(
              types, [&](const Json& t) { return is_type(t.get<std::string>(), value); })) {
        std::string names;
        for (const Json& name : types) {
          names += (names.empty() ? "" : " or ") + name.get<std::string>();
        }
        return problem("must be of type " + names);
      }
    }
    if (const auto words = schema.find("enum"); words != schema.end()) {
      if (std::ranges::find(*words, value) == words->end()) {
        return problem("must be one of " + words->dump());
      }
    }
    if (value.is_number()) {
      if (schema.contains("minimum") && value < schema["minimum"]) {
        return problem("must be at least " + schema["minimum"].dump());
      }
      if (schema.contains("maximum") && value > schema["maximum"]) {
        return problem("must be at most " + schema["maximum"].dump());
      }
    } else if (value.is_string()) {
      const size_t length = value.get_ref<const std::string&>().size();
      if (length > schema.value("maxLength", SIZE_MAX) ||
          length < schema.value("minLength", size_t{0})) {
        return problem(fmt::format("is {} bytes long", length));
      }
    } else if (value.is_array()) {
      return check_array(schema, value, path);
    } else if (value.is_object()) {
      return check_object(schema, value, path);
    }
    return "";
  }

 private:
  std::string check_array(const Json& schema, const Json& value, const std::string& path) {
    if (value.size() > schema.value("maxItems", SIZE_MAX)) {
      return fmt::format(
          "{}: has {} items, at most {} are taken", path, value.size(), schema["maxItems"].dump());
    }
    if (const auto items = schema.find("items"); items != schema.end()) {
      for (size_t i = 0; i < value.size(); ++i) {
        if (std::string found = check(*items, value[i], fmt::format("{}[{}]", path, i));
            !found.empty()) {
          return found;
        }
      }
    }
    return "";
  }

  std::string check_object(const Json& schema, const Json& value, const std::string& path) {
    const Json properties = schema.value("properties", Json::object());
    for (const Json& name : schema.value("required", Json::array())) {
      if (!value.contains(name.get<std::string>())) {
        return join(path, name.get<std::string>()) + ": is missing";
      }
    }
    const auto others = schema.find("additionalProperties");
    for (const auto& [name, member] : value.items()) {
      const auto property = properties.find(name);
      if (property == properties.end() && others != schema.end() && *others == false) {
        std::vector<std::string> names;
        for (const auto& [known, ignored] : properties.items()) {
          names.push_back(known);
        }
        return fmt::format("{}: is unknown; {}", join(path, name), suggestion(name, names));
      }
      const Json* const rule = property != properties.end() ? &*property
                               : others != schema.end()     ? &*others
                                                            : nullptr;
      if (rule != nullptr && rule->is_object()) {
        if (std::string found = check(*rule, member, join(path, name)); !found.empty()) {
          return found;
        }
      }
    }
    return "";
  }
};

}  // namespace

std::optional<std::string> find_problem(const Json& schema, const Json& value) {
  std::string problem = Checker().check(schema, value, "");
  return problem.empty() ? std::nullopt : std::optional(std::move(problem));
}

Json object_of(std::initializer_list<Property> properties) {
  Json members = Json::object();
  Json required = Json::array();
  for (const Property& property : properties) {
    members[property.name] = property.schema;
    if (property.required) {
      required.push_back(property.name);
    }
  }
  Json schema = {{"type", "object"}, {"properties", std::move(members)}};
  if (!required.empty()) {
    schema["required"] = std::move(required);
  }
  schema["additionalProperties"] = false;
  return schema;
}

Json map_of(Json schema, const char* description) {
  return {{"type", "object"},
          {"description", description},
          {"additionalProperties", std::move(schema)}};
}

Json array_of(Json items, const char* description, int most) {
  Json schema = {{"type", "array"}, {"description", description}, {"items", std::move(items)}};
  if (most > 0) {
    schema["maxItems"] = most;
  }
  return schema;
}

Json value_of(const char* type, const char* description) {
  const std::vector<std::string_view> types = split_words(type, "|");
  Json schema = {{"type", types.size() == 1 ? Json(types.front()) : Json(types)},
                 {"description", description}};
  if (std::ranges::find(types, "string") != types.end()) {
    schema["maxLength"] = kMostCharacters;
  }
  return schema;
}

Json one_of(std::initializer_list<const char*> words, const char* description) {
  return {{"type", "string"}, {"enum", words}, {"description", description}};
}

}  // namespace ingot::mcp
