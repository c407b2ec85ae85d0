// Circular buffers as compute kernels see them: the calls of data-movement kernels, and looking into a tile.
#pragma once

#include "tthal/dataflow/addresses.h"
#include "tthal/dataflow/circular_buffers.h"
#include "tthal/common.h"

namespace ckernel {

// Byte address in L1 of a tile counted from the front.
ALWI uint32_t get_tile_l1_byte_address(uint32_t cb, uint32_t tile) { return tthal::front_tile_address(cb, tile); }
ALWI uint32_t get_tile_address(uint32_t cb, uint32_t tile) { return get_tile_l1_byte_address(cb, tile); }

// A 32-bit word of a tile.
// Up to 2025: a pointer 16 bytes before the tile's data, where tiles once had a header, so that they begin at [4].
ALWI void cb_get_tile(uint32_t cb, uint32_t tile, volatile void* pointer) {
    *static_cast<volatile uint32_t*>(pointer) = get_tile_address(cb, tile) - 16;
}
ALWI void cb_release_tile(uint32_t cb) {}
ALWI uint32_t read_tile_value(uint32_t cb, uint32_t tile, uint32_t element) {
    return reinterpret_cast<const volatile uint32_t*>(get_tile_l1_byte_address(cb, tile))[element];
}

}  // namespace ckernel
