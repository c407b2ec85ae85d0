// Bits of one tile shifted by the numbers of another; counts from 32 on give 0, or the sign.
#pragma once

#include "tthal/vector/sfpu_api.h"

namespace ckernel {

TTHAL_INIT(binary_shift_tile_init)
TTHAL_BINARY_FORMAT(binary_left_shift, select((b < I(0)) | (b > I(31)), I(0), a << (b & 31)))
template <DataFormat data_format, auto... settings>
ALWI void binary_right_shift_tile(uint32_t dst0, uint32_t dst1, uint32_t out) {
    using namespace tthal::sfpu;
    map(integers<data_format>(), dst0, dst1, out, [](I a, I b) {
        const I count = select((b < I(0)) | (b > I(31)), I(31), b);
        if constexpr (data_format == DataFormat::Int32) return a >> count;
        else return select(count == b, as_int(bits_of(a) >> bits_of(count)), I(0));
    });
}
TTHAL_BINARY_FORMAT(binary_logical_right_shift,
                    select((b < I(0)) | (b > I(31)), I(0), as_int(bits_of(a) >> (bits_of(b) & 31))))

}  // namespace ckernel
