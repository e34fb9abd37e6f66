#pragma once

#include <string>

#include "Foundation/NSObject.hpp"

namespace NS {

/// The place of a file.
class URL : public Copying<URL> {
 public:
  static URL* fileURLWithPath(const String* pPath);

  static URL* alloc() { return new URL(); }
  URL* init() { return this; }
  /// From "file:///a%20b", or a path. Other schemes are refused by an ingot::Error.
  URL* init(const String* pString);
  URL* initFileURLWithPath(const String* pPath);

  const char* fileSystemRepresentation() const { return path_.c_str(); }

 private:
  URL() = default;
  bool equals(const softmetal::Counted& other) const override;
  UInteger hash_value() const override { return std::hash<std::string>()(path_); }
  std::string describe() const override { return "file://" + path_; }

  std::string path_;
};

}  // namespace NS
