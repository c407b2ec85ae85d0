// Loads and stores of a kernel's own code, which the compiler announces when the kernel is instrumented
// (compiler/builder.py): its calls come after optimisation and are inlined by a second pass, so that a site is the access.
#pragma once

#include "tthal/border/monitor.h"

namespace tthal {

// In the runtime library: leaves out the kernel's own arguments, and joins an access to its neighbour before.
void accessed(MonitorEvent event, uint32_t address, uint32_t size, uint32_t place);

}  // namespace tthal

#ifdef TTHAL_ACCESSES
#define TTHAL_ACCESS(kind, event, size) \
    extern "C" __attribute__((always_inline, used, no_sanitize("coverage"))) inline void __sanitizer_cov_##kind##size( \
        const void* at) { \
        const uint32_t address = reinterpret_cast<uint32_t>(at); \
        if (address < TTHAL_REGISTERS_BASE) tthal::accessed(tthal::MonitorEvent::event, address, size, tthal::site()); \
    }
#define TTHAL_ACCESSES_OF(size) TTHAL_ACCESS(load, LOAD, size) TTHAL_ACCESS(store, STORE, size)
TTHAL_ACCESSES_OF(1)
TTHAL_ACCESSES_OF(2)
TTHAL_ACCESSES_OF(4)
TTHAL_ACCESSES_OF(8)
TTHAL_ACCESSES_OF(16)
#undef TTHAL_ACCESSES_OF
#undef TTHAL_ACCESS
#endif
