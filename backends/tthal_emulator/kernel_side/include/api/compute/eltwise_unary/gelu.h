// x * Phi(x), its form with tanh, and its derivative.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

// Both are the vendor's approximation by lines unless told otherwise.
TTHAL_UNARY_MODE(gelu, mode ? Store::OWN : Store::ROUND, true, gelu<mode>(x))
TTHAL_UNARY_PACKED(gelu, mode ? Store::OWN : Store::ROUND, true, gelu<mode>(x))
TTHAL_UNARY_MODE(gelu_derivative, Store::ROUND, false, gelu_derivative<mode>(x))

TTHAL_INIT(gelu_tanh_tile_init)
TTHAL_INIT(gelu_tanh_tile_init_pack)
template <bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fast = false>
ALWI void gelu_tanh_tile(uint32_t dst) {
    using namespace tthal::unit;
    map(Floats(Store::ROUND), dst, [](F x) { return gelu_tanh<fast>(x); });
}
template <bool is_fp32_dest_acc_en = DST_ACCUM_MODE, bool fast = false>
ALWI void gelu_tanh_tile_pack(uint32_t dst) {
    using namespace tthal::unit;
    map_packed(Floats(Store::ROUND), dst, [](F x) { return gelu_tanh<fast>(x); });
}

}  // namespace ckernel
