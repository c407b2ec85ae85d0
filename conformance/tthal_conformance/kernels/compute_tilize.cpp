// Turns rows into tiles, a block of the given width at a time.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/compute_kernel_hw_startup.h"
#include "api/compute/pack.h"
#include "api/compute/reconfig_data_format.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"
#include "api/compute/tilize.h"

void kernel_main() {
    constexpr uint32_t width = get_compile_time_arg_val(0), blocks = get_compile_time_arg_val(1);
    compute_kernel_hw_startup(0, 16);
    tilize_init(0, width, 16);
    for (uint32_t i = 0; i < blocks; i++) {
        cb_wait_front(0, width);
        cb_reserve_back(16, width);
        tilize_block(0, width, 16);
        cb_push_back(16, width);
        cb_pop_front(0, width);
    }
    tilize_uninit(0, 16);
}
