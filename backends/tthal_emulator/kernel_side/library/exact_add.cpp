// Sums of the exact grade, four datums at a time; see tile_elementwise.cpp. The definition is tensix/fpu.py.
#include "exact_math.h"

namespace tthal::tensix {

namespace {

bool has_quirk(bool is_32_bit) { return is_32_bit && processor().numerics & NUMERICS_MINUS_ONE_QUIRK; }

// A pair of datums as ELWADD adds them: the smaller one rounded to the last place of the larger one. Both are, as that
// leaves the larger one as it is.
struct Aligned {
    F sum;
    I exponent;  // the larger one's

    Aligned(F a, F b) : exponent(largest(as_int(a) & EXPONENT, as_int(b) & EXPONENT)) {
        const F magic = as_float(exponent + static_cast<int32_t>(exponent_bits(MAGIC_EXPONENT) | HALF));
        sum = ((a * fill(TIE_BREAKER) + magic) + b * fill(TIE_BREAKER)) - magic;
    }
    I group() const { return largest(exponent | HALF, fill(exponent_bits(LEAST_SUM) | HALF)); }
    I is_odd() const { return out_of_range(exponent, LEAST_SUM, MOST_SUM); }
};

// Rare, and long: a loop with it inside would keep its constants.
[[gnu::noinline]] F add_in_integers(F a, F b, F old, const AccumulateMode& mode) {
    return reinterpret_cast<F>(
        tthal::accumulate(aligned_sum(as_int(a), as_int(b)), Sum{}, reinterpret_cast<U>(old), mode));
}

// Onto nothing: DST is not even read. A 16-bit DST rounds, and a 32-bit one adds nothing and keeps all.
template <typename Rows>
void add_rows(const Rows& rows, uint32_t* dst) {
    const bool is_32_bit = processor().fp32_dest;
    const I half = fill(is_32_bit ? 0 : 0x8000), kept = fill(is_32_bit ? ~0 : static_cast<int32_t>(BFLOAT16));
    for_each_face_row([&](uint32_t in_tile, uint32_t in_dst) {
        Row a_row, b_row;
        rows.read(in_tile, in_dst, a_row, b_row);
        F sums[4];
        I odd = {};
        for (uint32_t i = 0; i < 4; i++) {
            const Aligned aligned(reinterpret_cast<F>(a_row[i]), reinterpret_cast<F>(b_row[i]));
            sums[i] = as_float((as_int(aligned.sum) + half) & kept);
            odd |= aligned.is_odd();
        }
        if (any(odd))
            for (uint32_t i = 0; i < 4; i++)
                sums[i] = add_in_integers(reinterpret_cast<F>(a_row[i]), reinterpret_cast<F>(b_row[i]), F{},
                                          {is_32_bit, false, has_quirk(is_32_bit)});
        for (uint32_t i = 0; i < 4; i++) store(dst + in_dst + 4 * i, sums[i]);
    });
}

template <DstKind kind, bool quirk>
struct Accumulation {
    static constexpr bool WIDE = kind == DstKind::FLOAT32;
    static constexpr AccumulateMode MODE = {WIDE, false, quirk};

    static void add(uint32_t* dst) {
        for (uint32_t i = 0; i < TILE_ELEMENTS; i += WIDTH) {
            const F a = load<F>(operand_a + i), b = load<F>(operand_b + i), old = load<F>(dst + i);
            const Aligned aligned(a, b);
            if (any(aligned.is_odd() | is_odd_sum<kind>(old))) store(dst + i, add_in_integers(a, b, old, MODE));
            else store(dst + i, Accumulator<kind, quirk>(0).add(old, aligned.sum, aligned.group()));
        }
    }
};

}  // namespace

void exact_add(const Operands& operands, uint32_t* dst, bool accumulate, bool) {
    if (operands.in_l1 && !accumulate) return add_rows(terms_in_l1(operands), dst);
    if (operands.in_l1) unpack_operands(operands);
    if (!accumulate) return add_rows(UnpackedRows(), dst);
    if (!processor().fp32_dest) return Accumulation<DstKind::BFLOAT16, false>::add(dst);
    if (has_quirk(true)) return Accumulation<DstKind::FLOAT32, true>::add(dst);
    Accumulation<DstKind::FLOAT32, false>::add(dst);
}

}  // namespace tthal::tensix
