// The pieces of C++ syntax that reading declarations takes: brackets, specifiers, declarators.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "msl/module.hpp"

namespace ingot::msl {

inline constexpr std::size_t kNone = static_cast<std::size_t>(-1);

/// One declarator: `*const p`, `(&tile)[32]`, `x[4]`.
struct Declarator {
  TokenRange prefix;         // what stands before the name: `*`, `&`, `const`, address spaces
  TokenRange suffix;         // array bounds
  std::size_t name = kNone;  // token of the name; kNone in an unnamed parameter
  std::size_t end = 0;       // the token after the declarator
  ParameterKind kind = ParameterKind::kValue;
};

/// A lexed text with its brackets matched. The text must outlive it.
class Syntax {
 public:
  /// Throws Error (kCompile) for a bracket without its partner.
  explicit Syntax(const LexedText& lexed);

  std::size_t size() const { return lexed_.tokens.size(); }
  std::string_view operator[](std::size_t index) const;  // "" past the end
  bool is(std::size_t index, std::string_view spelling) const { return (*this)[index] == spelling; }
  bool is_identifier(std::size_t index) const;
  bool contains(TokenRange range, std::string_view spelling) const;
  Location location(std::size_t index) const;

  /// The partner of the bracket at `index`; kNone for other tokens.
  std::size_t match(std::size_t index) const { return match_[index]; }
  bool opens(std::size_t index) const;
  bool is_attribute_list(std::size_t index) const;  // `[[`

  /// The token after the `>` that closes the `<` at `index`; kNone when there is none before `end`,
  /// a `;` or a `{`: then the `<` compares.
  std::size_t skip_angles(std::size_t index, std::size_t end) const;

  /// The token after an element that starts at `index`: a bracketed group, an attribute list, a
  /// template argument list behind a name, or a single token.
  std::size_t skip_element(std::size_t index, std::size_t end) const;

  /// The `;` that ends a statement, or `end`.
  std::size_t find_semicolon(std::size_t index, std::size_t end) const;

  /// Splits at commas outside of brackets and template arguments.
  std::vector<TokenRange> split(TokenRange range) const;

  /// The token after specifiers and type name: where the first declarator starts.
  std::size_t skip_specifiers(std::size_t index, std::size_t end) const;
  Declarator declarator(std::size_t index, std::size_t end) const;

  /// The tokens as compact text: "const float*", "f<float, 4>". Attribute lists and the words in
  /// `leave_out` are left out.
  std::string join(TokenRange range, const std::vector<std::string_view>& leave_out = {}) const;

 private:
  std::size_t skip_type_name(std::size_t index, std::size_t end) const;

  const LexedText& lexed_;
  std::vector<std::size_t> match_;
  std::vector<std::size_t> angles_end_;  // of each `<`: the token after its `>`
};

/// `alignas`, `decltype`, `__attribute__`: words whose parentheses belong to them.
bool takes_group(std::string_view word);

/// `device`, `constant`, `thread`, `threadgroup` or `ray_data`.
bool is_address_space(std::string_view word);

/// The address spaces as a list, for Syntax::join.
const std::vector<std::string_view>& address_spaces();

}  // namespace ingot::msl
