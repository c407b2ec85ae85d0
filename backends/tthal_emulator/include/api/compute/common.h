// What every compute kernel sees.
#pragma once

#include "api/compute/cb_api.h"
#include "api/compute/common_globals.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "tthal/llk_leaks.h"

namespace ckernel {
using tt::constants::FACE_HEIGHT, tt::constants::FACE_WIDTH, tt::constants::TILE_HEIGHT, tt::constants::TILE_WIDTH;
constexpr uint32_t TILE_R_DIM = TILE_HEIGHT, TILE_C_DIM = TILE_WIDTH, FACE_R_DIM = FACE_HEIGHT, FACE_C_DIM = FACE_WIDTH;
constexpr uint32_t TILE_NUM_FACES = TILE_R_DIM * TILE_C_DIM / (FACE_R_DIM * FACE_C_DIM);
}  // namespace ckernel
