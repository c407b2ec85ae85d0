// The wall clock as a processor sees it.
#pragma once

#include "tthal/border/monitor.h"

namespace tthal {

// Where the timing model listens (`time=on`), the clock is the model's. Else nothing measures time: it is a counter of the
// processor's own that begins with the kernel and goes on with every look at it and every wait. Intervals are positive,
// loops that wait for a time end, and runs are equal.
inline uint64_t wall_clock = 0;
constexpr uint32_t CYCLES_PER_LOOK = 32;

__attribute__((always_inline)) inline uint64_t look_at_clock(uint32_t waited = 0,
                                                                     uint32_t place = site()) {
    const uint64_t counted = wall_clock + (waited ? waited : CYCLES_PER_LOOK);
    const uint64_t modelled = is_observed() ? ask_clock(place, waited) : 0;
    return wall_clock = modelled == 0 ? counted : modelled > wall_clock ? modelled : wall_clock + 1;
}

}  // namespace tthal
