// What the low-level kernels offer to every processor, in namespace ckernel.
#pragma once

#include "tthal/common.h"
#include "tthal/language/llk_defs.h"
#include "tthal/dataflow/mailboxes.h"

namespace ckernel {

constexpr uint32_t TILE_HEIGHT = 32, TILE_WIDTH = 32, TILE_HW = TILE_HEIGHT * TILE_WIDTH;
constexpr uint32_t FACE_HEIGHT = 16, FACE_WIDTH = 16, FACE_HW = FACE_HEIGHT * FACE_WIDTH;
constexpr uint32_t TILE_R_DIM = TILE_HEIGHT, TILE_C_DIM = TILE_WIDTH, FACE_R_DIM = FACE_HEIGHT, FACE_C_DIM = FACE_WIDTH;

// Reads a word after all that was stored before.
inline uint32_t load_blocking(const volatile uint32_t* word) {
    tthal::compiler_barrier();
    const uint32_t value = *word;
    tthal::compiler_barrier();
    return value;
}

}  // namespace ckernel

inline void clobber_all_memory() { tthal::compiler_barrier(); }

// Time is what the other processors do meanwhile.
inline void riscv_wait(uint32_t) { tthal::let_others_run(); }
