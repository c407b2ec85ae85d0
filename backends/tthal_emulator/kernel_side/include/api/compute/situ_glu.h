// The gate's SiTU times the other half: 4 tanh(gate / 4) sigmoid(gate) * 25 tanh(up / 25). Not on Wormhole.
#pragma once

#include "tthal/vector/sfpu_api.h"

#ifdef ARCH_BLACKHOLE
namespace ckernel {

TTHAL_BINARY(situ_glu, ROUND, 4.0f * tanh(a * 0.25f) * sigmoid(a) * (25.0f * tanh(b * 0.04f)))

}  // namespace ckernel
#endif
