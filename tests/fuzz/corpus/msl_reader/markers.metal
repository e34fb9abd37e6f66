#line 3 "a\\b"
#include "x.h"
/* c */ // d
constant int a[2] = {0x1p+3, 0.5h}; constant char b = '\'';
#pragma unroll
constant int c = R"x(()
)x"[0];
