// Which of the processor's vectors multiply best; see VECTOR_FLAGS in build.py.
#include "compiled.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tthal {
namespace {

#if defined(__x86_64__)
uint64_t enabled_states() {
    uint32_t low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return static_cast<uint64_t>(high) << 32 | low;
}

uint32_t find_form() {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    const bool saves_wide_registers = c >> 27 & 1, has_fma = c >> 12 & 1;
    if (!saves_wide_registers || !has_fma || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    const uint64_t states = enabled_states();
    const bool has_avx2 = b >> 5 & 1 && (states & 6) == 6;
    const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    if (has_avx2 && (b & avx512) == avx512 && (states & 0xE6) == 0xE6) return 2;
    return has_avx2 ? 1 : 0;
}
#else
uint32_t find_form() { return 0; }
#endif

}  // namespace
}  // namespace tthal

extern "C" unsigned tthal_vector_form(void) { return tthal::find_form(); }
