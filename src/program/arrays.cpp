#include "program/arrays.hpp"

#include <algorithm>

#include "fmt/format.h"

namespace ingot::cli {

std::string element_text(const HostArray& array, int64_t index) {
  return visit(array.dtype(), [&]<class T>() {
    const T value = array.as<T>()[static_cast<size_t>(index)];
    if constexpr (std::is_integral_v<T>) {
      return fmt::to_string(+value);  // + makes numbers of characters and bools
    } else {
      return fmt::format("{:.6g}", static_cast<float>(value));
    }
  });
}

std::string preview(const HostArray& array) {
  constexpr int64_t kShown = 6;
  std::string text;
  for (int64_t i = 0; i < std::min(kShown, array.elements()); ++i) {
    text += element_text(array, i) + " ";
  }
  return text + (array.elements() > kShown ? "..." : "");
}

Json elements_json(const HostArray& array, int64_t begin, int64_t end) {
  Json list = Json::array();
  visit(array.dtype(), [&]<class T>() {
    for (int64_t i = begin; i < end; ++i) {
      const T value = array.as<T>()[static_cast<size_t>(i)];
      if constexpr (std::is_integral_v<T>) {
        list.push_back(value);
      } else {
        list.push_back(static_cast<float>(value));
      }
    }
  });
  return list;
}

Json first_elements_json(const HostArray& array) {
  constexpr int64_t kShown = 100;
  return elements_json(array, 0, std::min(kShown, array.elements()));
}

}  // namespace ingot::cli
