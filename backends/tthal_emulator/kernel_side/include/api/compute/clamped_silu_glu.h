// SwiGLU with limits: gate = min(gate, 10), up within +-10, gate * sigmoid(gate) * up. Not on Wormhole.
#pragma once

#include "tthal/vector/sfpu_api.h"

#ifdef ARCH_BLACKHOLE
namespace ckernel {

TTHAL_BINARY(clamped_silu_glu, ROUND,
             minimum(a, F(10.0f)) * sigmoid(minimum(a, F(10.0f))) * clamp(b, F(-10.0f), F(10.0f)))

}  // namespace ckernel
#endif
