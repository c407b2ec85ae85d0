// Stage 20: code of one's own for the vector unit: 3 t^2 - 2 t^3 with t the position between two edges, within 0 and 1.
#include "api/compute/common.h"
#include "api/compute/eltwise_unary/eltwise_unary.h"
#include "api/compute/tile_move_copy.h"

#ifdef TRISC_MATH
#include "llk_math_eltwise_unary_sfpu_params.h"

// One face: eight vectors of 32 lanes.
void smoothstep_face(float low, float inverse_width) {
    using namespace sfpi;
    for (int vector = 0; vector < 8; vector++) {
        vFloat t = (dst_reg[0] - low) * inverse_width;
        v_if (t < 0.0f) {
            t = vConst0;
        }
        v_elseif (t > 1.0f) {
            t = vConst1;
        }
        v_endif;
        dst_reg[0] = t * t * (3.0f - 2.0f * t);
        dst_reg++;
    }
}
#endif

ALWI void smoothstep_tile(uint32_t dst, float low, float high) {
    MATH(_llk_math_eltwise_unary_sfpu_params_<false>(smoothstep_face, dst, (int)VectorMode::RC, low,
                                                     1.0f / (high - low)));
}

void kernel_main() {
    const uint32_t tiles = get_arg_val<uint32_t>(0);
    init_sfpu(0, 16);
    for (uint32_t i = 0; i < tiles; i++) {
        cb_wait_front(0, 1);
        tile_regs_acquire();
        copy_tile(0, 0, 0);
        smoothstep_tile(0, -1.0f, 2.0f);
        tile_regs_commit();
        cb_pop_front(0, 1);
        cb_reserve_back(16, 1);
        tile_regs_wait();
        pack_tile(0, 16);
        tile_regs_release();
        cb_push_back(16, 1);
    }
}
