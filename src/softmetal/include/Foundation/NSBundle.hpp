#pragma once

#include <string>

#include "Foundation/NSArray.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSString.hpp"
#include "Foundation/NSURL.hpp"

namespace NS {

/// A folder with resources. As for a command-line program on macOS, the main bundle is the folder
/// of the program, and its resources lie beside the program.
class Bundle : public Referencing<Bundle> {
 public:
  static Bundle* mainBundle();
  /// The main bundle.
  static Array* allBundles();
  /// nullptr when there is no such folder.
  static Bundle* bundle(const String* pPath);
  static Bundle* bundle(const URL* pURL);

  static Bundle* alloc() { return new Bundle(); }
  Bundle* init(const String* pPath);
  Bundle* init(const URL* pURL);

  URL* bundleURL() const;
  URL* resourceURL() const { return bundleURL(); }
  URL* executableURL() const;
  String* bundlePath() const;
  String* resourcePath() const { return bundlePath(); }
  /// nullptr for all but the main bundle.
  String* executablePath() const;
  /// nullptr: no Info.plist is read.
  String* bundleIdentifier() const { return nullptr; }

 private:
  Bundle() = default;
  std::string describe() const override { return folder_; }

  std::string folder_;
  std::string executable_;
};

}  // namespace NS
