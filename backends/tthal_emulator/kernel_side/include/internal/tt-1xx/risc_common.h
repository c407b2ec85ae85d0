// What the vendor's firmware and kernels share of a processor: the wall clock, waiting, which processor this is.
#pragma once

#include "tthal/border/noc_queue.h"
#include "tthal/common.h"

enum class TensixProcessorTypes : uint8_t { DM0 = 0, DM1 = 1, MATH0 = 2, MATH1 = 3, MATH2 = 4, COUNT = 5 };

// A compute kernel counts as DM1, as in the vendor's headers: the constant is for data movement.
#if defined(COMPILE_FOR_BRISC)
constexpr uint8_t proc_type = static_cast<uint8_t>(TensixProcessorTypes::DM0);
#else
constexpr uint8_t proc_type = static_cast<uint8_t>(TensixProcessorTypes::DM1);
#endif

namespace tthal {

// Where the timing model listens (`time=on`), the clock is the model's. Else nothing measures time: it is a counter of the
// processor's own that begins with the kernel and goes on with every look at it and every wait. Intervals are positive,
// loops that wait for a time end, and runs are equal.
inline uint64_t wall_clock = 0;
constexpr uint32_t CYCLES_PER_LOOK = 32;

__attribute__((always_inline)) inline uint64_t look_at_clock(uint32_t waited = 0) {
    const uint64_t counted = wall_clock + (waited ? waited : CYCLES_PER_LOOK);
    const uint64_t modelled = is_observed() ? ask_clock(site(), waited) : 0;
    return wall_clock = modelled == 0 ? counted : modelled > wall_clock ? modelled : wall_clock + 1;
}

}  // namespace tthal

inline uint64_t get_timestamp() { return tthal::look_at_clock(); }
inline uint32_t get_timestamp_32b() { return static_cast<uint32_t>(tthal::look_at_clock()); }

struct c_tensix_core {
    static uint64_t read_wall_clock() { return get_timestamp(); }
};

// Time is what the other processors do meanwhile.
inline void riscv_wait(uint32_t cycles) {
    tthal::look_at_clock(cycles);
    tthal::let_others_run();
}

inline void clobber_all_memory() { tthal::compiler_barrier(); }
