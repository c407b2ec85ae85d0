// Stage 31: one row onto all rows, the operation being the program's defines, in the words of the oldest generation.
#include "compute_kernel_api/bcast.h"

namespace NAMESPACE {
void MAIN {
    const uint32_t batches = get_arg_val<uint32_t>(0), Ht = get_arg_val<uint32_t>(1), Wt = get_arg_val<uint32_t>(2);
    init_bcast<BCAST_LLKOP, BCAST_DIM>(tt::CB::c_in0, tt::CB::c_in1, tt::CB::c_out0);
    for (uint32_t tile = 0; tile < batches * Ht * Wt; tile++) {
        cb_wait_front(tt::CB::c_in1, 1);
        cb_reserve_back(tt::CB::c_out0, 1);
        acquire_dst();
        cb_wait_front(tt::CB::c_in0, 1);
        BCAST_OP<BCAST_DIM>(tt::CB::c_in0, tt::CB::c_in1, 0, 0, 0);
        pack_tile(0, tt::CB::c_out0);
        cb_pop_front(tt::CB::c_in0, 1);
        cb_pop_front(tt::CB::c_in1, 1);
        cb_push_back(tt::CB::c_out0, 1);
        release_dst();
    }
}
}
