// What the vendor's firmware and kernels share of a processor: the wall clock, waiting, which processor this is.
#pragma once

#include "tthal/border/clock.h"
#include "tthal/border/noc_queue.h"
#include "tthal/common.h"

enum class TensixProcessorTypes : uint8_t { DM0 = 0, DM1 = 1, MATH0 = 2, MATH1 = 3, MATH2 = 4, COUNT = 5 };

// A compute kernel counts as DM1, as in the vendor's headers: the constant is for data movement, where the preamble has it.
#if defined(COMPILE_FOR_TRISC)
constexpr uint8_t proc_type = static_cast<uint8_t>(TensixProcessorTypes::DM1);
#endif

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
