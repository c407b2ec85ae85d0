// What all pairs share. The host defines FAULTY_VARIANT or not, the part to compile (READER, SENDER ...), and PAGE.
#pragma once

#include <cstdint>

#ifdef FAULTY_VARIANT
#define FAULTY(...) __VA_ARGS__
#define FIXED(...)
#else
#define FAULTY(...)
#define FIXED(...) __VA_ARGS__
#endif
#define EITHER(faulty, fixed) FAULTY(faulty) FIXED(fixed)

// Circular buffers: the first and second input, scratch memory that few use as a queue, the result.
constexpr uint32_t IN = 0, IN2 = 1, SCRATCH = 2, OUT = 16;

#ifdef COMPUTE
#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/eltwise_binary.h"
#include "api/compute/matmul.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#else
#include "api/dataflow/dataflow_api.h"

using Words = volatile tt_l1_ptr uint32_t*;
constexpr uint32_t PAGE_WORDS = PAGE / 4;

inline Words words(uint32_t address) { return reinterpret_cast<Words>(address); }
inline Words semaphore(uint32_t id) { return words(get_semaphore(id)); }

inline uint64_t page_of(uint32_t base, uint32_t page) {
    const InterleavedAddrGen<true> buffer = {.bank_base_address = base, .page_size = PAGE};
    return get_noc_addr(page, buffer);
}
inline uint64_t in(uint32_t page) { return page_of(get_arg_val<uint32_t>(0), page); }
inline uint64_t out(uint32_t page) { return page_of(get_arg_val<uint32_t>(1), page); }
inline uint64_t in2(uint32_t page) { return page_of(get_arg_val<uint32_t>(5), page); }

inline void load(uint32_t page, uint32_t to) {
    noc_async_read(in(page), to, PAGE);
    noc_async_read_barrier();
}
inline void store(uint32_t page, uint32_t from) {
    noc_async_write(from, out(page), PAGE);
    noc_async_write_barrier();
}

// Core 0 is the sender, the others in its row are the receivers.
inline uint32_t me() { return get_arg_val<uint32_t>(3); }
inline uint32_t cores() { return get_arg_val<uint32_t>(4); }
inline uint32_t x_of(uint32_t core) { return get_arg_val<uint32_t>(6 + 2 * core); }
inline uint32_t y_of(uint32_t core) { return get_arg_val<uint32_t>(7 + 2 * core); }
inline uint64_t on(uint32_t core, uint32_t address) { return get_noc_addr(x_of(core), y_of(core), address); }
inline uint64_t on_cores(uint32_t first, uint32_t last, uint32_t address) {
    return get_noc_multicast_addr(x_of(first), y_of(first), x_of(last), y_of(last), address);
}
inline uint64_t on_receivers(uint32_t address) { return on_cores(1, cores() - 1, address); }
#endif

inline uint32_t pages() { return get_arg_val<uint32_t>(2); }
