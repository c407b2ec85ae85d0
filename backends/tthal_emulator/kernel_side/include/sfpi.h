// Custom code for the vector unit: the vendor's sfpi library on 32 lanes of WebAssembly SIMD.
//
// What kernels write with it means the same here, lane by lane; docs/sfpu.md lists what is there. In the exact grade it is
// the unit's arithmetic, in the fast one every operation rounds by itself to nearest even.
#pragma once

#include "sfpi/functions.h"
#include "sfpi/lookup.h"
#include "sfpi/predication.h"
#include "sfpi/registers.h"
#include "sfpi/vectors.h"
