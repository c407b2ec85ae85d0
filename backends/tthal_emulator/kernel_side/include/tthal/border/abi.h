// The border between kernels and the host: the processor block, the core's shared registers, and the host calls. What both
// halves know is generated from the tables in backends/tthal_emulator/abi: codes.h and layout.h.
#pragma once

#include "tthal/border/layout.h"

// From sizes and addresses of circular buffers to bytes; the compute processor's are in larger units.
#ifdef TTHAL_COMPUTE
constexpr uint32_t cb_addr_shift = tthal::COMPUTE_ADDRESS_SHIFT;
#else
constexpr uint32_t cb_addr_shift = 0;
#endif

namespace tthal {

// The compiler is told where they lie: compiler/flags.py, from engine/memory_map.py.
inline ProcessorBlock& processor() { return *reinterpret_cast<ProcessorBlock*>(TTHAL_BLOCK_BASE); }
inline Monitor& monitor() { return *reinterpret_cast<Monitor*>(TTHAL_BLOCK_BASE + TTHAL_BLOCK_SIZE); }
inline CoreRegisters& core_registers() { return *reinterpret_cast<CoreRegisters*>(TTHAL_REGISTERS_BASE); }

static_assert(sizeof(ProcessorBlock) <= TTHAL_BLOCK_SIZE && sizeof(Monitor) <= TTHAL_MONITOR_SIZE && sizeof(CoreRegisters) <= TTHAL_REGISTERS_SIZE);

#ifdef __wasm__
#define TTHAL_HOST(name) extern "C" __attribute__((import_module("tt"), import_name(#name)))
TTHAL_HOST(wait) void tthal_host_wait(uint32_t kind, uint32_t a, uint32_t b);  // a Wait
TTHAL_HOST(noc) void tthal_host_noc(uint32_t reason);                          // a HandOver
TTHAL_HOST(records) void tthal_host_records();                                 // no room for more MonitorRecords
TTHAL_HOST(print) void tthal_host_print(uint32_t address, uint32_t size);
TTHAL_HOST(misuse) void tthal_host_misuse(uint32_t what, uint32_t a, uint32_t b);      // a Misuse
TTHAL_HOST(odd_division) void tthal_host_odd_division(uint32_t what, uint32_t place);  // an OddDivision
TTHAL_HOST(tile)
void tthal_host_tile(uint32_t operation, uint32_t dst, uint32_t a, uint32_t b, uint32_t c, uint32_t d, uint32_t e,
                     uint32_t f);
// dst += in0 * in1: 32x32 tiles in L1, `stride` bytes apart; shape is a ProductShape.
TTHAL_HOST(matmul)
void tthal_host_matmul(uint32_t in0, uint32_t stride0, uint32_t in1, uint32_t stride1, uint32_t* dst, uint32_t shape);
#undef TTHAL_HOST

inline void compiler_barrier() { asm volatile("" ::: "memory"); }

[[noreturn]] inline void misuse(Misuse what, uint32_t a = 0, uint32_t b = 0) {
    tthal_host_misuse(static_cast<uint32_t>(what), a, b);
    __builtin_trap();
}
#endif

}  // namespace tthal
