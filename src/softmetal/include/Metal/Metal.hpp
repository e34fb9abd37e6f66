// The part of metal-cpp's Metal that compute programs use, with the same names and signatures, for
// softmetal's device. MTL_PRIVATE_IMPLEMENTATION, which Apple's headers need in one source file,
// may be defined and has no effect.
#pragma once

#include "Metal/MTLBlitCommandEncoder.hpp"
#include "Metal/MTLBuffer.hpp"
#include "Metal/MTLCommandBuffer.hpp"
#include "Metal/MTLCommandEncoder.hpp"
#include "Metal/MTLCommandQueue.hpp"
#include "Metal/MTLComputeCommandEncoder.hpp"
#include "Metal/MTLComputePipeline.hpp"
#include "Metal/MTLDataType.hpp"
#include "Metal/MTLDevice.hpp"
#include "Metal/MTLEvent.hpp"
#include "Metal/MTLFunctionConstantValues.hpp"
#include "Metal/MTLLibrary.hpp"
#include "Metal/MTLResource.hpp"
#include "Metal/MTLTypes.hpp"
