// Stage 37: an operation of two tensors, with functions before and behind it that the program chooses by defines.
#include "api/compute/eltwise_binary.h"
#include "api/compute/eltwise_unary/sfpu_split_includes.h"
#include "api/dataflow/circular_buffer.h"

constexpr uint32_t STEP = get_compile_time_arg_val(0);
constexpr uint32_t lhs = 0, rhs = 1, out = 2, prepared_lhs = 3;

// What the defines say about the left operand goes through a buffer of its own.
void prepare(CircularBuffer from, CircularBuffer to, uint32_t tiles) {
    from.wait_front(tiles);
    to.reserve_back(tiles);
    copy_init(from.get_cb_id());
    tile_regs_acquire();
    for (uint32_t i = 0; i < tiles; i++) {
        copy_tile(from.get_cb_id(), i, i);
        PROCESS_LHS_ACTIVATIONS(i)
    }
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < tiles; i++) pack_tile(i, to.get_cb_id());
    tile_regs_release();
    from.pop_front(tiles);
    to.push_back(tiles);
}

void calculate(uint32_t tiles) {
    CircularBuffer a(prepared_lhs), b(rhs), result(out);
    prepare(CircularBuffer(lhs), a, tiles);
    a.wait_front(tiles);
    b.wait_front(tiles);
    result.reserve_back(tiles);
    binary_tiles_init<true, BINARY_OP_TYPE>(prepared_lhs, rhs);
    tile_regs_acquire();
    for (uint32_t i = 0; i < tiles; i++) {
        BINARY_OP(prepared_lhs, rhs, i, i, i);
        PROCESS_POST_ACTIVATIONS(i)
    }
    tile_regs_commit();
    tile_regs_wait();
    for (uint32_t i = 0; i < tiles; i++) pack_tile(i, out);
    tile_regs_release();
    result.push_back(tiles);
    a.pop_front(tiles);
    b.pop_front(tiles);
}

void kernel_main() {
    compute_kernel_hw_startup(prepared_lhs, rhs, out);
    for (uint32_t left = get_arg_val<uint32_t>(0); left > 0; left -= left < STEP ? left : STEP)
        calculate(left < STEP ? left : STEP);
}
