// Lanes in the arithmetic of the grade, for operations whose formulas are the same in both: the unit's own, where a product
// that becomes a term of the same expression is one instruction with the sum, or float32.
#pragma once

#include "tthal/vector/sfpu.h"

#if TTHAL_EXACT
#include "tthal/vector/exact/arithmetic.h"
namespace tthal::sfpu {
using Lane = exact::N;
}
#else
namespace tthal::sfpu {
using Lane = F;
}
#endif

namespace tthal::sfpu {

// A product that is no part of a sum.
inline F multiplied(F a, F b) { return Lane(Lane(a) * Lane(b)); }

// The sign-and-magnitude order in which the unit compares floats: NaN lies beyond infinity, -0 below +0.
inline int32_t rank(uint32_t bits) { return static_cast<int32_t>(bits >> 31 ? ~(bits & 0x7FFFFFFF) : bits); }

}  // namespace tthal::sfpu
