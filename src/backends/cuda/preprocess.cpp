#include "backends/cuda/preprocess.hpp"

#include <boost/wave.hpp>
#include <boost/wave/cpplexer/cpp_lex_iterator.hpp>
#include <fmt/format.h>

#include "ingot/error.hpp"

#include "msl/predefined_macros.hpp"

namespace ingot::cuda {
namespace {

namespace wave = boost::wave;

struct Hooks : wave::context_policies::default_preprocessing_hooks {
  // Metal's own headers, of which nothing needs to be read.
  template <class Context>
  bool found_include_directive(const Context&, const std::string& name, bool) {
    if (name.front() != '<') {
      throw Error(ErrorCode::kCompile, name, "the file to include was not found");
    }
    return true;
  }
};

using Token = wave::cpplexer::lex_token<>;
using Context = wave::context<std::string::const_iterator,
                              wave::cpplexer::lex_iterator<Token>,
                              wave::iteration_context_policies::load_file_to_string,
                              Hooks>;

}  // namespace

std::string preprocess(const msl::Source& source) {
  Context context(source.text.begin(), source.text.end(), source.name.c_str());
  context.set_language(static_cast<wave::language_support>(
      wave::support_cpp0x | wave::support_option_variadics | wave::support_option_long_long |
      wave::support_option_emit_line_directives | wave::support_option_emit_pragma_directives |
      wave::support_option_single_line));
  constexpr unsigned kMetalVersion = 310;  // the first with bfloat
  for (const std::string& macro : msl::predefined_macros(kMetalVersion)) {
    context.add_macro_definition(macro, true);
  }
  // For kernels that have a better way here (kernels/include/ingot/row_product.h).
  context.add_macro_definition("INGOT_CUDA=1", true);
  std::string text;
  try {
    for (const Token& token : context) {
      const auto& value = token.get_value();
      text.append(value.begin(), value.end());
    }
  } catch (const wave::preprocess_exception& error) {
    throw Error(ErrorCode::kCompile,
                fmt::format("{}:{}:{}", error.file_name(), error.line_no(), error.column_no()),
                error.description());
  } catch (const wave::cpplexer::lexing_exception& error) {
    throw Error(ErrorCode::kCompile,
                fmt::format("{}:{}:{}", error.file_name(), error.line_no(), error.column_no()),
                error.description());
  }
  return text;
}

}  // namespace ingot::cuda
