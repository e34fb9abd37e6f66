#pragma once

#include <metal_stdlib>

// gelu(x) = x P(X <= x) for a standard normal X. The probability is computed from e^-|..|, which
// cannot overflow, and x is held within +-15, where the probability is 0 or 1 in float, so that
// infinities give their limits, -0 and inf. NaN stays NaN, as every choice below keeps it.

// 0.5 (1 + tanh(u)) = 1 / (1 + e^-2u), with u = sqrt(2 / pi) (x + 0.044715 x^3).
struct GeluTanh {
  float operator()(float x) const {
    const float low = x < -15.0f ? -15.0f : x;
    const float c = low > 15.0f ? 15.0f : low;
    const float e = metal::exp(-1.5957691216f * metal::fabs(c + 0.044715f * c * c * c));
    return low * ((c < 0.0f ? e : 1.0f) / (1.0f + e));
  }
};

// P(X > a) for a >= 0, relative error below 1e-6. The form is that of Abramowitz and
// Stegun 26.2.17, e^(-a^2/2) t P(t) with t = 1 / (1 + p a); p and the coefficients of P are a
// minimax fit to the relative error over 0 <= a <= 14.5, made for Ingot (error of the fit: 2.6e-8).
inline float normal_tail(float a) {
  const float t = 1.0f / (1.0f + 0.34375f * a);
  float p = -0.0275822449f;
  p = p * t + 0.142804191f;
  p = p * t - 0.269681066f;
  p = p * t + 0.18874386f;
  p = p * t - 0.0379081815f;
  p = p * t + 0.1121075f;
  p = p * t + 0.116869576f;
  p = p * t + 0.137525812f;
  p = p * t + 0.137120545f;
  return metal::exp(-0.5f * a * a) * t * p;
}

// 0.5 (1 + erf(x / sqrt(2))).
struct GeluErf {
  float operator()(float x) const {
    const float low = x < -15.0f ? -15.0f : x;
    const float c = low > 15.0f ? 15.0f : low;
    const float tail = normal_tail(metal::fabs(c));
    return low * (c < 0.0f ? tail : 1.0f - tail);
  }
};
