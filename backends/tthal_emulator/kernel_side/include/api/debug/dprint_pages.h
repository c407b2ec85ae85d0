// Prints pages of row-major data, one page a line.
#pragma once

#include "api/debug/dprint.h"

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
