#include "softmetal/strict/compiler_messages.hpp"

#include <algorithm>
#include <charconv>
#include <initializer_list>
#include <optional>

#include "softmetal/strict/address_spaces.hpp"

namespace softmetal::strict {
namespace {

// Takes ":number" from the end of `text`.
std::optional<std::uint32_t> take_number_at_end(std::string_view& text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    return std::nullopt;
  }
  std::uint32_t value = 0;
  const auto [end, error] =
      std::from_chars(text.data() + colon + 1, text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) {
    return std::nullopt;
  }
  text.remove_suffix(text.size() - colon);
  return value;
}

// "file:line:column: kind: text"; nullopt for other lines.
std::optional<CompilerMessage::Part> read_part(std::string_view line, std::string_view kind) {
  const std::size_t at = line.find(kind);
  if (at == std::string_view::npos) {
    return std::nullopt;
  }
  CompilerMessage::Part part;
  part.file = line.substr(0, at);
  part.text = line.substr(at + kind.size());
  const auto column = take_number_at_end(part.file);
  const auto number = take_number_at_end(part.file);
  if (!column || !number) {
    return std::nullopt;
  }
  part.position = {*number, *column};
  return part;
}

struct Known {
  std::string_view text;
  std::string_view rule;
  std::string_view message;  // "" for clang's own
  std::string_view reason;
};
constexpr Known kKnown[] = {
    {"virtual functions are not supported",
     "virtual",
     "a virtual function",
     "Metal has no virtual functions"},
    {"variadic arguments are not allowed",
     "variadic",
     "a function with variable arguments",
     "use a template parameter pack"},
    {"with an address space",
     "address-space",
     "",
     "an address space belongs to what a pointer or reference points to"},
    {"automatic variable qualified with",
     "address-space",
     "a local variable has an address space",
     "local variables are in thread memory, or in threadgroup memory in a kernel's body"},
    {"function scope variable cannot be declared in",
     "address-space",
     "a local variable has an address space",
     "local variables are in thread memory, or in threadgroup memory in a kernel's body"},
};

// "... could not match 'void (device int *)' against 'void (thread int *)'"
bool differs_in_spaces_alone(std::string_view note) {
  const std::size_t against = note.find(" against '");
  if (note.find("could not match '") == std::string_view::npos ||
      against == std::string_view::npos) {
    return false;
  }
  return without_spaces(quoted(note)) == without_spaces(quoted(note.substr(against)));
}

// "candidate function not viable: cannot pass ..." without its beginning.
std::string_view detail_of(std::string_view note) {
  const std::size_t colon = note.find(": ");
  return colon != std::string_view::npos ? note.substr(colon + 2) : note;
}

// Whether it says that something is taken for what it is not because of an address space; a value
// is copied from any.
bool is_about_spaces(std::string_view text) {
  const bool refers = text.find("address space") != std::string_view::npos ||
                      text.find("object parameter") != std::string_view::npos ||
                      text.find("cannot deduce a type") != std::string_view::npos ||
                      text.find_first_of("*&") != std::string_view::npos;
  return refers && mixes_spaces(text);
}

// The messages of some kinds; the notes that follow one of another kind belong to that.
std::vector<CompilerMessage> read(std::string_view output,
                                  std::initializer_list<std::string_view> kinds) {
  constexpr std::string_view kAll[] = {": error: ", ": fatal error: ", ": warning: "};
  std::vector<CompilerMessage> messages;
  bool is_wanted = false;
  while (!output.empty()) {
    const std::size_t end = std::min(output.find('\n'), output.size());
    const std::string_view line = output.substr(0, end);
    output.remove_prefix(std::min(end + 1, output.size()));
    if (const auto note = read_part(line, ": note: ")) {
      if (is_wanted) {
        messages.back().notes.push_back(*note);
      }
      continue;
    }
    for (const std::string_view kind : kAll) {
      if (const auto part = read_part(line, kind)) {
        is_wanted = std::ranges::find(kinds, kind) != kinds.end();
        if (is_wanted) {
          messages.push_back({*part, {}});
        }
        break;
      }
    }
  }
  return messages;
}

}  // namespace

std::vector<CompilerMessage> read_messages(std::string_view output) {
  return read(output, {": error: ", ": fatal error: "});
}

std::vector<CompilerMessage> read_warnings(std::string_view output) {
  return read(output, {": warning: "});
}

// Only what is about address spaces and a few words counts. Whether the rest is right C++ is for
// the compilation against the ordinary library to say, which knows more of Metal than OpenCL does.
Verdict judge(const CompilerMessage& message) {
  const std::string_view text = message.main.text;
  for (const Known& known : kKnown) {
    if (text.find(known.text) != std::string_view::npos) {
      return {std::string(known.rule),
              known.message.empty() ? in_words_of_metal(text) : std::string(known.message),
              std::string(known.reason)};
    }
  }
  if (is_about_spaces(text)) {
    return {"address-space", in_words_of_metal(text), std::string(kNoConversion)};
  }
  if (text.starts_with("no function template matches") &&
      std::any_of(message.notes.begin(), message.notes.end(), [](const auto& note) {
        return differs_in_spaces_alone(note.text);
      })) {
    return {"address-space",
            in_words_of_metal(text),
            "its parameters are in other address spaces than the template's"};
  }
  const auto mixing = std::find_if(message.notes.begin(),
                                   message.notes.end(),
                                   [](const auto& note) { return is_about_spaces(note.text); });
  if (text.starts_with("no ") && mixing != message.notes.end()) {
    return {"address-space",
            in_words_of_metal(text) + ": " + in_words_of_metal(detail_of(mixing->text)),
            std::string(kNoConversion)};
  }
  return {};
}

}  // namespace softmetal::strict
