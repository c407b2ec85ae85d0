// Sums, products and comparisons of 32 lanes as the vector unit computes them, a group of lanes at a time.
#pragma once

#include "sfpi/lanes.h"
#include "tthal/vector/exact/arithmetic.h"

namespace sfpi::impl_ {

template <typename Function>
sfpi_inline Bits by_groups(Bits a, Bits b, Bits c, Function function) {
    using tthal::exact::F, tthal::exact::U, tthal::exact::as_float;
    constexpr uint32_t GROUPS = LANES / tthal::sfpu::WIDTH;
    U first[GROUPS], second[GROUPS], third[GROUPS];
    __builtin_memcpy(first, &a, sizeof first);
    __builtin_memcpy(second, &b, sizeof second);
    __builtin_memcpy(third, &c, sizeof third);
    for (uint32_t i = 0; i < GROUPS; i++)
        first[i] = __builtin_bit_cast(U, function(as_float(first[i]), as_float(second[i]), as_float(third[i])));
    __builtin_memcpy(&a, first, sizeof first);
    return a;
}

inline Bits sum(Bits a, Bits b) {
    using tthal::exact::F;
    return by_groups(a, b, b, [](F x, F y, F) { return F(tthal::exact::add(x, y)); });
}
inline Bits product(Bits a, Bits b) {
    using tthal::exact::F;
    return by_groups(a, b, b, [](F x, F y, F) { return F(tthal::exact::mul(x, y)); });
}
inline Bits product_and_sum(Bits a, Bits b, Bits c) {
    using tthal::exact::F;
    return by_groups(a, b, c, [](F x, F y, F z) { return F(tthal::exact::mad(x, y, z)); });
}
inline Bits is_less(Bits a, Bits b) {
    using tthal::exact::F;
    return by_groups(a, b, b, [](F x, F y, F) { return tthal::exact::less(x, y); });
}
inline Bits is_greater(Bits a, Bits b) {
    using tthal::exact::F;
    return by_groups(a, b, b, [](F x, F y, F) { return tthal::exact::greater(x, y); });
}

}  // namespace sfpi::impl_
