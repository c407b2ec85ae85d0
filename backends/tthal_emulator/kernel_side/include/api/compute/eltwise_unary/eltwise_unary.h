// The configuration of kernels that copy one tile and work on it in DST.
#pragma once

#include "api/compute/common.h"
#include "api/compute/tile_move_copy.h"
#include "tthal/vector/llk_sfpu.h"
