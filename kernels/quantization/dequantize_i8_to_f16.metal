#include "ingot/broadcast.h"

// The product is rounded to float, and then, as the result, to half.
struct ByScale {
  float operator()(char q, float scale) const { return float(q) * scale; }
};

INGOT_KERNEL("dequantize_i8_to_f16", map_binary<char, float, half, ByScale>)
