// The wall clock's registers, for loads through a kernel's own pointer; callers are written by compiler/clock_registers.py.
#include "tthal/border/clock.h"

extern "C" uint32_t tthal_wall_clock(uint32_t offset, uint32_t place) {
    constexpr uint32_t LOW = 0, KEPT_HIGH = 8;
    if (offset == KEPT_HIGH) return static_cast<uint32_t>(tthal::wall_clock >> 32);
    const uint64_t time = tthal::look_at_clock(0, place);
    return static_cast<uint32_t>(offset == LOW ? time : time >> 32);
}
