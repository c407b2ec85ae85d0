// Stage 32: rows, columns or whole matrices of tiles to one tile each; what, is the program's defines (older calls). The
// tiles come in the order in which they are reduced.
#include "compute_kernel_api/reduce.h"

namespace NAMESPACE {
void MAIN {
    constexpr uint32_t results = get_compile_time_arg_val(0), tiles = get_compile_time_arg_val(1);
    reduce_init<true>(tt::CBIndex::c_0, tt::CBIndex::c_2, tt::CBIndex::c_16);
    cb_wait_front(tt::CBIndex::c_2, 1);
    for (uint32_t result = 0; result < results; result++) {
        acquire_dst();
        for (uint32_t tile = 0; tile < tiles; tile++) {
            cb_wait_front(tt::CBIndex::c_0, 1);
            reduce_tile(tt::CBIndex::c_0, tt::CBIndex::c_2, 0, 0, 0);
            cb_pop_front(tt::CBIndex::c_0, 1);
        }
        cb_reserve_back(tt::CBIndex::c_16, 1);
        pack_tile(0, tt::CBIndex::c_16);
        cb_push_back(tt::CBIndex::c_16, 1);
        release_dst();
    }
    reduce_uninit();
}
}
