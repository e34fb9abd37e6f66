// The part of metal-cpp's Foundation that compute programs use, with the same names and signatures.
// NS_PRIVATE_IMPLEMENTATION, which Apple's headers need in one source file, may be defined and has
// no effect.
#pragma once

#include "Foundation/NSArray.hpp"
#include "Foundation/NSAutoreleasePool.hpp"
#include "Foundation/NSBundle.hpp"
#include "Foundation/NSDictionary.hpp"
#include "Foundation/NSEnumerator.hpp"
#include "Foundation/NSError.hpp"
#include "Foundation/NSNumber.hpp"
#include "Foundation/NSObject.hpp"
#include "Foundation/NSProcessInfo.hpp"
#include "Foundation/NSRange.hpp"
#include "Foundation/NSSet.hpp"
#include "Foundation/NSSharedPtr.hpp"
#include "Foundation/NSString.hpp"
#include "Foundation/NSTypes.hpp"
#include "Foundation/NSURL.hpp"
