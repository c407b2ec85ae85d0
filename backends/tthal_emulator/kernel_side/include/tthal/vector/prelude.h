// All that a kernel of the exact vector unit sees before its first line: precompiled once per board and two settings, which
// choose algorithms.
#pragma once

#include "tthal/compute/prelude.h"

constexpr bool APPROX = TTHAL_APPROX;
constexpr bool DST_ACCUM_MODE = TTHAL_DST_ACCUM_MODE;

#include "tthal/vector/sfpu_api.h"
