#pragma once

#include "Foundation/Foundation.hpp"

namespace MTL {

using GPUAddress = std::uint64_t;
using Timestamp = std::uint64_t;

struct Origin {
  Origin() = default;
  Origin(NS::UInteger x_, NS::UInteger y_, NS::UInteger z_) : x(x_), y(y_), z(z_) {}
  static Origin Make(NS::UInteger x, NS::UInteger y, NS::UInteger z) { return Origin(x, y, z); }

  NS::UInteger x;
  NS::UInteger y;
  NS::UInteger z;
};

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

struct Region {
  Region() = default;
  Region(NS::UInteger x, NS::UInteger width) : Region(x, 0, 0, width, 1, 1) {}
  Region(NS::UInteger x, NS::UInteger y, NS::UInteger width, NS::UInteger height)
      : Region(x, y, 0, width, height, 1) {}
  Region(NS::UInteger x,
         NS::UInteger y,
         NS::UInteger z,
         NS::UInteger width,
         NS::UInteger height,
         NS::UInteger depth)
      : origin(x, y, z), size(width, height, depth) {}
  static Region Make1D(NS::UInteger x, NS::UInteger width) { return Region(x, width); }
  static Region Make2D(NS::UInteger x, NS::UInteger y, NS::UInteger width, NS::UInteger height) {
    return Region(x, y, width, height);
  }
  static Region Make3D(NS::UInteger x,
                       NS::UInteger y,
                       NS::UInteger z,
                       NS::UInteger width,
                       NS::UInteger height,
                       NS::UInteger depth) {
    return Region(x, y, z, width, height, depth);
  }

  MTL::Origin origin;
  MTL::Size size;
};

struct SizeAndAlign {
  NS::UInteger size;
  NS::UInteger align;
};

}  // namespace MTL
