// hardswish(x) = x * min(max(x / 6 + 1/2, 0), 1), written for the vector unit in sfpi.
#include <cstdint>

#include "api/compute/common.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/pack.h"
#include "api/compute/reg_api.h"
#include "api/compute/tile_move_copy.h"

#ifdef TRISC_MATH
#include "llk_math_eltwise_unary_sfpu_params.h"

// One face of 16x16 numbers: eight times 32 lanes. dst_reg[0] is the vector at hand, dst_reg++ goes to the next.
void hardswish_face() {
    using namespace sfpi;
    for (int vector = 0; vector < 8; vector++) {
        vFloat x = dst_reg[0];
        vFloat gate = x * (1.0f / 6.0f) + 0.5f;
        v_if (gate < 0.0f) {
            gate = vConst0;
        }
        v_elseif (gate > 1.0f) {
            gate = vConst1;
        }
        v_endif;
        dst_reg[0] = x * gate;
        dst_reg++;
    }
}
#endif

// Calls the function for the four faces of a tile in DST.
ALWI void hardswish_tile(uint32_t dst) {
    MATH(_llk_math_eltwise_unary_sfpu_params_<false>(hardswish_face, dst, (int)VectorMode::RC));
}

void kernel_main() {
    constexpr uint32_t num_tiles = get_compile_time_arg_val(0);
    constexpr uint32_t cb_x = 0, cb_y = 16;

    init_sfpu(cb_x, cb_y);
    for (uint32_t tile = 0; tile < num_tiles; tile++) {
        cb_wait_front(cb_x, 1);
        tile_regs_acquire();
        copy_tile(cb_x, 0, 0);
        hardswish_tile(0);
        tile_regs_commit();
        cb_pop_front(cb_x, 1);

        cb_reserve_back(cb_y, 1);
        tile_regs_wait();
        pack_tile(0, cb_y);
        tile_regs_release();
        cb_push_back(cb_y, 1);
    }
}
