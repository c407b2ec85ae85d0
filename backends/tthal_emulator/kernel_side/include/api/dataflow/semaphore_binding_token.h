// Names of semaphores as kernels are given them: `sem::NAME`, see tthal_emulator/preamble.py.
#pragma once

#include <cstdint>

// Who takes part; on Wormhole and Blackhole every semaphore is a word in L1, raised locally without an atomic.
enum class SemScope : uint8_t { LOCAL_NONATOMIC = 0, DM_LOCAL_CACHED = 1, EXTERNAL = 2, COMPUTE_ATOMIC = 3 };

struct SemaphoreBindingToken {
    uint32_t id;
    SemScope scope = SemScope::LOCAL_NONATOMIC;
};
