// Stage 22: a batch of products of matrices, in the words of the newest generation.
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/matmul.h"
#include "api/dataflow/dataflow_buffer.h"

constexpr uint32_t in0 = get_named_compile_time_arg_val("cb_in0"), in1 = get_named_compile_time_arg_val("cb_in1");
constexpr uint32_t out = get_named_compile_time_arg_val("cb_out");

void kernel_main() {
    constexpr uint32_t batch = get_compile_time_arg_val(0), Mt = get_compile_time_arg_val(1);
    constexpr uint32_t Kt = get_compile_time_arg_val(2), Nt = get_compile_time_arg_val(3);
    DataflowBuffer left(in0), right(in1), result(out);
    compute_kernel_hw_startup<SrcOrder::Reverse>(in0, in1, out);
    matmul_init(in0, in1);
    for (uint32_t tile = 0; tile < batch * Mt * Nt; tile++) {
        tile_regs_acquire();
        for (uint32_t k = 0; k < Kt; k++) {
            left.wait_front(1);
            right.wait_front(1);
            matmul_tiles(in0, in1, 0, 0, 0);
            left.pop_front(1);
            right.pop_front(1);
        }
        tile_regs_commit();
        result.reserve_back(1);
        tile_regs_wait();
        pack_tile(0, out);
        tile_regs_release();
        result.push_back(1);
    }
}
