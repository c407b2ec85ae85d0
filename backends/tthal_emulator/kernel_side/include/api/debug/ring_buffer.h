// The watcher's ring of words: what a kernel pushes is printed.
#pragma once

#include "api/debug/dprint.h"

#define WATCHER_RING_BUFFER_PUSH(word) DPRINT("ring buffer: 0x{:x}\n", static_cast<uint32_t>(word))
