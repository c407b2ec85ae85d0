// Custom code for the vector unit: the vendor's sfpi library on 32 lanes of WebAssembly SIMD.
//
// What kernels write with it means the same here, lane by lane; docs/sfpu.md lists what is there and where results can
// differ in the last bits: every operation rounds by itself to nearest even, where hardware fuses products and sums.
#pragma once

#include "sfpi/functions.h"
#include "sfpi/lookup.h"
#include "sfpi/predication.h"
#include "sfpi/registers.h"
#include "sfpi/vectors.h"
