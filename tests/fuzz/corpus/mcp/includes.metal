#include "a.h"
#  /**/ include <metal_stdlib>
%:import "b.h"
#if __has_include("c.h")
#inc\
lude "d.h"
