// Piecewise linear functions: tables of slope and intercept by the magnitude of the argument (SFPLUT, SFPLUTFP32).
#pragma once

#include "sfpi/functions.h"

namespace sfpi {

namespace impl_ {

struct Line {
    float slope, intercept;
};

// 8 bits: sign, exponent below 1, four bits of fraction; all ones are zero.
inline float from_float8(uint32_t code) {
    if ((code & 0xFF) == 0xFF) return 0;
    return __builtin_bit_cast(float, (code & 0x80) << 24 | (127 - (code >> 4 & 7)) << 23 | (code & 15) << 19);
}
inline float from_float16(uint32_t code) { return static_cast<vFloat>(sFloat16a(code)).lanes()[0]; }

// The line's value; `retain` gives it the argument's sign instead of its own.
template <typename Choose>
vFloat piecewise(vFloat v, bool retain, Choose line_of) {
    Floats result;
    for (uint32_t lane = 0; lane < LANES; lane++) {
        const float x = v.lanes()[lane], magnitude = __builtin_fabsf(x);
        const Line line = line_of(magnitude, lane);
        const float y = line.slope * magnitude + line.intercept;
        result[lane] = retain ? __builtin_copysignf(y, x) : y;
    }
    return result;
}

// Below 1, below 2, and from 2 on.
constexpr uint32_t third(float magnitude) { return magnitude < 1 ? 0 : magnitude < 2 ? 1 : 2; }
// Below 0.5, 1, 1.5, 2, 3 (4 in the second table), and above.
constexpr uint32_t sixth(float magnitude, int mode) {
    return magnitude < 2 ? static_cast<uint32_t>(magnitude * 2) : magnitude < (mode == 1 ? 3 : 4) ? 4 : 5;
}

inline vFloat lines_of_8_bits(vFloat v, bool retain, vUInt l0, vUInt l1, vUInt l2) {
    const Bits tables[] = {l0.get(), l1.get(), l2.get()};
    return piecewise(v, retain, [&](float magnitude, uint32_t lane) {
        const uint32_t entry = tables[third(magnitude)][lane];
        return Line{from_float8(entry >> 8), from_float8(entry)};
    });
}
inline vFloat lines_of_16_bits(vFloat v, bool retain, vUInt l0, vUInt l1, vUInt l2) {
    const Bits tables[] = {l0.get(), l1.get(), l2.get()};
    return piecewise(v, retain, [&](float magnitude, uint32_t lane) {
        const uint32_t entry = tables[third(magnitude)][lane];
        return Line{from_float16(entry >> 16), from_float16(entry & 0xFFFF)};
    });
}
inline vFloat lines_of_32_bits(vFloat v, bool retain, const vFloat (&slopes)[3], const vFloat (&intercepts)[3]) {
    return piecewise(v, retain, [&](float magnitude, uint32_t lane) {
        const uint32_t entry = third(magnitude);
        return Line{slopes[entry].lanes()[lane], intercepts[entry].lanes()[lane]};
    });
}
inline vFloat six_lines(vFloat v, bool retain, const vUInt (&slopes)[3], const vUInt (&intercepts)[3], int mode) {
    return piecewise(v, retain, [&](float magnitude, uint32_t lane) {
        const uint32_t entry = sixth(magnitude, mode), shift = entry % 2 * 16;
        return Line{from_float16(slopes[entry / 2].get()[lane] >> shift & 0xFFFF),
                    from_float16(intercepts[entry / 2].get()[lane] >> shift & 0xFFFF)};
    });
}

}  // namespace impl_

// lut: three lines of 8-bit numbers; lut2: three of float16 or float32, or six of float16. The result has the argument's
// sign, in the _sign forms the line's own.
inline vFloat lut(vFloat v, vUInt l0, vUInt l1, vUInt l2) { return impl_::lines_of_8_bits(v, true, l0, l1, l2); }
inline vFloat lut_sign(vFloat v, vUInt l0, vUInt l1, vUInt l2) { return impl_::lines_of_8_bits(v, false, l0, l1, l2); }
inline vFloat lut2(vFloat v, vUInt l0, vUInt l1, vUInt l2) { return impl_::lines_of_16_bits(v, true, l0, l1, l2); }
inline vFloat lut2_sign(vFloat v, vUInt l0, vUInt l1, vUInt l2) {
    return impl_::lines_of_16_bits(v, false, l0, l1, l2);
}

inline vFloat lut2(vFloat v, vFloat a0, vFloat a1, vFloat a2, vFloat b0, vFloat b1, vFloat b2) {
    return impl_::lines_of_32_bits(v, true, {a0, a1, a2}, {b0, b1, b2});
}
inline vFloat lut2_sign(vFloat v, vFloat a0, vFloat a1, vFloat a2, vFloat b0, vFloat b1, vFloat b2) {
    return impl_::lines_of_32_bits(v, false, {a0, a1, a2}, {b0, b1, b2});
}
inline vFloat lut2(vFloat v, vUInt a01, vUInt a23, vUInt a45, vUInt b01, vUInt b23, vUInt b45, int mode = 1) {
    return impl_::six_lines(v, true, {a01, a23, a45}, {b01, b23, b45}, mode);
}
inline vFloat lut2_sign(vFloat v, vUInt a01, vUInt a23, vUInt a45, vUInt b01, vUInt b23, vUInt b45, int mode = 1) {
    return impl_::six_lines(v, false, {a01, a23, a45}, {b01, b23, b45}, mode);
}

}  // namespace sfpi
