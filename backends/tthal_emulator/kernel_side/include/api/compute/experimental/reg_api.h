// Sections of DST that MATH clears when it takes them, instead of PACK when it gives them back. Not on Wormhole.
#pragma once

#include "api/compute/common.h"

#ifdef ARCH_BLACKHOLE
namespace ckernel {

// A section is zero when it is acquired, one way or the other.
ALWI void tile_regs_acquire_math_clear() { tile_regs_acquire(); }
ALWI void tile_regs_release_math_clear() { tile_regs_release(); }

}  // namespace ckernel
#endif
