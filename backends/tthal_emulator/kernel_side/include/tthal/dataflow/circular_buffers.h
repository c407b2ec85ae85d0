// Circular buffers: counters shared by the core's processors, pointers private to each (device-api.md §4, §9.8).
#pragma once

#include "tthal/border/noc_queue.h"

#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

using LocalCBInterface = tthal::LocalCBInterface;

namespace tthal {

// Whoever asks for a buffer's pointers may use its memory.
inline void note_asked([[maybe_unused]] uint32_t cb_id) {
#ifdef TTHAL_ACCESSES
    if (is_announced(MonitorEvent::CB_ASKED)) announce(MonitorEvent::CB_ASKED, 0, cb_id);
#endif
}

}  // namespace tthal

inline LocalCBInterface& get_local_cb_interface(uint32_t cb_id) {
    tthal::note_asked(cb_id);
    return tthal::processor().circular_buffers[cb_id];
}

inline volatile uint32_t* get_cb_tiles_received_ptr(int32_t cb_id) {
    return &tthal::core_registers().circular_buffers[cb_id].received;
}

inline volatile uint32_t* get_cb_tiles_acked_ptr(int32_t cb_id) {
    return &tthal::core_registers().circular_buffers[cb_id].acked;
}

namespace tthal {

inline LocalCBInterface& circular_buffer(uint32_t cb_id) {
    if (cb_id >= MAX_CIRCULAR_BUFFERS || processor().circular_buffers[cb_id].fifo_num_pages == 0)
        misuse(Misuse::CB_INDEX, cb_id);
    return processor().circular_buffers[cb_id];
}

inline LocalCBInterface& asked_circular_buffer(uint32_t cb_id) {
    note_asked(cb_id);
    return circular_buffer(cb_id);
}

// The counters are 16 bits wide and wrap.
inline uint32_t cb_occupancy(uint32_t cb_id) {
    const CircularBufferCounters& counters = core_registers().circular_buffers[cb_id];
    return static_cast<uint16_t>(counters.received - counters.acked);
}

// The packer and the unpacker count what they push and pop themselves, wait by these counts, and store them over the
// shared ones, so that what others pushed or popped before is forgotten (llk_io_pack.h, llk_io_unpack.h of ttnn 0.81.1).
// Others add to the shared counters and wait by them.
#ifdef TTHAL_COMPUTE
inline uint32_t known_pushed(uint32_t cb_id) { return processor().circular_buffers[cb_id].tiles_received; }
inline uint32_t known_popped(uint32_t cb_id) { return processor().circular_buffers[cb_id].tiles_acked; }
inline void count_pushed(LocalCBInterface& cb, CircularBufferCounters& counters, uint32_t pages) {
    counters.received = cb.tiles_received += pages;
}
inline void count_popped(LocalCBInterface& cb, CircularBufferCounters& counters, uint32_t pages) {
    counters.acked = cb.tiles_acked += pages;
}
#else
inline uint32_t known_pushed(uint32_t cb_id) { return core_registers().circular_buffers[cb_id].received; }
inline uint32_t known_popped(uint32_t cb_id) { return core_registers().circular_buffers[cb_id].acked; }
inline void count_pushed(LocalCBInterface&, CircularBufferCounters& counters, uint32_t pages) {
    counters.received += pages;
}
inline void count_popped(LocalCBInterface&, CircularBufferCounters& counters, uint32_t pages) {
    counters.acked += pages;
}
#endif

// Such a circular buffer's pages may be there though nobody pushed them, and stay though nobody pops them. Kernels pop and
// push them as they please: the hardware's counters do not mind.
inline bool lies_in_buffer(uint32_t cb_id) { return processor().in_buffers[cb_id / 32] >> cb_id % 32 & 1; }

inline LocalCBInterface& circular_buffer_of(uint32_t cb_id, uint32_t pages) {
    LocalCBInterface& cb = circular_buffer(cb_id);
    if (pages > cb.fifo_num_pages) misuse(Misuse::CB_TOO_MANY, cb_id, pages);
    return cb;
}

inline void announce_pages(MonitorEvent event, uint32_t place, uint32_t cb_id, uint32_t pages) {
    const LocalCBInterface& cb = processor().circular_buffers[cb_id];
    const bool writes = event == MonitorEvent::CB_RESERVED || event == MonitorEvent::CB_PUSHED;
    const uint32_t pointer = writes ? cb.fifo_wr_ptr : cb.fifo_rd_ptr;
    announce_often(event, place, cb_id, pointer << cb_addr_shift, pages);
}

// Of more pages than there are, the answer is no. Waiting for them would never end. The vendor's headers compare signed
// numbers, so fewer than no pages are always there.
inline bool has_pages_at_front(uint32_t cb_id, int32_t pages) {
    compiler_barrier();
    return static_cast<uint16_t>(core_registers().circular_buffers[cb_id].received - known_popped(cb_id)) >= pages;
}

inline bool has_room_at_back(const LocalCBInterface& cb, uint32_t cb_id, int32_t pages) {
    compiler_barrier();
    const uint32_t filled = known_pushed(cb_id) - core_registers().circular_buffers[cb_id].acked;
    return static_cast<uint16_t>(cb.fifo_num_pages - filled) >= pages;
}

// What a kernel asks for in vain, in case that it does so for ever: whose question, for how many pages, and where.
inline bool note_polled(Wait question, uint32_t cb_id, int32_t pages, uint32_t place) {
    uint32_t* const polled = processor().polled;
    polled[0] = static_cast<uint32_t>(question) + 1;
    polled[1] = cb_id;
    polled[2] = static_cast<uint32_t>(pages);
    polled[3] = place;
    return false;
}

// Whoever was told that pages are there, or free, knows as much as one who waited for them.
inline void pages_came(MonitorEvent event, uint32_t place, uint32_t cb_id, uint32_t pages) {
    if (is_announced(event)) announce_pages(event, place, cb_id, pages);
    compiler_barrier();
}

}  // namespace tthal

inline bool cb_pages_available_at_front(int32_t cb_id, int32_t pages) {
    tthal::circular_buffer(cb_id);
    const uint32_t place = tthal::site();
    if (!tthal::has_pages_at_front(cb_id, pages)) return tthal::note_polled(tthal::Wait::CB_PAGES, cb_id, pages, place);
    tthal::processor().polled[0] = 0;
    tthal::pages_came(tthal::MonitorEvent::CB_WAITED, place, cb_id, pages);
    return true;
}

inline bool cb_pages_reservable_at_back(int32_t cb_id, int32_t pages) {
    const uint32_t place = tthal::site();
    if (!tthal::has_room_at_back(tthal::circular_buffer(cb_id), cb_id, pages))
        return tthal::note_polled(tthal::Wait::CB_SPACE, cb_id, pages, place);
    tthal::processor().polled[0] = 0;
    tthal::pages_came(tthal::MonitorEvent::CB_RESERVED, place, cb_id, pages);
    return true;
}

inline void cb_wait_front(int32_t cb_id, int32_t pages) {
    tthal::circular_buffer_of(cb_id, pages);
    while (!tthal::has_pages_at_front(cb_id, pages)) tthal::wait_until_changed(tthal::Wait::CB_PAGES, cb_id, pages);
    tthal::pages_came(tthal::MonitorEvent::CB_WAITED, tthal::site(), cb_id, pages);
}

inline void cb_reserve_back(int32_t cb_id, int32_t pages) {
    const LocalCBInterface& cb = tthal::circular_buffer_of(cb_id, pages);
    while (!tthal::has_room_at_back(cb, cb_id, pages)) tthal::wait_until_changed(tthal::Wait::CB_SPACE, cb_id, pages);
    tthal::pages_came(tthal::MonitorEvent::CB_RESERVED, tthal::site(), cb_id, pages);
}

// The pointers wrap only when they land exactly on the limit, as the firmware's do; past it is the kernel's mistake.
inline void cb_push_back(int32_t cb_id, int32_t pages) {
    LocalCBInterface& cb = tthal::circular_buffer_of(cb_id, pages);
    if (tthal::is_announced(tthal::MonitorEvent::CB_PUSHED)) tthal::announce_pages(tthal::MonitorEvent::CB_PUSHED, tthal::site(), cb_id, pages);
    if (tthal::cb_occupancy(cb_id) + pages > cb.fifo_num_pages && !tthal::lies_in_buffer(cb_id))
        tthal::misuse(tthal::Misuse::CB_OVER_PUSH, cb_id, pages);
    cb.fifo_wr_ptr += pages * cb.fifo_page_size;
    if (cb.fifo_wr_ptr == cb.fifo_limit) cb.fifo_wr_ptr -= cb.fifo_size;
    if (cb.fifo_wr_ptr > cb.fifo_limit) tthal::misuse(tthal::Misuse::CB_OVER_PUSH, cb_id, pages);
    cb.fifo_wr_tile_ptr = 0;
    tthal::compiler_barrier();
    tthal::count_pushed(cb, tthal::core_registers().circular_buffers[cb_id], pages);
    tthal::compiler_barrier();
}

inline void cb_pop_front(int32_t cb_id, int32_t pages) {
    LocalCBInterface& cb = tthal::circular_buffer_of(cb_id, pages);
    if (tthal::is_announced(tthal::MonitorEvent::CB_POPPED)) tthal::announce_pages(tthal::MonitorEvent::CB_POPPED, tthal::site(), cb_id, pages);
    if (tthal::cb_occupancy(cb_id) < static_cast<uint32_t>(pages) && !tthal::lies_in_buffer(cb_id))
        tthal::misuse(tthal::Misuse::CB_OVER_POP, cb_id, pages);
    cb.fifo_rd_ptr += pages * cb.fifo_page_size;
    if (cb.fifo_rd_ptr == cb.fifo_limit) cb.fifo_rd_ptr -= cb.fifo_size;
    if (cb.fifo_rd_ptr > cb.fifo_limit) tthal::misuse(tthal::Misuse::CB_OVER_POP, cb_id, pages);
    tthal::compiler_barrier();
    tthal::count_popped(cb, tthal::core_registers().circular_buffers[cb_id], pages);
    tthal::compiler_barrier();
}

// In bytes on every processor.
inline uint32_t get_write_ptr(uint32_t cb_id) {
    return tthal::asked_circular_buffer(cb_id).fifo_wr_ptr << cb_addr_shift;
}
inline uint32_t get_read_ptr(uint32_t cb_id) {
    return tthal::asked_circular_buffer(cb_id).fifo_rd_ptr << cb_addr_shift;
}

namespace tthal {

inline uint32_t page_bytes(uint32_t cb_id) { return circular_buffer(cb_id).fifo_page_size << cb_addr_shift; }
inline uint32_t front_tile_address(uint32_t cb_id, uint32_t tile) {
    return get_read_ptr(cb_id) + tile * page_bytes(cb_id);
}
template <typename T = uint32_t>
inline T tile_element(uint32_t cb_id, uint32_t tile, uint32_t element) {
    return reinterpret_cast<const volatile T*>(front_tile_address(cb_id, tile))[element];
}

}  // namespace tthal

#pragma clang attribute pop
