// Elementwise operations of the exact grade, four datums at a time; see tile_elementwise.cpp. The definition is tensix/fpu.py.
#include "exact_math.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t LANES = WIDTH;

inline I magnitude_of(F value) { return as_int(value) & MAGNITUDE; }
inline bool any(I mask) { return wasm_v128_any_true(reinterpret_cast<v128_t>(mask)); }

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

// A pair as ELWMUL multiplies them: slices, the low ones scaled up to the high ones' exponents.
struct Factors {
    F a, b, a_high, b_high, a_low, b_low;

    Factors(F whole_a, F whole_b) : a(cut(whole_a, A_FULL)), b(cut(whole_b, B_FULL)), a_high(cut(a, A_HIGH)), b_high(cut(b, B_HIGH)) {
        a_low = (a - a_high) * fill(power_of_two(LOW_A));
        b_low = (b - b_high) * fill(power_of_two(LOW_B));
    }

    static F cut(F value, uint32_t mask) { return as_float(as_int(value) & static_cast<int32_t>(mask)); }
    F product(uint32_t phase) const { return (phase & 1 ? a_low : a_high) * (phase & 2 ? b_low : b_high); }

    I has_product() const { return reinterpret_cast<I>(a != 0.0f) & reinterpret_cast<I>(b != 0.0f); }
    I exponent() const {
        return ((as_int(a) & EXPONENT) + (as_int(b) & EXPONENT) - static_cast<int32_t>(exponent_bits(BIAS))) & has_product();
    }
    I group() const { return largest(exponent() | HALF, fill(exponent_bits(LEAST_PRODUCT) | HALF)); }
    I is_odd() const {
        const I infinite = reinterpret_cast<I>(largest(magnitude_of(a), magnitude_of(b)) >= static_cast<int32_t>(EXPONENT));
        return infinite | (is_outside(exponent(), LEAST_PRODUCT, MOST_PRODUCT) & has_product());
    }
};

// What is added to a DST of zeros in 32 bits: no phase rounds anything (numerics.md §7.2).
F whole_product(const Factors& factors, uint32_t phases) {
    switch (phases) {
        case 1: return factors.a_high * factors.b_high;
        case 2: return factors.a * factors.b_high;
        case 3: return factors.a * factors.b_high + factors.a_high * (factors.b - factors.b_high);
        default: return factors.a * factors.b;
    }
}

inline F round_to_bfloat16(F value) { return as_float((as_int(value) + 0x8000) & static_cast<int32_t>(BFLOAT16)); }

// The same in 16 bits. DST's exponent is the largest from the first phase on; later products are rounded to its last
// place but 3, halves up. Twice rounded they are, which is rounding a little more than halves up, see `scaled_sum`.
F product_in_16_bits(const Factors& factors, uint32_t phases) {
    F dst = round_to_bfloat16(factors.product(0));
    for (uint32_t phase = 1; phase < phases; phase++) {
        const I exponent = largest(as_int(dst) & EXPONENT, fill(exponent_bits(LEAST_SUM)));
        const F magic = as_float((exponent + static_cast<int32_t>(exponent_bits(MAGIC_EXPONENT))) | HALF);
        const F little = as_float((exponent - static_cast<int32_t>(exponent_bits(24))) | HALF);
        const F product = factors.product(phase) * fill(1 / power_of_two(shift_of_phase(phase)));
        dst = round_to_bfloat16(dst + (((product + little) + magic) - magic));
    }
    return dst;
}

template <DstKind kind, bool quirk>
struct Operation {
    static constexpr bool WIDE = kind == DstKind::FLOAT32;
    static constexpr AccumulateMode MODE = {WIDE, false, quirk};
    using Accumulate = Accumulator<kind, quirk>;

    static I is_odd_dst(F dst) { return is_odd_sum<kind>(dst); }

    static void add(uint32_t* dst, bool accumulate) {
        for (uint32_t i = 0; i < TILE_ELEMENTS; i += LANES) {
            const F a = load<F>(operand_a + i), b = load<F>(operand_b + i), old = load<F>(dst + i);
            const Aligned aligned(a, b);
            if (any(aligned.is_odd) || (accumulate && any(is_odd_dst(old)))) {
                const U start = accumulate ? reinterpret_cast<U>(old) : U{};
                store(dst + i, tthal::accumulate(aligned_sum(as_int(a), as_int(b)), Sum{}, start, MODE));
            } else if (accumulate) {
                store(dst + i, Accumulate(0).add(old, aligned.sum, aligned.group));
            } else {
                store(dst + i, WIDE ? aligned.sum : round_to_bfloat16(aligned.sum));
            }
        }
    }

    static void multiply(uint32_t* dst, bool from_zero) {
        const uint32_t phases = phases_of(processor().math_fidelity);
        for (uint32_t i = 0; i < TILE_ELEMENTS; i += LANES) {
            const F a = load<F>(operand_a + i), b = load<F>(operand_b + i), old = load<F>(dst + i);
            const Factors factors(a, b);
            if (any(factors.is_odd()) || (!from_zero && any(is_odd_dst(old)))) {
                U sum = reinterpret_cast<U>(old);
                for (uint32_t phase = 0; phase < phases; phase++)
                    sum = tthal::accumulate(product(as_int(a), as_int(b), phase), Sum{}, sum, MODE);
                store(dst + i, sum);
            } else if (from_zero) {
                store(dst + i, WIDE ? whole_product(factors, phases) + 0.0f : product_in_16_bits(factors, phases) + 0.0f);
            } else {
                F sum = old;
                const I group = factors.group();
                for (uint32_t phase = 0; phase < phases; phase++)
                    sum = Accumulate(phase).add(sum, factors.product(phase), group);
                store(dst + i, sum);
            }
        }
    }

    static void run(BinaryOperation operation, uint32_t* dst, bool accumulate, bool from_zero) {
        if (operation == BinaryOperation::MUL) return multiply(dst, from_zero);
        if (operation == BinaryOperation::SUB)
            for (uint32_t i = 0; i < TILE_ELEMENTS; i += LANES)
                store(operand_b + i, load<U>(operand_b + i) ^ SIGN);
        add(dst, accumulate);
    }
};

}  // namespace

void exact_combine(BinaryOperation operation, uint32_t* dst, bool accumulate, bool from_zero) {
    if (!processor().fp32_dest) return Operation<DstKind::BFLOAT16, false>::run(operation, dst, accumulate, from_zero);
    if (processor().numerics & NUMERICS_BLACKHOLE)
        return Operation<DstKind::FLOAT32, false>::run(operation, dst, accumulate, from_zero);
    Operation<DstKind::FLOAT32, true>::run(operation, dst, accumulate, from_zero);
}

}  // namespace tthal::tensix
