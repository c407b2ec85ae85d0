// One part of a tile stands for all of it. In line: what else changes tiles in place is rarely needed with it.
#pragma once

#include "units.h"

namespace tthal::tensix {

// Spreads one row, the first column or the first element over the whole tile.
inline void simd_spread(Broadcast broadcast, uint32_t row, uint32_t* tile) {
    if (broadcast == Broadcast::NONE) return;
    alignas(16) uint32_t line[TILE_COLUMNS];
    __builtin_memcpy(line, tile + row * TILE_COLUMNS, sizeof line);
    const uint32_t first = tile[0];
    for (uint32_t i = 0; i < TILE_ROWS; i++) {
        uint32_t* target = tile + i * TILE_COLUMNS;
        if (broadcast == Broadcast::ROW) {
            __builtin_memcpy(target, line, sizeof line);
            continue;
        }
        const v128_t value = splat(broadcast == Broadcast::COL ? target[0] : first);
        for (uint32_t column = 0; column < TILE_COLUMNS; column += 4) wasm_v128_store(target + column, value);
    }
}

}  // namespace tthal::tensix
