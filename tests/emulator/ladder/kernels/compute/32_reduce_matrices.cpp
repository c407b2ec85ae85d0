// Stage 32: matrices of Ht x Wt tiles that come row by row, reduced in one direction or both; NC of them.
#include "api/compute/reduce.h"
#include "api/dataflow/dataflow_buffer.h"
#include "experimental/kernel_args.h"

constexpr bool by_rows = REDUCE_DIM == ReduceDim::REDUCE_ROW, by_columns = REDUCE_DIM == ReduceDim::REDUCE_COL;

void kernel_main() {
    DataflowBuffer in(dfb::in0), out(dfb::out), scaler(dfb::scaler);
    compute_kernel_hw_startup(dfb::in0, dfb::scaler, dfb::out);
    reduce_init<REDUCE_OP, REDUCE_DIM>(dfb::in0, dfb::scaler, dfb::out);
    scaler.wait_front(1);
    const uint32_t rows = get_arg(args::Ht), columns = get_arg(args::Wt);
    // Tiles that end in one section of DST, and how many sections there are. Columns stay apart in DST tiles.
    const uint32_t tiles = by_rows ? columns : rows * columns, sections = get_arg(args::NC) * (by_rows ? rows : 1);
    const uint32_t results = by_columns ? columns : 1;
    for (uint32_t section = 0; section < sections; section++) {
        tile_regs_acquire();
        for (uint32_t tile = 0; tile < tiles; tile++) {
            in.wait_front(1);
            reduce_tile<REDUCE_OP, REDUCE_DIM>(dfb::in0, dfb::scaler, 0, 0, tile % results);
            in.pop_front(1);
        }
        tile_regs_commit();
        out.reserve_back(results);
        tile_regs_wait();
        pack_block(0, dfb::out, results);
        tile_regs_release();
        out.push_back(results);
    }
    reduce_uninit();
    scaler.pop_front(1);
}
