// Products of the exact grade, four datums at a time; see tile_elementwise.cpp. The definition is tensix/fpu.py.
#include "exact_math.h"

namespace tthal::tensix {

namespace {

constexpr uint32_t LANES = WIDTH;
constexpr I LEAST = I{} + static_cast<int32_t>(exponent_bits(LEAST_SUM));

// A pair as ELWMUL multiplies them: slices, the low ones scaled up to the high ones' exponents.
struct Factors {
    F a, b, a_high, b_high, a_low, b_low;

    Factors(F whole_a, F whole_b)
        : a(cut(whole_a, A_FULL)), b(cut(whole_b, B_FULL)), a_high(cut(a, A_HIGH)), b_high(cut(b, B_HIGH)) {
        a_low = (a - a_high) * fill(power_of_two(LOW_A));
        b_low = (b - b_high) * fill(power_of_two(LOW_B));
    }

    static F cut(F value, uint32_t mask) { return as_float(as_int(value) & static_cast<int32_t>(mask)); }
    F product(uint32_t phase) const { return (phase & 1 ? a_low : a_high) * (phase & 2 ? b_low : b_high); }

    I has_product() const { return reinterpret_cast<I>(a != 0.0f) & reinterpret_cast<I>(b != 0.0f); }
    I exponent() const {
        return ((as_int(a) & EXPONENT) + (as_int(b) & EXPONENT) - static_cast<int32_t>(exponent_bits(BIAS))) &
               has_product();
    }
    I group() const { return largest(exponent() | HALF, fill(exponent_bits(LEAST_PRODUCT) | HALF)); }
    I is_odd() const {
        const I infinite =
            reinterpret_cast<I>(largest(magnitude_of(a), magnitude_of(b)) >= static_cast<int32_t>(EXPONENT));
        return infinite | (is_outside(exponent(), LEAST_PRODUCT, MOST_PRODUCT) & has_product());
    }
};

// What is added to a DST of zeros in 32 bits: no phase rounds anything (numerics.md §7.2).
template <uint32_t phases>
F product_in_32_bits(F a, F b) {
    const F a_high = Factors::cut(a, A_HIGH), b_high = Factors::cut(b, B_HIGH);
    if constexpr (phases == 1) return a_high * b_high;
    const F whole_a = Factors::cut(a, A_FULL), whole_b = Factors::cut(b, B_FULL);
    if constexpr (phases == 2) return whole_a * b_high;
    if constexpr (phases == 3) return whole_a * b_high + a_high * (whole_b - b_high);
    return whole_a * whole_b;
}

// The same in 16 bits, where operands have 7 bits of fraction. DST's exponent is the largest from the first phase on;
// later products are rounded to 3 bits more than it has, halves and what is a 2^-14th of a unit below them up: that is what
// `scaled_sum` does, here without whole numbers. Of the low slices' own product, below 2^-11 of DST, nothing remains.
template <uint32_t phases>
void products_in_16_bits(const F (&a)[2], const F (&b)[2], F (&dst)[2]) {
    constexpr int32_t MAGIC = exponent_bits(MAGIC_EXPONENT) | HALF, LITTLE = HALF - exponent_bits(24);
    F a_parts[2][2], b_parts[2][2];
    for (uint32_t v = 0; v < 2; v++) {
        a_parts[0][v] = Factors::cut(a[v], A_HIGH);
        b_parts[0][v] = Factors::cut(b[v], B_HIGH);
        a_parts[1][v] = a[v] - a_parts[0][v];
        b_parts[1][v] = b[v] - b_parts[0][v];
        dst[v] = round_to_bfloat16(a_parts[0][v] * b_parts[0][v]);
    }
    for (uint32_t phase = 1; phase < phases; phase++)
        for (uint32_t v = 0; v < 2; v++) {
            const F product = a_parts[phase & 1][v] * b_parts[phase >> 1][v];
            const I exponent = largest(as_int(dst[v]) & EXPONENT, LEAST);
            const F magic = as_float(exponent + MAGIC), little = as_float(exponent + LITTLE);
            dst[v] = round_to_bfloat16(((dst[v] + magic) + (product + little)) - magic);
        }
}

// Products so small or so large that float32 arithmetic may not have carried them; zeros are among them.
inline I is_extreme(F product) { return is_outside(magnitude_of(product), LEAST_PRODUCT + 2, MOST_PRODUCT); }

inline bool is_doubtful(F a, F b, F product) {
    const I outside = is_extreme(product);
    const I infinite = reinterpret_cast<I>(largest(magnitude_of(a), magnitude_of(b)) >= static_cast<int32_t>(EXPONENT));
    return any(infinite | (outside & reinterpret_cast<I>(a != 0.0f) & reinterpret_cast<I>(b != 0.0f)));
}

template <DstKind kind, bool quirk>
struct Multiplication {
    static constexpr bool WIDE = kind == DstKind::FLOAT32;
    static constexpr AccumulateMode MODE = {WIDE, false, quirk};
    using Accumulate = Accumulator<kind, quirk>;

    // Rare, and long: a loop with it inside would keep its constants.
    [[gnu::noinline]] static U multiply_in_integers(F a, F b, U sum) {
        const uint32_t phases = phases_of(processor().math_fidelity);
        for (uint32_t phase = 0; phase < phases; phase++)
            sum = tthal::accumulate(product(as_int(a), as_int(b), phase), Sum{}, sum, MODE);
        return sum;
    }

    // Two vectors at a time: while one waits for its own results, the other goes on.
    template <uint32_t phases>
    static void multiply_two(const F (&a)[2], const F (&b)[2], uint32_t* dst) {
        F products[2];
        if constexpr (WIDE)
            for (uint32_t v = 0; v < 2; v++) products[v] = product_in_32_bits<phases>(a[v], b[v]);
        else products_in_16_bits<phases>(a, b, products);
        const bool extreme = any(is_extreme(products[0]) | is_extreme(products[1]));
        for (uint32_t v = 0; v < 2; v++) {
            if (extreme && is_doubtful(a[v], b[v], products[v]))
                store(dst + v * LANES, multiply_in_integers(a[v], b[v], U{}));
            else store(dst + v * LANES, products[v] + 0.0f);  // -0 becomes +0
        }
    }

    template <uint32_t phases, typename Rows>
    static void multiply_onto_zeros(const Rows& rows, uint32_t* dst) {
        for_each_face_row([&](uint32_t in_tile, uint32_t in_dst) {
            Row a, b;
            rows.read(in_tile, in_dst, a, b);
            for (uint32_t i = 0; i < 4; i += 2)
                multiply_two<phases>({reinterpret_cast<F>(a[i]), reinterpret_cast<F>(a[i + 1])},
                                     {reinterpret_cast<F>(b[i]), reinterpret_cast<F>(b[i + 1])},
                                     dst + in_dst + i * LANES);
        });
    }

    static void multiply_onto(uint32_t* dst) {
        const uint32_t phases = phases_of(processor().math_fidelity);
        for (uint32_t i = 0; i < TILE_ELEMENTS; i += LANES) {
            const F a = load<F>(operand_a + i), b = load<F>(operand_b + i), old = load<F>(dst + i);
            const Factors factors(a, b);
            if (any(factors.is_odd() | is_odd_sum<kind>(old))) {
                store(dst + i, multiply_in_integers(a, b, reinterpret_cast<U>(old)));
                continue;
            }
            F sum = old;
            const I group = factors.group();
            for (uint32_t phase = 0; phase < phases; phase++)
                sum = Accumulate(phase).add(sum, factors.product(phase), group);
            store(dst + i, sum);
        }
    }

    template <typename Rows>
    static void multiply_onto_zeros(const Rows& rows, uint32_t* dst) {
        switch (phases_of(processor().math_fidelity)) {
            case 1: return multiply_onto_zeros<1>(rows, dst);
            case 2: return multiply_onto_zeros<2>(rows, dst);
            case 3: return multiply_onto_zeros<3>(rows, dst);
            default: return multiply_onto_zeros<WIDE ? 4 : 3>(rows, dst);
        }
    }

    static void multiply(const Operands& operands, uint32_t* dst, bool from_zero) {
        if constexpr (!WIDE)
            if (operands.in_l1 && from_zero) return multiply_onto_zeros(factors_in_l1(operands), dst);
        if (operands.in_l1) unpack_operands(operands);
        if (from_zero) multiply_onto_zeros(UnpackedRows(), dst);
        else multiply_onto(dst);
    }
};

}  // namespace

void exact_multiply(const Operands& operands, uint32_t* dst, bool, bool from_zero) {
    if (!processor().fp32_dest) return Multiplication<DstKind::BFLOAT16, false>::multiply(operands, dst, from_zero);
    if (processor().numerics & NUMERICS_MINUS_ONE_QUIRK)
        return Multiplication<DstKind::FLOAT32, true>::multiply(operands, dst, from_zero);
    Multiplication<DstKind::FLOAT32, false>::multiply(operands, dst, from_zero);
}

}  // namespace tthal::tensix
