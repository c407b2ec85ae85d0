// DST as operands, for the macros of sfpu_api.h. What is rounded on the way back is what the vendor's kernels round.
#pragma once

#include "tthal/vector/exact/numbers.h"
#include "tthal/vector/sfpu_math.h"

namespace tthal::exact {

using sfpu::Faces, sfpu::Halves, sfpu::Store, sfpu::Words;
using sfpu::faces_of, sfpu::float_parameter, sfpu::for_each_place, sfpu::integers, sfpu::is_float, sfpu::map,
    sfpu::map_packed, sfpu::map_vectors;

// Where DST is not a 32-bit one, kernels round to bfloat16 before they store.
constexpr bool WIDE = DST_ACCUM_MODE;

// By integer arithmetic, of which NaN take part as numbers.
inline F to_bfloat16_even(F x) { return as_float((bits_of(x) + 0x7FFF + (bits_of(x) >> 16 & 1)) & 0xFFFF0000); }

template <Store how = Store::ROUND>
inline F stored(F x) {
    if constexpr (WIDE || how == Store::CUT) return x;
    else return how == Store::EVEN ? to_bfloat16_even(x) : F(to_bfloat16(x));
}

// What lies in DST between two functions of one kernel.
inline F kept_in_dst(F x) {
    if constexpr (WIDE) return flushed(x);
    else return flushed(as_float(bits_of(x) & 0xFFFF0000));
}

// A value for some lanes; the others keep what DST holds, denormals too.
struct Some {
    F value;
    I lanes;
};

class Floats : public sfpu::Floats {
public:
    explicit Floats(Store how = Store::CUT) : sfpu::Floats(Store::CUT), how_(how) {}

    void store(uint32_t* at, F value) const {
        if (how_ == Store::ROUND) value = stored<Store::ROUND>(value);
        if (how_ == Store::EVEN) value = stored<Store::EVEN>(value);
        if constexpr (WIDE) sfpu::put_lanes(at, bits_of(flushed(value)));
        else if (float16_) sfpu::Floats::store(at, value);
        // What is rounded is no denormal.
        else sfpu::put_lanes(at, how_ == Store::ROUND ? bits_of(value) : bits_of(kept_in_dst(value)));
    }
    // No denormals: nothing is flushed, unless it is cut for float16.
    void store(uint32_t* at, N value) const {
        if constexpr (WIDE) sfpu::put_lanes(at, bits_of(F(value)));
        else if (float16_ || how_ != Store::CUT) store(at, F(value));
        else sfpu::put_lanes(at, bits_of(F(value)) & 0xFFFF0000);
    }
    void store(uint32_t* at, Product value) const { store(at, N(value)); }
    void store(uint32_t* at, Some some) const {
        const U before = sfpu::lanes_at(at);
        store(at, some.value);
        sfpu::put_lanes(at, sfpu::select(some.lanes, sfpu::lanes_at(at), before));
    }

private:
    Store how_;
};

template <DataFormat format>
auto lanes_of(Store how = Store::CUT) {
    if constexpr (is_float<format>) return Floats(how);
    else return integers<format>();
}

}  // namespace tthal::exact
