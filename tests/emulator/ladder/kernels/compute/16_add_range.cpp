// Stage 16: this core's range of tiles; the buffers' indices are named compile-time arguments.
#include "api/compute/eltwise_binary.h"
#include "api/dataflow/circular_buffer.h"

void kernel_main() {
    constexpr uint32_t a = get_named_compile_time_arg_val("cb_a"), b = get_named_compile_time_arg_val("cb_b");
    constexpr uint32_t out = get_named_compile_time_arg_val("cb_out");
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    CircularBuffer from_a(a), from_b(b), to(out);
    compute_kernel_hw_startup(a, b, out);
    add_init(a, b);
    for (uint32_t i = 0; i < tiles; i++) {
        from_a.wait_front(1);
        from_b.wait_front(1);
        to.reserve_back(1);
        tile_regs_acquire();
        add_tiles(a, b, 0, 0, 0);
        tile_regs_commit();
        tile_regs_wait();
        pack_tile(0, out);
        tile_regs_release();
        to.push_back(1);
        from_a.pop_front(1);
        from_b.pop_front(1);
    }
}
