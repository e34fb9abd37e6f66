#include "msl/constant_expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace ingot::msl {
namespace {

using Value = std::optional<std::int64_t>;

const TemplateArguments kNoArguments;

// Bounds the recursion.
constexpr int kMaxDepth = 64;

constexpr std::array<std::string_view, 14> kIntegerTypes = {"bool",
                                                            "char",
                                                            "uchar",
                                                            "short",
                                                            "ushort",
                                                            "int",
                                                            "uint",
                                                            "long",
                                                            "ulong",
                                                            "size_t",
                                                            "int32_t",
                                                            "uint32_t",
                                                            "int64_t",
                                                            "uint64_t"};

// Binary operators by the strength with which they bind.
int strength_of(std::string_view operation) {
  static constexpr std::array<std::pair<std::string_view, int>, 18> kOperations = {{{"*", 10},
                                                                                    {"/", 10},
                                                                                    {"%", 10},
                                                                                    {"+", 9},
                                                                                    {"-", 9},
                                                                                    {"<<", 8},
                                                                                    {">>", 8},
                                                                                    {"<", 7},
                                                                                    {"<=", 7},
                                                                                    {">", 7},
                                                                                    {">=", 7},
                                                                                    {"==", 6},
                                                                                    {"!=", 6},
                                                                                    {"&", 5},
                                                                                    {"^", 4},
                                                                                    {"|", 3},
                                                                                    {"&&", 2},
                                                                                    {"||", 1}}};
  const auto found = std::find_if(
      kOperations.begin(), kOperations.end(), [&](const auto& o) { return o.first == operation; });
  return found != kOperations.end() ? found->second : 0;
}

Value parse_literal(std::string_view text) {
  std::string digits(text);
  std::erase(digits, '\'');
  while (!digits.empty() &&
         std::string_view("uUlL").find(digits.back()) != std::string_view::npos) {
    digits.pop_back();
  }
  int base = 10;
  std::size_t prefix = 0;
  if (digits.size() > 1 && digits[0] == '0') {
    const char kind = digits[1];
    base = kind == 'x' || kind == 'X' ? 16 : kind == 'b' || kind == 'B' ? 2 : 8;
    prefix = base == 8 ? 1 : 2;
  }
  std::uint64_t value = 0;
  const char* end = digits.data() + digits.size();
  const auto result = std::from_chars(digits.data() + prefix, end, value, base);
  if (result.ec != std::errc() || result.ptr != end) {
    return std::nullopt;
  }
  return static_cast<std::int64_t>(value);
}

// As on the machine: 64 bits that wrap. Nothing where C++ has no value.
Value apply(std::string_view operation, std::int64_t a, std::int64_t b) {
  const auto ua = static_cast<std::uint64_t>(a);
  const auto ub = static_cast<std::uint64_t>(b);
  const bool divides = operation == "/" || operation == "%";
  if (divides && (b == 0 || (b == -1 && a == INT64_MIN))) {
    return std::nullopt;
  }
  if ((operation == "<<" || operation == ">>") && (b < 0 || b > 63)) {
    return std::nullopt;
  }
  switch (operation.front()) {
    case '*':
      return static_cast<std::int64_t>(ua * ub);
    case '+':
      return static_cast<std::int64_t>(ua + ub);
    case '-':
      return static_cast<std::int64_t>(ua - ub);
    case '/':
      return a / b;
    case '%':
      return a % b;
    case '^':
      return a ^ b;
    case '=':
      return a == b;
    case '!':
      return a != b;
    case '&':
      return operation == "&" ? a & b : static_cast<std::int64_t>(a != 0 && b != 0);
    case '|':
      return operation == "|" ? a | b : static_cast<std::int64_t>(a != 0 || b != 0);
    case '<':
      return operation == "<<"  ? static_cast<std::int64_t>(ua << ub)
             : operation == "<" ? static_cast<std::int64_t>(a < b)
                                : static_cast<std::int64_t>(a <= b);
    default:
      return operation == ">>"  ? a >> b
             : operation == ">" ? static_cast<std::int64_t>(a > b)
                                : static_cast<std::int64_t>(a >= b);
  }
}

}  // namespace

// Reads one expression, by precedence climbing.
class ExpressionReader {
 public:
  ExpressionReader(const ConstantEvaluator& evaluator,
                   TokenRange range,
                   const std::string& scope,
                   const TemplateArguments& arguments,
                   int depth)
      : evaluator_(evaluator),
        syntax_(evaluator.syntax_),
        at_(range.first),
        end_(range.last),
        scope_(scope),
        arguments_(arguments),
        depth_(depth) {}

  Value run() {
    const Value value = conditional();
    return at_ == end_ ? value : std::nullopt;
  }

 private:
  bool is(std::string_view spelling) const { return at_ < end_ && syntax_.is(at_, spelling); }

  Value conditional() {
    const Value condition = binary(1);
    if (!condition || !is("?")) {
      return condition;
    }
    ++at_;
    const Value yes = nested(&ExpressionReader::conditional);
    if (!is(":")) {
      return std::nullopt;
    }
    ++at_;
    const Value no = nested(&ExpressionReader::conditional);
    return *condition != 0 ? yes : no;
  }

  Value nested(Value (ExpressionReader::*part)()) {
    if (++depth_ > kMaxDepth) {
      return std::nullopt;
    }
    const Value value = (this->*part)();
    --depth_;
    return value;
  }

  Value binary(int weakest) {
    Value left = nested(&ExpressionReader::unary);
    while (left && at_ < end_) {
      const std::string_view operation = syntax_[at_];
      const int strength = strength_of(operation);
      if (strength == 0 || strength < weakest) {
        return left;
      }
      ++at_;
      const Value right = binary(strength + 1);
      left = right ? apply(operation, *left, *right) : std::nullopt;
    }
    return left;
  }

  Value unary() {
    const std::string_view word = at_ < end_ ? syntax_[at_] : std::string_view();
    if (word == "-" || word == "+" || word == "~" || word == "!") {
      ++at_;
      const Value value = nested(&ExpressionReader::unary);
      if (!value || word == "+") {
        return value;
      }
      return word == "!"   ? static_cast<std::int64_t>(*value == 0)
             : word == "~" ? ~*value
                           : static_cast<std::int64_t>(-static_cast<std::uint64_t>(*value));
    }
    if (word == "(") {
      return parentheses();
    }
    if (word == "static_cast" && syntax_.is(at_ + 1, "<")) {
      at_ = std::min(syntax_.skip_angles(at_ + 1, end_), end_);
      return is("(") ? parentheses() : std::nullopt;
    }
    if (word == "true" || word == "false") {
      ++at_;
      return static_cast<std::int64_t>(word == "true");
    }
    if (at_ < end_ && syntax_.is_identifier(at_)) {
      return name();
    }
    return at_ < end_ ? parse_literal(syntax_[at_++]) : std::nullopt;
  }

  // `(a + b)`, or a cast: `(uint)a`.
  Value parentheses() {
    const std::size_t close = syntax_.match(at_);
    if (close == kNone || close >= end_) {
      return std::nullopt;
    }
    if (close == at_ + 2 && is_integer_type(syntax_[at_ + 1])) {
      at_ = close + 1;
      return nested(&ExpressionReader::unary);
    }
    const std::size_t end = std::exchange(end_, close);
    ++at_;
    const Value value = nested(&ExpressionReader::conditional);
    const bool complete = at_ == close;
    end_ = end;
    at_ = close + 1;
    return complete ? value : std::nullopt;
  }

  static bool is_integer_type(std::string_view word) {
    return std::find(kIntegerTypes.begin(), kIntegerTypes.end(), word) != kIntegerTypes.end();
  }

  // A constant, an enumerator, a template parameter, or `uint(a)`.
  Value name() {
    std::string name(syntax_[at_++]);
    if (is_integer_type(name) && is("(")) {
      return parentheses();
    }
    while (is("::") && at_ + 1 < end_ && syntax_.is_identifier(at_ + 1)) {
      name += "::" + std::string(syntax_[at_ + 1]);
      at_ += 2;
    }
    if (depth_ >= kMaxDepth) {
      return std::nullopt;
    }
    if (const auto argument = arguments_.find(name); argument != arguments_.end()) {
      const auto& [tokens, is_default] = argument->second;
      const TemplateArguments& known = is_default ? arguments_ : kNoArguments;
      return ExpressionReader(evaluator_, tokens, scope_, known, depth_ + 1).run();
    }
    std::string scope = scope_;
    for (;;) {
      const auto found = evaluator_.definitions_.find(scope.empty() ? name : scope + "::" + name);
      if (found != evaluator_.definitions_.end()) {
        return value_of(found->second);
      }
      if (scope.empty()) {
        return std::nullopt;
      }
      const std::size_t cut = scope.rfind("::");
      scope.erase(cut == std::string::npos ? 0 : cut);
    }
  }

  Value value_of(const ConstantEvaluator::Definition& definition) const {
    if (!definition.is_evaluated) {
      definition.is_evaluated = true;
      const TokenRange expression = definition.expression;
      const Value base =
          expression.empty()
              ? Value(0)
              : ExpressionReader(evaluator_, expression, definition.scope, kNoArguments, depth_ + 1)
                    .run();
      definition.value = base ? apply("+", *base, definition.offset) : std::nullopt;
    }
    return definition.value;
  }

  const ConstantEvaluator& evaluator_;
  const Syntax& syntax_;
  std::size_t at_;
  std::size_t end_;
  const std::string& scope_;
  const TemplateArguments& arguments_;
  int depth_;
};

ConstantEvaluator::ConstantEvaluator(const Syntax& syntax,
                                     const std::vector<Declaration>& declarations)
    : syntax_(syntax) {
  for (const Declaration& declaration : declarations) {
    if (declaration.kind == DeclarationKind::kVariable) {
      add_variable(declaration);
    } else if (declaration.kind == DeclarationKind::kType && !declaration.body.empty() &&
               syntax.contains({declaration.tokens.first, declaration.body.first}, "enum")) {
      add_enumerators(declaration);
    }
  }
}

Value ConstantEvaluator::evaluate(TokenRange expression,
                                  const std::string& scope,
                                  const TemplateArguments& arguments) const {
  return ExpressionReader(*this, expression, scope, arguments, 0).run();
}

// `enum E { a, b = 4, c }` defines E::a and, unless it is a class, a itself.
void ConstantEvaluator::add_enumerators(const Declaration& type) {
  const std::string outside = type.scope.empty() ? "" : type.scope + "::";
  const std::string own = type.name.empty() ? outside : type.qualified + "::";
  const std::string inside = type.name.empty() ? type.scope : type.qualified;
  Definition next{{}, 0, inside};
  for (const TokenRange part : syntax_.split({type.body.first + 1, type.body.last - 1})) {
    if (part.empty()) {
      continue;
    }
    for (std::size_t i = part.first; i < part.last; ++i) {
      if (syntax_.is(i, "=")) {
        next = {{i + 1, part.last}, 0, inside};
        break;
      }
    }
    const std::string name(syntax_[part.first]);
    definitions_.emplace(own + name, next);
    definitions_.emplace(outside + name, next);
    ++next.offset;
  }
}

// `constant int n = 4;` and `constexpr constant int n{4};`
void ConstantEvaluator::add_variable(const Declaration& variable) {
  const std::size_t after = variable.declarator.last;
  if (syntax_.is(after, "=")) {
    std::size_t end = after + 1;
    while (end + 1 < variable.tokens.last && !syntax_.is(end, ",")) {
      end = syntax_.skip_element(end, variable.tokens.last - 1);
    }
    definitions_.emplace(variable.qualified, Definition{{after + 1, end}, 0, variable.scope});
  } else if (syntax_.is(after, "{")) {
    definitions_.emplace(variable.qualified,
                         Definition{{after + 1, syntax_.match(after)}, 0, variable.scope});
  }
}

}  // namespace ingot::msl
