#include <cctype>
#include <charconv>
#include <cstring>
#include <string_view>
#include <vector>

#include "fmt/format.h"

#include "ingot/error.hpp"

#include "core/npy.hpp"

namespace ingot {
namespace {

constexpr std::string_view kMagic = "\x93NUMPY";

// The part of Python's grammar that numpy.save writes: a dictionary of a string, a boolean and a
// tuple of integers, with the keys in any order.
class DictionaryReader {
 public:
  DictionaryReader(std::string_view text, const std::string& name) : rest_(text), name_(name) {}

  NpyHeader read() {
    NpyHeader header;
    bool descr = false, order = false, shape = false;
    expect('{');
    while (!accept('}')) {
      const std::string key = string();
      expect(':');
      if (key == "descr" && !descr) {
        if (peek() == '[') {
          fail("holds records (a structured dtype)", "save each field as an array of its own");
        }
        header.descr = string();
        descr = true;
      } else if (key == "fortran_order" && !order) {
        header.fortran_order = boolean();
        order = true;
      } else if (key == "shape" && !shape) {
        header.shape = tuple();
        shape = true;
      } else {
        fail(fmt::format("has an unexpected or repeated key '{}' in its header", key));
      }
      if (!accept(',') && peek() != '}') {
        fail("has a damaged header: ',' or '}' expected");
      }
    }
    if (!descr || !order || !shape) {
      fail("lacks 'descr', 'fortran_order' or 'shape' in its header");
    }
    if (peek() != '\0') {
      fail("has text after the dictionary in its header");
    }
    return header;
  }

 private:
  [[noreturn]] void fail(std::string problem, std::string remedy = {}) const {
    throw Error(ErrorCode::kIo, name_, std::move(problem), std::move(remedy));
  }

  // The next character that is not blank; '\0' at the end.
  char peek() {
    while (!rest_.empty() && std::isspace(static_cast<unsigned char>(rest_.front()))) {
      rest_.remove_prefix(1);
    }
    return rest_.empty() ? '\0' : rest_.front();
  }
  bool accept(char c) {
    if (peek() != c || rest_.empty()) {
      return false;
    }
    rest_.remove_prefix(1);
    return true;
  }
  void expect(char c) {
    if (!accept(c)) {
      fail(fmt::format("has a damaged header: '{}' expected", c));
    }
  }
  std::string string() {
    const char quote = peek();
    const size_t end = quote == '\'' || quote == '"' ? rest_.find(quote, 1) : std::string::npos;
    if (end == std::string::npos) {
      fail("has a damaged header: a quoted word is missing");
    }
    std::string word(rest_.substr(1, end - 1));
    rest_.remove_prefix(end + 1);
    return word;
  }
  bool boolean() {
    peek();
    for (const bool value : {false, true}) {
      const std::string_view word = value ? "True" : "False";
      if (rest_.starts_with(word)) {
        rest_.remove_prefix(word.size());
        return value;
      }
    }
    fail("has a damaged header: True or False expected");
  }
  Shape tuple() {
    std::vector<int64_t> extents;
    bool comma = true;
    expect('(');
    while (!accept(')')) {
      if (!comma) {
        fail("has a damaged shape: ',' or ')' expected");
      }
      peek();
      int64_t extent = 0;
      const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), extent);
      if (error != std::errc{} || extent < 0) {
        fail("has a damaged shape: an extent is not an integer from 0 to 2^63 - 1");
      }
      rest_.remove_prefix(static_cast<size_t>(end - rest_.data()));
      extents.push_back(extent);
      comma = accept(',');
    }
    if (extents.size() == 1 && !comma) {
      fail("has a damaged shape: '(n)' is not a tuple");
    }
    try {
      return Shape(extents);
    } catch (const Error& error) {
      fail(fmt::format("has an impossible shape: {}", error.problem()), error.remedy());
    }
  }

  std::string_view rest_;
  const std::string& name_;
};

}  // namespace

NpyHeader parse_npy_header(std::span<const std::byte> file, const std::string& name) {
  const std::string_view text(reinterpret_cast<const char*>(file.data()), file.size());
  const auto fail = [&](std::string problem, std::string remedy = {}) {
    throw Error(ErrorCode::kIo, name, std::move(problem), std::move(remedy));
  };
  if (!text.starts_with(kMagic)) {
    fail(text.empty() ? "is empty" : "is not a .npy file: it does not begin with \\x93NUMPY",
         text.starts_with("PK") ? "an .npz file holds several arrays: save each with numpy.save"
                                : "write it with numpy.save");
  }
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[i]); };
  const size_t version_end = kMagic.size() + 2;
  const int major = text.size() < version_end ? 0 : byte(kMagic.size());
  if (text.size() >= version_end && (major < 1 || major > 3)) {
    fail(fmt::format("is .npy version {}.{}", major, byte(kMagic.size() + 1)),
         "versions 1.0, 2.0 and 3.0 are read");
  }
  const size_t length_bytes = major == 1 ? 2 : 4;
  const size_t begin = version_end + length_bytes;
  if (text.size() < begin) {
    fail(fmt::format(
        "is cut short: the header begins at byte {}, the file has {}", begin, text.size()));
  }
  size_t length = 0;
  for (size_t i = 0; i < length_bytes; ++i) {
    length |= size_t{byte(version_end + i)} << (8 * i);
  }
  if (length > text.size() - begin) {
    fail(fmt::format("is cut short: its header takes {} bytes, the file has {} after the magic",
                     length,
                     text.size() - begin));
  }
  NpyHeader header = DictionaryReader(text.substr(begin, length), name).read();
  header.data_offset = begin + length;
  return header;
}

}  // namespace ingot
