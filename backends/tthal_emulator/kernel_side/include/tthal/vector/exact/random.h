// Random numbers: the unit's generator and what the kernels of TT-Metal 0.81.1 make of it (rand_tile, dropout_tile).
#pragma once

#include "tthal/vector/exact/operands.h"

namespace tthal::exact {

constexpr uint32_t UNIT_LANES = 32;
using Vector = unsigned __attribute__((ext_vector_type(UNIT_LANES)));

namespace detail {

// A shift register of 32 bits per lane that is fed the inverse of four of its bits (ISA documentation, vector unit).
inline Vector next_state(Vector state) {
    const Vector taps = state ^ state >> 1 ^ state >> 21 ^ state >> 31;
    return (~taps << 31) | state >> 1;
}

}  // namespace detail

// From the processor's reset on 0; a seed runs through all lanes, from the last to the first (ttsim).
class Generator {
public:
    void seed(uint32_t value) {
        Vector state = Vector(value);
        for (uint32_t step = 0; step < UNIT_LANES; step++) state = detail::next_state(state);
        for (uint32_t lane = UNIT_LANES; lane-- > 0;) {
            state = detail::next_state(detail::next_state(state));
            state_[lane] = state[0];
        }
    }
    // SFPMOV of the special register 9.
    Vector next() {
        const Vector result = state_;
        state_ = detail::next_state(state_);
        return result;
    }

private:
    Vector state_ = Vector(0);
};
inline constinit Generator generator;

namespace detail {

// What sets the lanes apart, of a register whose lane i holds 2 i.
inline Vector lane_salt() {
    Vector id;
    for (uint32_t lane = 0; lane < UNIT_LANES; lane++) id[lane] = 2 * lane;
    Vector salt = BLACKHOLE ? id + 407 : id - 151;
    salt ^= salt << (BLACKHOLE ? 14 : 20);
    return salt ^ salt << (BLACKHOLE ? 6 : 5);
}
// One number to one, all bits depending on all.
inline Vector mixed(Vector x) {
    if constexpr (BLACKHOLE) {
        x ^= x >> 8;
        x ^= x >> 16;
        x = (x & ~FRACTION) | (x * 0x56594B & FRACTION);
        x ^= x << 8;
        return x ^ x >> 14;
    }
    x ^= x >> 16;
    x += x << 10;
    x ^= x >> 6;
    x += x << 13;
    return x ^ x >> 16;
}

// Where the lanes of a face's vectors lie: four rows, the even columns first.
inline uint32_t place_of(uint32_t vector, uint32_t lane) {
    return (vector / 2 * 4 + lane / 8) * tensix::TILE_COLUMNS + lane % 8 * 2 + vector % 2;
}

}  // namespace detail

// The lanes of one instruction as two groups of this unit's width.
template <typename Function>
inline void for_lanes(Vector lanes, Function function) {
    static_assert(2 * WIDTH == UNIT_LANES);
    function(0, U(lanes.lo));
    function(WIDTH, U(lanes.hi));
}

// from + scale * [0, 1], uniform in 31 bits. Every face asks once more than it uses.
inline void random_face(uint32_t* corner, F from, uint32_t scale) {
    const uint32_t exponent = scale >> 23 & 0xFF;
    const bool by_itself = exponent <= 31 || exponent == 255;
    const N factor = F(sfpu::as_float(by_itself ? scale : scale - (31u << 23)));
    const Vector salt = detail::lane_salt();
    Vector number = generator.next();
    for (uint32_t vector = 0; vector < 8; vector++) {
        for_lanes(detail::mixed(number + salt), [&](uint32_t first, U bits) {
            N unit = N::of_arithmetic(to_float(bits & MAGNITUDE));
            if (by_itself) unit = mul(unit, N(0x1p-31f));
            const U result = bits_of(flushed(mad(unit, factor, N(from))));
            for (uint32_t lane = 0; lane < WIDTH; lane++)
                corner[detail::place_of(vector, first + lane)] = WIDE ? result[lane] : result[lane] & 0xFFFF0000;
        });
        number = generator.next();
    }
}

// Dropped where a number of 31 bits is at most `limit`.
inline void dropout_face(uint32_t* corner, int32_t limit, F scale) {
    for (uint32_t vector = 0; vector < 8; vector++)
        for_lanes(generator.next(), [&](uint32_t first, U bits) {
            const I kept = I(limit) - as_int(bits & MAGNITUDE) < I(0);
            F x;
            for (uint32_t lane = 0; lane < WIDTH; lane++)
                x[lane] = sfpu::as_float(corner[detail::place_of(vector, first + lane)]);
            const U result = bits_of(kept_in_dst(F(mul(N(x), N(scale))))) & bits_of(kept);
            for (uint32_t lane = 0; lane < WIDTH; lane++) corner[detail::place_of(vector, first + lane)] = result[lane];
        });
}

// `work` on the corner of every face of a tile in DST.
template <typename Work>
inline void for_each_face(uint32_t dst, Work work, sfpu::Operation operation = {}) {
    sfpu::begin(operation, dst);
    uint32_t* tile = tensix::math_tile(dst);
    for (uint32_t face = 0; face < 4; face++) work(tile + sfpu::corner_of(face));
}

}  // namespace tthal::exact
