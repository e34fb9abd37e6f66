#pragma once

#include <metal_stdlib>

// Integers are added without a sign: they wrap around, where signed overflow would be undefined.
struct Add {
  float operator()(float a, float b) const { return a + b; }
  uint operator()(uint a, uint b) const { return a + b; }
  int operator()(int a, int b) const { return int(uint(a) + uint(b)); }
  long operator()(long a, long b) const { return long(ulong(a) + ulong(b)); }
};
