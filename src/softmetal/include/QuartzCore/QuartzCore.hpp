// Programs often include this beside Metal.hpp. Nothing of QuartzCore is for computing: there is
// nothing in it. CA_PRIVATE_IMPLEMENTATION may be defined and has no effect.
#pragma once
