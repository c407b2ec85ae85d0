// Stage 31: one row onto the rows of a whole shard, h_blk tiles of a column of tiles per DST section.
#include "api/compute/bcast.h"
#include "api/dataflow/dataflow_buffer.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    DataflowBuffer shard(dfb::in0), row(dfb::in1), result(dfb::out);
    const uint32_t Ht = get_arg(args::Ht), Wt = get_arg(args::Wt), step = get_arg(args::h_blk);
    const uint32_t rows = get_arg(args::Ht_per_batch_b);
    compute_kernel_hw_startup(dfb::in0, dfb::in1, dfb::out);
    bcast_init<BCAST_LLKOP, BCAST_DIM>(dfb::in0, dfb::in1);
    shard.wait_front(Ht * Wt);
    result.reserve_back(Ht * Wt);
    for (uint32_t batch = 0; batch < get_arg(args::batch_b); batch++)
        for (uint32_t column = 0; column < Wt; column++) {
            row.wait_front(1);
            for (uint32_t top = 0; top < rows; top += step) {
                const uint32_t tiles = rows - top < step ? rows - top : step,
                               first = (batch * rows + top) * Wt + column;
                tile_regs_acquire();
                for (uint32_t i = 0; i < tiles; i++) BCAST_OP<BCAST_DIM>(dfb::in0, dfb::in1, first + i * Wt, 0, i);
                tile_regs_commit();
                tile_regs_wait();
                for (uint32_t i = 0; i < tiles; i++) pack_tile<true>(i, dfb::out, first + i * Wt);
                tile_regs_release();
            }
            row.pop_front(1);
        }
    result.push_back(Ht * Wt);
    shard.pop_front(Ht * Wt);
}
