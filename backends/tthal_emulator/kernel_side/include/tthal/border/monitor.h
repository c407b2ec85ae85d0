// What kernels announce while a launch is observed (execution/monitor.py): one record per event, written down here and
// taken by the host whenever the processor stops, or when there is no more room. Nobody listening costs one test.
#pragma once

#include "tthal/border/abi.h"

namespace tthal {

// A number that stands for this place in the code: compiler/sites.py puts it in after linking. To be called from functions
// that are always inlined, so that it names the line of the kernel that called them.
__attribute__((always_inline)) inline uint32_t site() {
    uint32_t place;
    asm volatile("i32.const 0x6e57a11d\n\tlocal.set %0" : "=r"(place));
    return place;
}

// Whether anybody wants to know of such an event.
inline bool is_announced(MonitorEvent event) {
    return __builtin_expect(monitor().announced >> static_cast<uint32_t>(event) & 1, 0);
}
inline bool is_observed() { return __builtin_expect(monitor().observed, 0); }

// Writes a record down, which is four words of 8 bytes, so that all go to the library in registers; there, so that call
// sites stay small.
void announce(uint64_t head, uint64_t remote, uint64_t sizes, uint64_t place);
void announce_word(uint64_t head, uint64_t remote, uint64_t sizes, uint64_t place);

// The same for events that are announced and happen often: in place, unless there is no room or more to do.
__attribute__((always_inline)) inline void announce_often(uint64_t head, uint64_t remote, uint64_t sizes,
                                                          uint64_t place) {
    Monitor& here = monitor();
    const uint32_t count = here.record_count;
    if (__builtin_expect(count >= here.record_room, 0)) return announce(head, remote, sizes, place);
    uint64_t* const record = reinterpret_cast<uint64_t*>(&here.records[count]);
    record[0] = head;
    record[1] = remote;
    record[2] = sizes;
    record[3] = place;
    compiler_barrier();
    here.record_count = count + 1;
}

inline uint64_t word_pair(uint32_t low, uint32_t high) { return low | static_cast<uint64_t>(high) << 32; }
inline uint32_t record_head(uint32_t event, uint32_t noc, uint32_t flags, uint32_t id) {
    return event | (noc & 0xFF) << 8 | (flags & 0xFF) << 16 | id << 24;
}
inline void announce(MonitorEvent event, uint32_t place, uint32_t id, uint32_t local = 0, uint32_t value = 0,
                     uint32_t size = 0, uint64_t remote = 0, uint32_t extra = 0) {
    announce(word_pair(record_head(static_cast<uint32_t>(event), 0, 0, id), local), remote, word_pair(size, value),
             word_pair(extra, place));
}
__attribute__((always_inline)) inline void announce_often(MonitorEvent event, uint32_t place, uint32_t id,
                                                          uint32_t local, uint32_t value, uint32_t size = 0,
                                                          uint64_t remote = 0, uint32_t extra = 0) {
    announce_often(word_pair(record_head(static_cast<uint32_t>(event), 0, 0, id), local), remote,
                   word_pair(size, value), word_pair(extra, place));
}
// The time by who listens, in cycles of the device's clock, or 0; `cycles` are waited besides.
uint64_t ask_clock(uint32_t place, uint32_t cycles);

// FNV-1a, as tthal/observer.py has it.
consteval uint32_t name_hash(const char* name) {
    uint32_t value = 0x811C9DC5;
    for (; *name != 0; name++) value = (value ^ static_cast<uint8_t>(*name)) * 0x01000193;
    return value;
}

}  // namespace tthal
