// Swizzles without properties, which NVRTC does not have: the translation writes `v.xz` as `v.get_xz()`, and as `v.ref_xz()`
// where it is assigned to (src/msl/swizzles.hpp).
#pragma once

namespace softmetal {

// The components that an assignment goes to, of a vector that outlives the expression.
template <class Owner, class V, V (Owner::*Get)() const, void (Owner::*Put)(V)>
struct Swizzled {
  constexpr void operator=(const V& v) const { (owner.*Put)(v); }
#define SOFTMETAL_ASSIGN(op) \
  constexpr void operator op##=(const V& v) const { (owner.*Put)((owner.*Get)() op v); }
  SOFTMETAL_ASSIGN(+)
  SOFTMETAL_ASSIGN(-)
  SOFTMETAL_ASSIGN(*)
  SOFTMETAL_ASSIGN(/)
  SOFTMETAL_ASSIGN(%)
  SOFTMETAL_ASSIGN(&)
  SOFTMETAL_ASSIGN(|)
  SOFTMETAL_ASSIGN(^)
  SOFTMETAL_ASSIGN(<<)
  SOFTMETAL_ASSIGN(>>)
#undef SOFTMETAL_ASSIGN

  Owner& owner;
};

}  // namespace softmetal

#define SOFTMETAL_PROPERTY(name, N, other_name)                                            \
  constexpr auto ref_##name() {                                                            \
    return ::softmetal::                                                                   \
        Swizzled<Components, ::metal::vec<T, N>, &Components::get_##name, &Components::put_##name>{ \
            *this};                                                                        \
  }
