// Circular buffers that span cores. They belong to a global circular buffer, which a host program here cannot make: so
// the kernels that can do without one compile, and those that use one do not, with these names in the error.
#pragma once

#include "tthal/language/refused.h"

// Always inlined, so that a site is the kernel's line.
#pragma clang attribute push(__attribute__((always_inline)), apply_to = function)

#define TTHAL_REMOTE(name) \
    TTHAL_REFUSED_CALL(name, \
                       "host programs cannot make global circular buffers here; send pages with Noc and Semaphore")

namespace experimental {

TTHAL_REMOTE(remote_cb_wait_front)
TTHAL_REMOTE(remote_cb_pop_front)
TTHAL_REMOTE(remote_cb_reserve_back)
TTHAL_REMOTE(remote_cb_sender_barrier)
TTHAL_REMOTE(remote_cb_push_back_and_write_pages)
TTHAL_REMOTE(resize_remote_sender_cb_interface)
TTHAL_REMOTE(resize_remote_receiver_cb_interface)
TTHAL_REMOTE(update_remote_cb_config_in_l1)
TTHAL_REMOTE(align_local_cbs_to_remote_cb)

class RemoteCircularBuffer {
public:
    template <typename Index>
    explicit RemoteCircularBuffer(Index) {
        static_assert(sizeof(Index) == 0,
                      "RemoteCircularBuffer is not emulated: host programs cannot make global "
                      "circular buffers here; send pages with Noc and Semaphore");
    }
};

}  // namespace experimental

#undef TTHAL_REMOTE

#pragma clang attribute pop
