#include "softmetal/strict/syntax_tree.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

namespace softmetal::strict {
namespace {

std::uint32_t take_number(std::string_view& text) {
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return value;
}

bool take(std::string_view& text, std::string_view word) {
  if (!text.starts_with(word)) {
    return false;
  }
  text.remove_prefix(word.size());
  return true;
}

std::string_view take_word(std::string_view& text) {
  const std::string_view word = text.substr(0, text.find(' '));
  text.remove_prefix(std::min(word.size() + 1, text.size()));
  return word;
}

// Reads places, of which the dump leaves out what is the same as in the place before.
class Places {
 public:
  explicit Places(std::string_view file) : file_(file) {}

  Position take_place(std::string_view& text) {
    if (take(text, "<invalid sloc>")) {
      return {};
    }
    if (take(text, "col:")) {
      return position(take_number(text));
    }
    if (!take(text, "line:")) {
      take_file(text);
    }
    line_ = take_number(text);
    take(text, ":");
    return position(take_number(text));
  }

 private:
  // Up to the ':' before a line and a column.
  void take_file(std::string_view& text) {
    for (std::size_t colon = text.find(':'); colon != std::string_view::npos;
         colon = text.find(':', colon + 1)) {
      const std::size_t digits = text.find_first_not_of("0123456789", colon + 1);
      if (digits > colon + 1 && digits != std::string_view::npos && text[digits] == ':') {
        in_file_ = text.substr(0, colon) == file_;
        text.remove_prefix(colon + 1);
        return;
      }
    }
    text = {};
  }

  Position position(std::uint32_t column) const {
    return in_file_ ? Position{line_, column} : Position{};
  }

  std::string_view file_;
  bool in_file_ = false;
  std::uint32_t line_ = 0;
};

Node read_node(std::string_view line, Places& places) {
  Node node;
  const std::size_t start = std::min(line.find_first_not_of(" |`-"), line.size());
  node.depth = static_cast<std::uint32_t>(start / 2);
  line.remove_prefix(start);
  node.kind = take_word(line);
  if (line.starts_with("0x")) {
    node.id = id_in(take_word(line));
  }
  while (line.starts_with("prev 0x") || line.starts_with("parent 0x")) {
    const bool repeats = take_word(line) == "prev";
    const std::uint64_t id = id_in(take_word(line));
    node.before = repeats ? id : node.before;
  }
  if (node.id != 0 && take(line, "<")) {
    node.begin = node.name = places.take_place(line);
    if (take(line, ", ")) {
      places.take_place(line);
    }
    take(line, ">");
    take(line, " ");
    if (node.kind.ends_with("Decl")) {
      node.name = places.take_place(line);
      take(line, " ");
    }
  }
  node.text = line;
  return node;
}

}  // namespace

SyntaxTree::SyntaxTree(std::string dump, std::string_view file) : dump_(std::move(dump)) {
  Places places(file);
  std::vector<std::size_t> open;  // the last node of each depth
  std::string_view rest = dump_;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    Node node = read_node(rest.substr(0, end), places);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    node.depth = std::min(node.depth, static_cast<std::uint32_t>(open.size()));
    node.parent = node.depth > 0 ? open[node.depth - 1] : 0;
    close(open, node.depth);
    open.push_back(nodes_.size());
    if (node.kind.ends_with("Decl")) {
      declarations_.emplace(node.id, nodes_.size());
    }
    nodes_.push_back(node);
    after_.push_back(0);
  }
  close(open, 0);
}

void SyntaxTree::close(std::vector<std::size_t>& open, std::size_t depth) {
  for (; open.size() > depth; open.pop_back()) {
    after_[open.back()] = nodes_.size();
  }
}

const Node* SyntaxTree::sibling(const Node& node) const {
  const std::size_t next = after_[index(node)];
  return next < nodes_.size() && nodes_[next].depth == node.depth ? &nodes_[next] : nullptr;
}

std::size_t SyntaxTree::index(const Node& node) const {
  return static_cast<std::size_t>(&node - nodes_.data());
}

const Node* SyntaxTree::child(const Node& node) const {
  const std::size_t next = index(node) + 1;
  return next < nodes_.size() && nodes_[next].depth > node.depth ? &nodes_[next] : nullptr;
}

std::size_t SyntaxTree::rank(const Node& node) const {
  std::size_t before = 0;
  for (const Node* each = child(parent(node)); each != &node; each = sibling(*each)) {
    ++before;
  }
  return before;
}

const Node* SyntaxTree::descendant(const Node& node, std::string_view kind) const {
  for (std::size_t i = index(node) + 1; i < after_[index(node)]; ++i) {
    if (nodes_[i].kind == kind) {
      return &nodes_[i];
    }
  }
  return nullptr;
}

const Node* SyntaxTree::function_around(const Node& node) const {
  for (const Node* each = &parent(node); each->depth > 0; each = &parent(*each)) {
    if (is_function(*each)) {
      return each;
    }
  }
  return nullptr;
}

const Node* SyntaxTree::declaration(std::uint64_t id) const {
  const auto found = declarations_.find(id);
  return found != declarations_.end() ? &nodes_[found->second] : nullptr;
}

bool is_function(const Node& node) {
  return node.kind == "FunctionDecl" || node.kind == "CXXMethodDecl" ||
         node.kind == "CXXConstructorDecl" || node.kind == "CXXDestructorDecl" ||
         node.kind == "CXXConversionDecl";
}

std::uint64_t id_in(std::string_view text) {
  const std::size_t start = text.find("0x");
  std::uint64_t id = 0;
  if (start != std::string_view::npos) {
    std::from_chars(text.data() + start + 2, text.data() + text.size(), id, 16);
  }
  return id;
}

std::string_view quoted(std::string_view text) {
  const std::size_t open = text.find('\'');
  if (open == std::string_view::npos) {
    return {};
  }
  const std::size_t close = text.find('\'', open + 1);
  return text.substr(open + 1, close == std::string_view::npos ? close : close - open - 1);
}

bool points_to_function(std::string_view type) {
  const std::size_t parameters = type.find(")(");
  if (parameters == std::string_view::npos) {
    return false;
  }
  const std::size_t open = type.rfind('(', parameters);
  return open != std::string_view::npos &&
         type.substr(open, parameters - open).find('*') != std::string_view::npos;
}

}  // namespace softmetal::strict
