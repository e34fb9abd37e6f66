// NS::URL, Bundle and ProcessInfo: files and the process.
#include <cctype>
#include <filesystem>
#include <fstream>
#include <pwd.h>
#include <sched.h>
#include <sys/sysinfo.h>
#include <tuple>
#include <unistd.h>
#include <utility>

#include "ingot/error.hpp"

#include "Foundation/Foundation.hpp"

namespace NS {
namespace {
namespace fs = std::filesystem;

String* autoreleased(const std::string& text) {
  return String::string(text.c_str(), UTF8StringEncoding);
}

fs::path program() {
  std::error_code error;
  return fs::read_symlink("/proc/self/exe", error);
}

// "%20" as a blank.
std::string percent_decoded(const std::string& text) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_code = text[i] == '%' && i + 2 < text.size() &&
                         std::isxdigit(static_cast<unsigned char>(text[i + 1])) != 0 &&
                         std::isxdigit(static_cast<unsigned char>(text[i + 2])) != 0;
    result += is_code ? static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16)) : text[i];
    i += is_code ? 2 : 0;
  }
  return result;
}

}  // namespace

URL* URL::fileURLWithPath(const String* pPath) {
  return alloc()->initFileURLWithPath(pPath)->autorelease();
}
URL* URL::init(const String* pString) {
  const std::string text = pString->utf8String();
  constexpr std::string_view kFile = "file://";
  if (text.starts_with(kFile)) {
    path_ = percent_decoded(text.substr(kFile.size()));
  } else if (text.find("://") == std::string::npos) {
    path_ = text;
  } else {
    throw ingot::Error(ingot::ErrorCode::kUnsupported, text, "only URLs of files can be read");
  }
  return this;
}
URL* URL::initFileURLWithPath(const String* pPath) {
  path_ = fs::absolute(pPath->utf8String()).string();
  return this;
}
bool URL::equals(const softmetal::Counted& other) const {
  const auto* url = dynamic_cast<const URL*>(&other);
  return url != nullptr && url->path_ == path_;
}

Bundle* Bundle::mainBundle() {
  static Bundle* const main = [] {
    Bundle* bundle = alloc();
    bundle->executable_ = program().string();
    bundle->folder_ = program().parent_path().string();
    bundle->live_forever();
    return bundle;
  }();
  return main;
}
Array* Bundle::allBundles() {
  return Array::array(mainBundle());
}
Bundle* Bundle::bundle(const String* pPath) {
  Bundle* bundle = alloc()->init(pPath);
  Counted::autorelease(bundle);
  return bundle;
}
Bundle* Bundle::bundle(const URL* pURL) {
  return bundle(autoreleased(pURL->fileSystemRepresentation()));
}
Bundle* Bundle::init(const String* pPath) {
  if (!fs::is_directory(pPath->utf8String())) {
    release();
    return nullptr;
  }
  folder_ = fs::absolute(pPath->utf8String()).string();
  return this;
}
Bundle* Bundle::init(const URL* pURL) {
  return init(autoreleased(pURL->fileSystemRepresentation()));
}
URL* Bundle::bundleURL() const {
  return URL::fileURLWithPath(bundlePath());
}
URL* Bundle::executableURL() const {
  return executable_.empty() ? nullptr : URL::fileURLWithPath(executablePath());
}
String* Bundle::bundlePath() const {
  return autoreleased(folder_);
}
String* Bundle::executablePath() const {
  return executable_.empty() ? nullptr : autoreleased(executable_);
}

ProcessInfo* ProcessInfo::processInfo() {
  static ProcessInfo* const info = new ProcessInfo();
  return info;
}
Array* ProcessInfo::arguments() const {
  std::vector<const Object*> words;
  std::ifstream file("/proc/self/cmdline");
  for (std::string word; std::getline(file, word, '\0');) {
    words.push_back(autoreleased(word));
  }
  return Array::array(words.data(), words.size());
}
Dictionary* ProcessInfo::environment() const {
  std::vector<const Object*> names;
  std::vector<const Object*> values;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const std::size_t equals = std::min(text.find('='), text.size());
    names.push_back(autoreleased(text.substr(0, equals)));
    values.push_back(autoreleased(text.substr(std::min(equals + 1, text.size()))));
  }
  return Dictionary::dictionary(values.data(), names.data(), names.size());
}
String* ProcessInfo::hostName() const {
  char name[256] = {};
  gethostname(name, sizeof name - 1);
  return autoreleased(name);
}
String* ProcessInfo::processName() const {
  return autoreleased(program().filename().string());
}
int ProcessInfo::processIdentifier() const {
  return getpid();
}
String* ProcessInfo::userName() const {
  const passwd* user = getpwuid(getuid());
  return autoreleased(user == nullptr ? std::to_string(getuid()) : user->pw_name);
}
String* ProcessInfo::operatingSystemVersionString() const {
  return MTLSTR("Version 15.0 (softmetal)");
}
bool ProcessInfo::isOperatingSystemAtLeastVersion(OperatingSystemVersion version) const {
  const OperatingSystemVersion own = operatingSystemVersion();
  return std::tie(own.majorVersion, own.minorVersion, own.patchVersion) >=
         std::tie(version.majorVersion, version.minorVersion, version.patchVersion);
}
UInteger ProcessInfo::processorCount() const {
  return static_cast<UInteger>(sysconf(_SC_NPROCESSORS_CONF));
}
UInteger ProcessInfo::activeProcessorCount() const {
  cpu_set_t set;
  return sched_getaffinity(0, sizeof set, &set) == 0 ? static_cast<UInteger>(CPU_COUNT(&set))
                                                     : processorCount();
}
unsigned long long ProcessInfo::physicalMemory() const {
  return static_cast<unsigned long long>(sysconf(_SC_PHYS_PAGES)) *
         static_cast<unsigned long long>(sysconf(_SC_PAGESIZE));
}
TimeInterval ProcessInfo::systemUptime() const {
  struct sysinfo info = {};
  return sysinfo(&info) == 0 ? static_cast<TimeInterval>(info.uptime) : 0;
}

}  // namespace NS
