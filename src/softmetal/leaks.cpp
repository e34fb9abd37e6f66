#include "softmetal/include/softmetal/leaks.hpp"

#include "fmt/format.h"

#include "softmetal/compile_thread.hpp"
#include "softmetal/foundation/object_list.hpp"

namespace softmetal {

std::map<std::string, std::size_t> live_objects() {
  wait_for_compile_thread();
  return count_objects();
}

std::string LeakCheck::text() const {
  std::string result;
  for (const auto& [name, count] : live_objects()) {
    const auto before = before_.find(name);
    const std::size_t known = before == before_.end() ? 0 : before->second;
    if (count > known) {
      result += fmt::format("{}{} {}", result.empty() ? "" : ", ", count - known, name);
    }
  }
  return result;
}

}  // namespace softmetal
