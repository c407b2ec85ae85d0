// Prints pages of row-major data, one page a line; tiles, one row a line; the state of a circular buffer.
#pragma once

#include "api/debug/dprint.h"
#include "tthal/dataflow/circular_buffers.h"

namespace tthal {

template <typename T, typename Shown = T>
inline void print_pages(uint32_t address, uint32_t values_per_page, uint32_t pages, uint32_t start) {
    const volatile T* value = reinterpret_cast<const volatile T*>(address) + start * values_per_page;
    for (uint32_t page = 0; page < pages; page++) {
        DPRINT("{}: ", start + page);
        for (uint32_t i = 0; i < values_per_page; i++) DPRINT("{} ", Shown(*value++));
        DPRINT("\n");
    }
}

}  // namespace tthal

namespace tt::data_movement::common {

inline void print_bf16_pages(uint32_t l1_addr, uint32_t elts_per_page, uint32_t npages, uint32_t start = 0) {
    tthal::print_pages<uint16_t, bf16_t>(l1_addr, elts_per_page, npages, start);
}
inline void print_f32_pages(uint32_t l1_addr, uint32_t elts_per_page, uint32_t npages, uint32_t start = 0) {
    tthal::print_pages<float>(l1_addr, elts_per_page, npages, start);
}
inline void print_u8_pages(uint32_t l1_addr, uint32_t bytes_per_page, uint32_t npages, uint32_t start = 0) {
    tthal::print_pages<uint8_t>(l1_addr, bytes_per_page, npages, start);
}
inline void print_u16_pages(uint32_t l1_addr, uint32_t elts_per_page, uint32_t npages, uint32_t start = 0) {
    tthal::print_pages<uint16_t>(l1_addr, elts_per_page, npages, start);
}
inline void print_u32_pages(uint32_t l1_addr, uint32_t elts_per_page, uint32_t npages, uint32_t start = 0) {
    tthal::print_pages<uint32_t>(l1_addr, elts_per_page, npages, start);
}

}  // namespace tt::data_movement::common

inline void print_cb_details(uint32_t cb) {
    const auto& ring = get_local_cb_interface(cb);
    DPRINT << "cb_id " << cb << ": { size: " << ring.fifo_size << ", limit: " << ring.fifo_limit
           << ", page_size: " << ring.fifo_page_size << ", num_pages: " << ring.fifo_num_pages
           << ", rd_ptr: " << ring.fifo_rd_ptr << ", wr_ptr: " << ring.fifo_wr_ptr
           << ", wr_tile_ptr: " << ring.fifo_wr_tile_ptr << " }" << ENDL();
}

#if defined(COMPILE_FOR_TRISC)

namespace tthal {

inline void print_rows(uint32_t cb, uint32_t tile, bool untilized, uint8_t first, uint8_t end, uint8_t left,
                       uint8_t right) {
    DPRINT << "======" << ENDL();
    for (uint8_t row = first; row < end; row++) {
        const SliceRange range{
            .h0 = row, .h1 = static_cast<uint8_t>(row + 1), .hs = 1, .w0 = left, .w1 = right, .ws = 1};
        DPRINT << static_cast<uint32_t>(row) << " : " << TileSlice(cb, tile, range, true, untilized) << ENDL();
    }
    DPRINT << "++++++" << ENDL();
}

}  // namespace tthal

namespace tt::compute::common {

inline void print_tile_rows(uint32_t cb_idx, uint32_t tile_idx, bool untilize = false, uint16_t start_row = 0,
                            uint16_t end_row = 32, uint8_t start_col = 0, uint8_t end_col = 32) {
    DPRINT << "cb_idx: " << cb_idx << " tile_idx: " << tile_idx << ENDL();
    tthal::print_rows(cb_idx, tile_idx, untilize, start_row, end_row, start_col, end_col);
}

inline void print_full_tile(uint32_t cb_id, uint32_t tile_id = 0, bool untilize = false) {
    tthal::print_rows(cb_id, tile_id, untilize, 0, 32, 0, 32);
}

}  // namespace tt::compute::common

#endif
