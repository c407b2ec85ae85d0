// Prints a tile of DST as MATH finds it, one row of a face a line.
#pragma once

#include "api/debug/dprint.h"
#include "tthal/border/tensix.h"

#if defined(COMPILE_FOR_TRISC)

template <bool print_by_face = false>
inline void dprint_tensix_dest_reg(int tile_id = 0) {
    constexpr uint32_t FACES = 4, ROWS = 16, COLUMNS = 16;
    const uint32_t* tile = tthal::tensix::look_at_tile(tile_id);
    DPRINT << "Tile ID = " << tile_id << ENDL();
    for (uint32_t face = 0; face < FACES; face++) {
        for (uint32_t row = 0; row < ROWS; row++) {
            const uint32_t* datums = tile + (face / 2 * ROWS + row) * tthal::tensix::TILE_COLUMNS + face % 2 * COLUMNS;
            for (uint32_t i = 0; i < COLUMNS; i++)
                DPRINT << FIXED() << SETW(8) << SETPRECISION(4) << __builtin_bit_cast(float, datums[i]) << " ";
            DPRINT << ENDL();
        }
        if constexpr (print_by_face) DPRINT << ENDL();
    }
}

#endif
