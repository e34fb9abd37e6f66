// metal-cpp is header-only; exactly one file of a program must hold its definitions. softmetal's headers need none.
#define NS_PRIVATE_IMPLEMENTATION
#define MTL_PRIVATE_IMPLEMENTATION
#include <Foundation/Foundation.hpp>
#include <Metal/Metal.hpp>
