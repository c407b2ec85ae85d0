// Stage 19: what happens to a tile is a macro of the host program's.
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/dataflow/dataflow_buffer.h"

void kernel_main() {
    DataflowBuffer in(tt::CBIndex::c_0), out(tt::CBIndex::c_2);
    compute_kernel_hw_startup(tt::CBIndex::c_0, tt::CBIndex::c_2);
    copy_init(tt::CBIndex::c_0);
    for (uint32_t left = get_arg_val<uint32_t>(0); left > 0; left--) {
        in.wait_front(1);
        tile_regs_acquire();
        copy_tile(tt::CBIndex::c_0, 0, 0);
        SFPU_OP_CHAIN_0
        tile_regs_commit();
        in.pop_front(1);
        out.reserve_back(1);
        tile_regs_wait();
        pack_tile(0, tt::CBIndex::c_2);
        tile_regs_release();
        out.push_back(1);
    }
}
