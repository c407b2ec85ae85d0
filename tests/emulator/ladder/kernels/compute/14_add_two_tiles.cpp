// Stage 14: one addition in the matrix unit, in the words of the oldest generation.
#include "compute_kernel_api/eltwise_binary.h"

namespace NAMESPACE {
void MAIN {
    binary_op_init_common(0, 1, 16);
    add_tiles_init(0, 1);
    cb_wait_front(0, 1);
    cb_wait_front(1, 1);
    acquire_dst(tt::DstMode::Half);
    add_tiles(0, 1, 0, 0, 0);
    cb_reserve_back(16, 1);
    pack_tile(0, 16);
    cb_push_back(16, 1);
    release_dst(tt::DstMode::Half);
    cb_pop_front(0, 1);
    cb_pop_front(1, 1);
}
}
