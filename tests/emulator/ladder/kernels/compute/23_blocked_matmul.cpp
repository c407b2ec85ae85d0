// Stage 23: a product in blocks of the inner dimension. What a block adds to a subblock of the result waits in buffer
// cb_intermed0 and is loaded into DST again. The compile-time arguments are those of the vendor's kernel of the kind.
#include "api/compute/matmul.h"
#include "api/compute/tile_move_copy.h"
#include "api/dataflow/dataflow_buffer.h"

constexpr uint32_t in0 = get_named_compile_time_arg_val("cb_in0"), in1 = get_named_compile_time_arg_val("cb_in1");
constexpr uint32_t out = get_named_compile_time_arg_val("cb_out"),
                   partial = get_named_compile_time_arg_val("cb_intermed0");
constexpr uint32_t inner = get_compile_time_arg_val(0), row_blocks = get_compile_time_arg_val(1);
constexpr uint32_t in0_tiles = get_compile_time_arg_val(2), in0_subblock = get_compile_time_arg_val(3);
constexpr uint32_t column_blocks = get_compile_time_arg_val(4), in1_tiles = get_compile_time_arg_val(5);
constexpr uint32_t in1_width = get_compile_time_arg_val(6), blocks = get_compile_time_arg_val(7);
constexpr uint32_t height = get_compile_time_arg_val(8), width = get_compile_time_arg_val(9);
constexpr uint32_t subblock = get_compile_time_arg_val(10), batch = get_compile_time_arg_val(11);

void load_partial() {
    reconfig_data_format_srca(in1, partial);
    copy_init(partial);
    cb_wait_front(partial, subblock);
    copy_block(partial, 0, 0, subblock);
    cb_pop_front(partial, subblock);
    reconfig_data_format_srca(partial, in1);
}

void kernel_main() {
    DataflowBuffer left(in0), right(in1);
    compute_kernel_hw_startup<SrcOrder::Reverse>(in0, in1, partial);
    for (uint32_t block = 0; block < batch * blocks; block++) {
        const bool first = block % blocks == 0, last = block % blocks == blocks - 1;
        DataflowBuffer target(last ? out : partial);
        left.wait_front(in0_tiles);
        right.wait_front(in1_tiles);
        for (uint32_t part = 0; part < row_blocks * column_blocks; part++) {
            const uint32_t row = part / column_blocks, column = part % column_blocks;
            tile_regs_acquire();
            if (!first) load_partial();
            matmul_block_init(in0, in1, 0, width, height, inner);
            for (uint32_t k = 0; k < inner; k++)
                matmul_block(in0, in1, row * in0_subblock + k, column * width + k * in1_width, 0, 0, width, height,
                             inner);
            tile_regs_commit();
            target.reserve_back(subblock);
            tile_regs_wait();
            pack_block(0, last ? out : partial, subblock);
            tile_regs_release();
            target.push_back(subblock);
        }
        left.pop_front(in0_tiles);
        right.pop_front(in1_tiles);
    }
}
