#include "msl/host_emitter.hpp"

#include <fmt/format.h>

#include "msl/cpp_emitter.hpp"
#include "msl/host_entry.hpp"
#include "msl/source.hpp"
#include "msl/swizzles.hpp"

namespace ingot::msl {
namespace {

class HostEmitter final : public CppEmitter {
 public:
  using CppEmitter::CppEmitter;

  std::string run() {
    return fmt::format("#include <metal_stdlib>\n#include \"softmetal/entry.h\"\n{}{}{}",
                       line_marker(1, module_.lexed.files.front()),
                       text(),
                       request_.kernel != nullptr ? host_entry(module_, *request_.kernel) : "\n");
  }

 private:
  // `threadgroup float a[4], b;` becomes a typedef and a reference into the threadgroup's memory
  // for each variable.
  std::string threadgroup_variables(const ThreadgroupDeclaration& declaration) const override {
    std::string text;
    for (const ThreadgroupVariable& variable : declaration.variables) {
      const std::string type = fmt::format("softmetal_tg_{}", variable.ordinal);
      text += fmt::format(
          "{0}typedef {1} {2}{3}; {2}& {4} = ::softmetal::threadgroup_variable<{2}, {5}>();",
          text.empty() ? "" : " ",
          variable.type,
          type,
          variable.suffix,
          variable.name,
          variable.ordinal);
    }
    return text;
  }

  void rewrite_swizzles(Edits& edits) const override {
    for (const std::size_t swizzle : swizzles_read_in_templates(module_, syntax_)) {
      edits.replace(swizzle, std::string(syntax_[swizzle]) + ".as_vec()");
    }
  }
};

}  // namespace

std::string emit_host(const Translation& request) {
  return HostEmitter(request).run();
}

}  // namespace ingot::msl
