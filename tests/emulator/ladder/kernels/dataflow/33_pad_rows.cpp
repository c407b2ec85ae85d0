// Pads rows on the right and at the bottom: data rows are read behind zeros' place, the rest is filled in L1.
#include <cstring>
#include "dataflow_api.h"

void kernel_main() {
    const uint32_t rows = get_arg_val<uint32_t>(2), row_bytes = get_arg_val<uint32_t>(3);
    const uint32_t first = get_arg_val<uint32_t>(4), last = get_arg_val<uint32_t>(5),
                   padded_bytes = get_arg_val<uint32_t>(6);
    const uint32_t value = get_arg_val<uint32_t>(7);
    const InterleavedAddrGen<true> source{.bank_base_address = get_arg_val<uint32_t>(0), .page_size = row_bytes};
    const InterleavedAddrGen<true> target{.bank_base_address = get_arg_val<uint32_t>(1), .page_size = padded_bytes};
    cb_reserve_back(0, 2);
    const uint32_t line = get_write_ptr(0), filled = line + padded_bytes;
    for (uint32_t i = 0; i < padded_bytes / 4; i++) reinterpret_cast<volatile uint32_t*>(filled)[i] = value;
    for (uint32_t row = first; row < last; row++) {
        // The core's own memory is a node like any other.
        noc_async_read(get_noc_addr(filled), line, padded_bytes);
        noc_async_read_barrier();
        if (row < rows) {
            noc_async_read(get_noc_addr(row, source), filled, row_bytes);
            noc_async_read_barrier();
            std::memmove(reinterpret_cast<void*>(line), reinterpret_cast<void*>(filled), row_bytes);
            for (uint32_t i = 0; i < row_bytes / 4; i++) reinterpret_cast<volatile uint32_t*>(filled)[i] = value;
        }
        noc_async_write(line, get_noc_addr(row, target), padded_bytes);
        noc_async_write_barrier();
    }
}
