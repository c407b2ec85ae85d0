// What a lock on memory does to caches: orders the accesses.
#pragma once

#include "tthal/border/abi.h"

inline void scoped_lock_acquire_cache_ops(uintptr_t, uint32_t) { tthal::compiler_barrier(); }
inline void scoped_lock_release_cache_ops(uintptr_t, uint32_t) { tthal::compiler_barrier(); }
