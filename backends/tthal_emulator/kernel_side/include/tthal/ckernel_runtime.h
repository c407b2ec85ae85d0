// What the low-level kernels offer to every processor, in namespace ckernel.
#pragma once

#include "internal/tt-1xx/risc_common.h"
#include "tthal/common.h"
#include "tthal/language/division.h"
#include "tthal/language/llk_defs.h"
#include "tthal/dataflow/mailboxes.h"

// Registers: tt-isa-documentation, WormholeB0/TensixTile, debug timestamper. Kernels ask whether they are macros.
#define RISCV_DEBUG_REG_WALL_CLOCK_0 0xFFB121F0u
#define RISCV_DEBUG_REG_WALL_CLOCK_1 0xFFB121F4u
#define RISCV_DEBUG_REG_WALL_CLOCK_1_AT 0xFFB121F8u
#define RISCV_DEBUG_REG_WALL_CLOCK_L RISCV_DEBUG_REG_WALL_CLOCK_0
#define RISCV_DEBUG_REG_WALL_CLOCK_H RISCV_DEBUG_REG_WALL_CLOCK_1_AT

namespace ckernel {

constexpr uint32_t TILE_HEIGHT = 32, TILE_WIDTH = 32, TILE_HW = TILE_HEIGHT * TILE_WIDTH;
constexpr uint32_t FACE_HEIGHT = 16, FACE_WIDTH = 16, FACE_HW = FACE_HEIGHT * FACE_WIDTH;
constexpr uint32_t TILE_R_DIM = TILE_HEIGHT, TILE_C_DIM = TILE_WIDTH, FACE_R_DIM = FACE_HEIGHT, FACE_C_DIM = FACE_WIDTH;

inline uint64_t read_wall_clock() { return ::get_timestamp(); }

// A register of the chip, or a word of L1: what is no memory of this core here is a fault that says so. The wall clock is
// there; reading its low word keeps the high one, as on the card.
inline uint32_t reg_read(uint32_t address) {
    if (address == RISCV_DEBUG_REG_WALL_CLOCK_0) return ::get_timestamp_32b();
    if (address == RISCV_DEBUG_REG_WALL_CLOCK_1) return static_cast<uint32_t>(::get_timestamp() >> 32);
    if (address == RISCV_DEBUG_REG_WALL_CLOCK_H) return static_cast<uint32_t>(tthal::wall_clock >> 32);
    return *reinterpret_cast<volatile uint32_t*>(address);
}

// Reads a word after all that was stored before.
inline uint32_t load_blocking(const volatile uint32_t* word) {
    tthal::compiler_barrier();
    const uint32_t value = *word;
    tthal::compiler_barrier();
    return value;
}

}  // namespace ckernel
