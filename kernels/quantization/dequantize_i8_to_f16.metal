#include "ingot/broadcast.h"

// The product is rounded to float, and then, as the result, to half.
struct ByScale {
  float operator()(char q, float scale) const { return float(q) * scale; }
};

template [[host_name("dequantize_i8_to_f16")]] [[kernel]] decltype(map_binary<char, float, half, ByScale>)
map_binary<char, float, half, ByScale>;
