// Sums and differences of the exact grade, four datums at a time; see tile_elementwise.cpp. The definition is tensix/fpu.py.
#include "exact_math.h"

namespace tthal::tensix {

namespace {

// A pair of datums as ELWADD adds them: the smaller one rounded to the last place of the larger one.
struct Aligned {
    F sum;
    I group;  // the larger one's exponent
    I is_odd;

    Aligned(F a, F b) {
        const I swap = below(magnitude_of(a), magnitude_of(b));
        const I larger = select(swap, as_int(b), as_int(a)), smaller = select(swap, as_int(a), as_int(b));
        const I exponent = larger & EXPONENT;
        const F magic = as_float(exponent + static_cast<int32_t>(exponent_bits(MAGIC_EXPONENT) | HALF));
        sum = as_float(larger) + ((as_float(smaller) * fill(TIE_BREAKER) + magic) - magic);
        group = largest(exponent | HALF, fill(exponent_bits(LEAST_SUM) | HALF));
        is_odd = out_of_range(larger & MAGNITUDE, LEAST_SUM, MOST_SUM);
    }
};

template <DstKind kind, bool quirk>
struct Addition {
    static constexpr bool WIDE = kind == DstKind::FLOAT32;
    static constexpr AccumulateMode MODE = {WIDE, false, quirk};

    static void add(uint32_t* dst, bool accumulate) {
        for (uint32_t i = 0; i < TILE_ELEMENTS; i += WIDTH) {
            const F a = load<F>(operand_a + i), b = load<F>(operand_b + i), old = load<F>(dst + i);
            const Aligned aligned(a, b);
            if (any(aligned.is_odd) || (accumulate && any(is_odd_sum<kind>(old)))) {
                const U start = accumulate ? reinterpret_cast<U>(old) : U{};
                store(dst + i, tthal::accumulate(aligned_sum(as_int(a), as_int(b)), Sum{}, start, MODE));
            } else if (accumulate) {
                store(dst + i, Accumulator<kind, quirk>(0).add(old, aligned.sum, aligned.group));
            } else {
                store(dst + i, WIDE ? aligned.sum : round_to_bfloat16(aligned.sum));
            }
        }
    }
};

}  // namespace

void exact_add(BinaryOperation operation, uint32_t* dst, bool accumulate, bool) {
    if (operation == BinaryOperation::SUB)
        for (uint32_t i = 0; i < TILE_ELEMENTS; i += WIDTH) store(operand_b + i, load<U>(operand_b + i) ^ SIGN);
    if (!processor().fp32_dest) return Addition<DstKind::BFLOAT16, false>::add(dst, accumulate);
    if (processor().numerics & NUMERICS_MINUS_ONE_QUIRK) return Addition<DstKind::FLOAT32, true>::add(dst, accumulate);
    Addition<DstKind::FLOAT32, false>::add(dst, accumulate);
}

}  // namespace tthal::tensix
