// Stage 13: tiles copied one by one, with the bindings of the newest generation; two formats make it a conversion.
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/dataflow/dataflow_buffer.h"
#include "experimental/kernel_args.h"

void kernel_main() {
    DataflowBuffer in(dfb::in), out(dfb::out);
    compute_kernel_hw_startup(dfb::in, dfb::out);
    copy_init(dfb::in);
    for (uint32_t i = 0; i < get_arg(args::per_core_tile_cnt); i++) {
        in.wait_front(1);
        tile_regs_acquire();
        copy_tile(dfb::in, 0, 0);
        tile_regs_commit();
        in.pop_front(1);
        out.reserve_back(1);
        tile_regs_wait();
        pack_tile(0, dfb::out);
        tile_regs_release();
        out.push_back(1);
    }
}
