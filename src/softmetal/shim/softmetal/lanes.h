// The exchange between the lanes of a SIMD-group or quad-group: what each brings, and the work on what all bring.
#pragma once

#include <metal_integer>
#include <metal_math>

#include "softmetal/runtime.h"

// The last lane to arrive works on the operands of all: none of that is an access of the kernel.
#pragma clang attribute push(__attribute__((no_sanitize("kernel-address"))), apply_to = function)

namespace softmetal {

// One lane's call: its operand goes in, its result comes out.
template <class T>
struct LaneCall : Collective {
  T value;
  T filling;       // of shuffle_and_fill
  unsigned lane;   // or distance, of shuffles
  unsigned modulo;
};

// What one group of lanes (the SIMD-group, or one quad of it) brings: its values in order, and who is active.
template <class T, unsigned Width>
struct Lanes {
  LaneCall<T>* call[Width];
  T value[Width];
  unsigned active;
  unsigned undefined = 0;  // those that read from an inactive lane

  bool is_active(unsigned lane) const { return lane < Width && (active >> lane & 1) != 0; }
};

// Runs Work on each group of Width lanes that has an active one.
template <class T, unsigned Width, class Work>
unsigned perform(Collective* const* calls, unsigned active) {
  unsigned undefined = 0;
  for (unsigned first = 0; first < kSimdWidth; first += Width) {
    Lanes<T, Width> lanes;
    lanes.active = active >> first & (~0u >> (32 - Width));
    if (lanes.active == 0) {
      continue;
    }
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        lanes.call[i] = static_cast<LaneCall<T>*>(calls[first + i]);
        lanes.value[i] = lanes.call[i]->value;
      }
    }
    Work::run(lanes);
    undefined |= lanes.undefined << first;
  }
  return undefined;
}

template <class Work>
constexpr CollectiveFunction::Kind kind_of = CollectiveFunction::kExchange;

template <class T, unsigned Width, class Work>
constexpr CollectiveFunction function_of = {&perform<T, Width, Work>, kind_of<Work>, Width};

template <unsigned Width, class Work, class T>
[[clang::convergent, gnu::always_inline]] inline T meet_with(T value,
                                                            unsigned lane = 0,
                                                            T filling = T(),
                                                            unsigned modulo = Width) {
  LaneCall<T> call;
  call.function = &function_of<T, Width, Work>;
  call.value = value;
  call.filling = filling;
  call.lane = lane;
  call.modulo = modulo;
  meet(&call);
  return call.value;
}

struct Sum {
  template <class T>
  static T of(T a, T b) {
    return T(a + b);
  }
};
struct Product {
  template <class T>
  static T of(T a, T b) {
    return T(a * b);
  }
};
struct Minimum {
  template <class T>
  static T of(T a, T b) {
    return T(metal::min(a, b));
  }
};
struct Maximum {
  template <class T>
  static T of(T a, T b) {
    return T(metal::max(a, b));
  }
};
struct And {
  template <class T>
  static T of(T a, T b) {
    return T(a & b);
  }
};
struct Or {
  template <class T>
  static T of(T a, T b) {
    return T(a | b);
  }
};
struct Xor {
  template <class T>
  static T of(T a, T b) {
    return T(a ^ b);
  }
};

template <class Operation>
struct Reduce {
  template <class T, unsigned Width>
  static void run(Lanes<T, Width>& lanes) {
    constexpr unsigned kAll = ~0u >> (32 - Width);
    const T total = lanes.active == kAll ? of_all(lanes.value) : of_some(lanes);
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        lanes.call[i]->value = total;
      }
    }
  }

 private:
  template <class T, unsigned Width>
  static T of_all(T (&value)[Width]) {
    for (unsigned distance = Width / 2; distance > 0; distance /= 2) {
      for (unsigned i = 0; i < distance; ++i) {
        value[i] = Operation::of(value[i], value[i + distance]);
      }
    }
    return value[0];
  }

  // The same pairs; a lane without a partner passes its value on.
  template <class T, unsigned Width>
  static T of_some(Lanes<T, Width> lanes) {
    for (unsigned distance = Width / 2; distance > 0; distance /= 2) {
      for (unsigned i = 0; i < distance; ++i) {
        if (!lanes.is_active(i + distance)) {
          continue;
        }
        lanes.value[i] = lanes.is_active(i)
                             ? Operation::of(lanes.value[i], lanes.value[i + distance])
                             : lanes.value[i + distance];
        lanes.active |= 1u << i;
      }
    }
    return lanes.value[0];
  }
};

template <class Operation, bool Inclusive, int Identity>
struct Scan {
  template <class T, unsigned Width>
  static void run(Lanes<T, Width>& lanes) {
    T before = T(Identity);
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        const T after = Operation::of(before, lanes.value[i]);
        lanes.call[i]->value = Inclusive ? after : before;
        before = after;
      }
    }
  }
};

// Which lanes may be read from: the active ones, and with shuffle_up and _down also those beyond the ends, where a lane
// keeps its value.
struct OnlyActive {
  template <unsigned Width>
  static bool is_defined(unsigned active, unsigned source) {
    return source < Width && (active >> source & 1) != 0;
  }
};
struct ActiveOrBeyond {
  template <unsigned Width>
  static bool is_defined(unsigned active, unsigned source) {
    return source >= Width || (active >> source & 1) != 0;
  }
};

// Each lane reads the value of lane Source::of(own lane, its argument).
template <class Source>
struct Shuffle {
  template <class T, unsigned Width>
  static void run(Lanes<T, Width>& lanes) {
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        const unsigned source = Source::template of<Width>(i, lanes.call[i]->lane);
        lanes.call[i]->value = lanes.value[lanes.is_active(source) ? source : i];
        lanes.undefined |= Source::template is_defined<Width>(lanes.active, source) ? 0 : 1u << i;
      }
    }
  }
};
struct FromLane : OnlyActive {
  template <unsigned>
  static unsigned of(unsigned, unsigned lane) {
    return lane;
  }
};
struct FromBelow : ActiveOrBeyond {
  template <unsigned>
  static unsigned of(unsigned i, unsigned distance) {
    return i - distance;  // wraps to a lane that does not exist
  }
};
struct FromAbove : ActiveOrBeyond {
  template <unsigned>
  static unsigned of(unsigned i, unsigned distance) {
    return i + distance;
  }
};
struct FromXor : OnlyActive {
  template <unsigned>
  static unsigned of(unsigned i, unsigned mask) {
    return i ^ mask;
  }
};
struct FromBelowAround : OnlyActive {
  template <unsigned Width>
  static unsigned of(unsigned i, unsigned distance) {
    return (i - distance) % Width;
  }
};
struct FromAboveAround : OnlyActive {
  template <unsigned Width>
  static unsigned of(unsigned i, unsigned distance) {
    return (i + distance) % Width;
  }
};
struct FromFirst {
  template <class T, unsigned Width>
  static void run(Lanes<T, Width>& lanes) {
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        lanes.call[i]->value = lanes.value[__builtin_ctz(lanes.active)];
      }
    }
  }
};

// Shuffles within segments of `modulo` lanes; what leaves a segment's end is replaced from `filling` at its other end.
template <bool Up>
struct ShuffleAndFill {
  template <class T, unsigned Width>
  static void run(Lanes<T, Width>& lanes) {
    for (unsigned i = 0; i < Width; ++i) {
      if (!lanes.is_active(i)) {
        continue;
      }
      const unsigned modulo = lanes.call[i]->modulo;
      const unsigned segment = i - i % modulo;
      const unsigned distance = lanes.call[i]->lane;
      const unsigned place = i % modulo;
      const bool fill = Up ? place < distance : place + distance >= modulo;
      const unsigned source = segment + (place + (Up ? modulo - distance % modulo : distance)) % modulo;
      if (lanes.is_active(source)) {
        lanes.call[i]->value = fill ? lanes.call[source]->filling : lanes.value[source];
      } else {
        lanes.undefined |= 1u << i;
      }
    }
  }
};

// The lanes whose value is not zero.
struct Ballot {
  template <unsigned Width>
  static void run(Lanes<unsigned, Width>& lanes) {
    unsigned votes = 0;
    for (unsigned i = 0; i < Width; ++i) {
      votes |= lanes.is_active(i) && lanes.value[i] != 0 ? 1u << i : 0;
    }
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        lanes.call[i]->value = votes;
      }
    }
  }
};
struct Active {
  template <unsigned Width>
  static void run(Lanes<unsigned, Width>& lanes) {
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        lanes.call[i]->value = lanes.active;
      }
    }
  }
};
struct First {
  template <unsigned Width>
  static void run(Lanes<unsigned, Width>& lanes) {
    for (unsigned i = 0; i < Width; ++i) {
      if (lanes.is_active(i)) {
        lanes.call[i]->value = i == unsigned(__builtin_ctz(lanes.active));
      }
    }
  }
};

// Whether and, or and xor are defined: for integers and vectors of them.
template <class T>
constexpr bool has_bits = __is_integral(metal::make_scalar_t<T>);

template <>
constexpr CollectiveFunction::Kind kind_of<FromFirst> = CollectiveFunction::kVote;
template <>
constexpr CollectiveFunction::Kind kind_of<Ballot> = CollectiveFunction::kVote;
template <>
constexpr CollectiveFunction::Kind kind_of<Active> = CollectiveFunction::kVote;
template <>
constexpr CollectiveFunction::Kind kind_of<First> = CollectiveFunction::kVote;

// The meeting is all that a barrier does.
constexpr CollectiveFunction kSimdBarrier = {
    [](Collective* const*, unsigned) { return 0u; }, CollectiveFunction::kBarrier, kSimdWidth};

}  // namespace softmetal

#pragma clang attribute pop
