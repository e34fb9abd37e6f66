#pragma once

#include "Foundation/Foundation.hpp"

namespace MTL {

using GPUAddress = std::uint64_t;

struct Size {
  Size() = default;
  Size(NS::UInteger w, NS::UInteger h, NS::UInteger d) : width(w), height(h), depth(d) {}
  static Size Make(NS::UInteger width, NS::UInteger height, NS::UInteger depth) {
    return Size(width, height, depth);
  }

  NS::UInteger width;
  NS::UInteger height;
  NS::UInteger depth;
};

}  // namespace MTL
