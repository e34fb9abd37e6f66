// clang's dump of a syntax tree, read back.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace softmetal::strict {

/// A place in the dumped file; line 0 for one in another file, or in none.
struct Position {
  std::uint32_t line = 0;
  std::uint32_t column = 0;
};

/// One line of the dump.
struct Node {
  std::string_view kind;     // "FunctionDecl", "ImplicitCastExpr"
  std::uint64_t id = 0;      // tells declarations apart
  std::uint64_t before = 0;  // id of the declaration that this one repeats, or 0
  std::uint32_t depth = 0;
  std::size_t parent = 0;  // the root is its own
  Position begin;
  Position name;          // of declarations; else the same as `begin`
  std::string_view text;  // what stands behind the places: names, types, flags
};

/// The nodes stand in the order of the dump: parents before children.
class SyntaxTree {
 public:
  /// Reads what `clang -Xclang -ast-dump` wrote about `file`.
  SyntaxTree(std::string dump, std::string_view file);
  SyntaxTree(const SyntaxTree&) = delete;
  SyntaxTree& operator=(const SyntaxTree&) = delete;

  const std::vector<Node>& nodes() const { return nodes_; }
  const Node& parent(const Node& node) const { return nodes_[node.parent]; }

  /// The first child, or nullptr.
  const Node* child(const Node& node) const;

  /// The next child of the same parent, or nullptr.
  const Node* sibling(const Node& node) const;

  /// How many children of its parent stand before `node`.
  std::size_t rank(const Node& node) const;

  /// The first node below `node` whose kind is `kind`, or nullptr.
  const Node* descendant(const Node& node, std::string_view kind) const;

  /// The function around `node`, or nullptr.
  const Node* function_around(const Node& node) const;

  /// The declaration with this id, or nullptr when it is not in the file.
  const Node* declaration(std::uint64_t id) const;

 private:
  std::size_t index(const Node& node) const;

  // The nodes of `open` from `depth` on have no more children.
  void close(std::vector<std::size_t>& open, std::size_t depth);

  const std::string dump_;
  std::vector<Node> nodes_;
  std::vector<std::size_t> after_;  // of each node: the first one that is not below it
  std::unordered_map<std::uint64_t, std::size_t> declarations_;
};

/// True for functions, methods, constructors, destructors and conversions.
bool is_function(const Node& node);

/// The number behind the first "0x" of `text`, or 0.
std::uint64_t id_in(std::string_view text);

/// What `text` quotes first: 'const __generic float *'. "" when it quotes nothing.
std::string_view quoted(std::string_view text);

/// Whether a type is a pointer to a function or a member function: 'int (*)(int)'.
bool points_to_function(std::string_view type);

}  // namespace softmetal::strict
