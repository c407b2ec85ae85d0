// The matrix product of the fast grade: tiles in L1 to tiles in DST, by the rules at the top of tensix/fast.py. The same
// bits on every machine: where a fused multiply-add is used no product needs rounding, so that fusing changes nothing.
#include "products.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

namespace tthal {
namespace {

#define INLINE inline __attribute__((always_inline))

// ---- rule 1: unpacking 16 datums

typedef uint32_t Bits __attribute__((vector_size(64), aligned(4), may_alias));
typedef uint16_t Halves __attribute__((vector_size(32), aligned(1), may_alias));
typedef uint16_t Pairs __attribute__((vector_size(64), aligned(1), may_alias));
typedef uint8_t Bytes __attribute__((vector_size(16), aligned(1), may_alias));
typedef float Floats __attribute__((vector_size(64)));

INLINE Bits is_zero(Bits bits) { return reinterpret_cast<Bits>(bits == 0); }
INLINE Bits flush_denormals(Bits bits) { return bits & ~is_zero(bits & EXPONENT); }

// Float32 arrives as tf32 with a 32-bit DST, else as bfloat16 (numerics.md §1.2, §1.3).
INLINE Bits read_float32(const uint8_t* from, bool tf32) {
    return *reinterpret_cast<const Bits*>(from) & (tf32 ? TF32 : BFLOAT16);
}

INLINE Bits read_bfloat16(const uint8_t* from) {
    return __builtin_convertvector(*reinterpret_cast<const Halves*>(from), Bits) << 16;
}

// Sign and 7 bits of magnitude, one exponent for 16 of them (numerics.md §1.6): as a float the magnitude has the right
// fraction, and its exponent is off by a constant; it wraps as the hardware's does. -0 means minus infinity.
INLINE Bits scale_block_float(Bits codes, uint8_t exponent) {
    const Bits magnitude = codes & 0x7F, sign = (codes & 0x80) << 24;
    const Bits wide = reinterpret_cast<Bits>(__builtin_convertvector(magnitude, Floats));
    const Bits number = (wide + ((static_cast<uint32_t>(exponent) - 133) << 23)) & MAGNITUDE;
    return sign | (is_zero(codes ^ 0x80) & EXPONENT) | (number & ~is_zero(magnitude));
}

INLINE Bits read_bfp8(const uint8_t* from, uint8_t exponent) {
    return scale_block_float(__builtin_convertvector(*reinterpret_cast<const Bytes*>(from), Bits), exponent);
}

// The low nibble of a byte comes first.
INLINE Bits read_bfp4(const uint8_t* from, uint8_t exponent) {
    Bits codes;
    for (uint32_t i = 0; i < 16; i++) codes[i] = (i % 2 ? from[i / 2] & 0xF0 : from[i / 2] << 4) & 0xF0;
    return scale_block_float(codes, exponent);
}

INLINE Bits read_row(uint8_t format, const uint8_t* tile, uint32_t row, bool tf32) {
    switch (format) {
        case FLOAT32: return read_float32(tile + row * 64, tf32);
        case FLOAT16_B: return read_bfloat16(tile + row * 32);
        case BFP8_B: return read_bfp8(tile + 64 + row * 16, tile[row]);
        default: return read_bfp4(tile + 64 + row * 8, tile[row]);
    }
}

// The 16 rows of 16 datums per face lie face by face in L1.
INLINE void unpack(uint8_t format, const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    for (uint32_t face = 0; face < 4; face++) {
        float* const corner = to + (face >> 1) * 16 * SIDE + (face & 1) * 16;
        for (uint32_t row = 0; row < 16; row++)
            *reinterpret_cast<Bits*>(corner + row * SIDE) =
                flush_denormals(read_row(format, from, face * 16 + row, tf32)) & mask;
    }
}

INLINE Exponents exponents_of(const float* tile) {
    Bits least = Bits{} + NONE, most{};
    for (uint32_t i = 0; i < ELEMENTS; i += 16) {
        const Bits magnitude = *reinterpret_cast<const Bits*>(tile + i) & MAGNITUDE;
        least = __builtin_elementwise_min(least, magnitude - 1);  // a zero wraps and counts for nothing
        most = __builtin_elementwise_max(most, magnitude);
    }
    return {__builtin_reduce_min(least) >> 23, __builtin_reduce_max(most) >> 23};
}

// Of datums as they lie in L1, half as wide; a denormal, which will be zero, counts as small: that is safe.
INLINE Exponents exponents_of_bfloat16(const uint8_t* from) {
    Pairs least = Pairs{} + 0xFFFF, most{};
    for (uint32_t i = 0; i < ELEMENTS * 2; i += 64) {
        const Pairs magnitude = *reinterpret_cast<const Pairs*>(from + i) & 0x7FFF;
        least = __builtin_elementwise_min(least, magnitude - 1);
        most = __builtin_elementwise_max(most, magnitude);
    }
    const uint32_t smallest = __builtin_reduce_min(least), largest = __builtin_reduce_max(most);
    return {smallest >> 7, largest >> 7};
}

INLINE Exponents unpack_any(uint8_t format, const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    switch (format) {
        case FLOAT16_B: unpack(FLOAT16_B, from, tf32, mask, to); return exponents_of_bfloat16(from);
        case FLOAT32: unpack(FLOAT32, from, tf32, mask, to); break;
        case BFP8_B: unpack(BFP8_B, from, tf32, mask, to); break;
        default: unpack(BFP4_B, from, tf32, mask, to);
    }
    return exponents_of(to);
}

INLINE void transpose(float* tile) {
    for (uint32_t row = 0; row < SIDE; row++)
        for (uint32_t column = 0; column < row; column++) {
            const float other = tile[row * SIDE + column];
            tile[row * SIDE + column] = tile[column * SIDE + row];
            tile[column * SIDE + row] = other;
        }
}

// ---- rule 2: fidelity

INLINE void read_right(const Product& product, const uint8_t* from, Operand& to) {
    const bool two = product.fidelity == HIFI3;
    const uint32_t mask = product.fidelity == LOFI ? A_HIGH : A_FULL;
    to.first_exponents = to.second_exponents = unpack_any(product.format1, from, product.is_32_bit, mask, to.first);
    if (product.transpose) transpose(to.first);
    for (uint32_t i = 0; two && i < ELEMENTS; i += 16)
        *reinterpret_cast<Bits*>(to.second + i) = *reinterpret_cast<const Bits*>(to.first + i) & A_HIGH;
}

INLINE void read_left(const Product& product, const uint8_t* from, Operand& to) {
    const bool two = product.fidelity == HIFI3;
    const uint32_t mask = two ? ~0u : product.fidelity == LOFI || product.fidelity == HIFI2 ? B_HIGH : B_FULL;
    to.first_exponents = unpack_any(product.format0, from, product.is_32_bit, mask, to.first);
    for (uint32_t i = 0; two && i < ELEMENTS; i += 16) {
        Bits& first = *reinterpret_cast<Bits*>(to.first + i);
        const Bits whole = first, high = whole & B_HIGH;
        const Bits is_finite = ~is_zero((whole & EXPONENT) ^ EXPONENT);
        const Floats low = reinterpret_cast<Floats>(whole) - reinterpret_cast<Floats>(high);
        *reinterpret_cast<Bits*>(to.second + i) = reinterpret_cast<Bits>(low) & is_finite;
        first = high;
    }
    if (two) to.second_exponents = exponents_of(to.second);
}

// ---- rules 3 and 5: multiplying

// Operands have at most 10 bits of fraction. Then a product is exact unless it leaves float32's exponents:
// its last bit is worth 2^(a + b - 254 - 20) or more, for biased exponents a and b.
constexpr uint32_t LEAST_EXPONENTS = 125, MOST_EXPONENTS = 379;

INLINE bool are_exact(const Exponents& a, const Exponents& b) {
    return a.least + b.least >= LEAST_EXPONENTS && a.most + b.most <= MOST_EXPONENTS;
}

// Settled as rule 5 says: NaNs are quiet, denormals zero; a 16-bit DST rounds halves away from zero.
template <typename Float, typename Pattern>
INLINE Float settle(Float value, bool is_32_bit) {
    Pattern bits = reinterpret_cast<Pattern>(value);
    const Pattern magnitude = bits & MAGNITUDE;
    const Pattern is_nan = reinterpret_cast<Pattern>(magnitude > EXPONENT);
    const Pattern is_small = reinterpret_cast<Pattern>((bits & EXPONENT) == 0);
    bits = (bits & ~is_nan & ~is_small) | (is_nan & QUIET_NAN);
    if (!is_32_bit) bits = (bits + 0x8000) & 0xFFFF0000;
    return reinterpret_cast<Float>(bits);
}

// `rows` rows and `vectors` vectors of the result at a time, as many as registers hold.
template <uint32_t width, uint32_t rows, uint32_t vectors, bool fused>
struct Block {
    typedef float Float __attribute__((vector_size(width * 4), aligned(4), may_alias));
    typedef uint32_t Pattern __attribute__((vector_size(width * 4)));
    Float sum[rows][vectors];

    // One k: a column of `left` times a row of `right`.
    INLINE void add(const float* left, const float* right) {
        Float a[vectors];
        for (uint32_t v = 0; v < vectors; v++) a[v] = *reinterpret_cast<const Float*>(right + v * width);
        for (uint32_t r = 0; r < rows; r++) {
            Float b;
            for (uint32_t i = 0; i < width; i++) b[i] = left[r * SIDE];
            for (uint32_t v = 0; v < vectors; v++) {
                if constexpr (fused) sum[r][v] = __builtin_elementwise_fma(a[v], b, sum[r][v]);
                else sum[r][v] += a[v] * b;
            }
        }
    }

    template <bool two>
    INLINE void run(const Operand& left, const Operand& right, float* dst, uint32_t row, uint32_t column, bool is_32_bit) {
        float* const to = dst + row * SIDE + column;
        for (uint32_t r = 0; r < rows; r++)
            for (uint32_t v = 0; v < vectors; v++) sum[r][v] = *reinterpret_cast<Float*>(to + r * SIDE + v * width);
        for (uint32_t k = 0; k < SIDE; k++) {
            add(left.first + row * SIDE + k, right.first + k * SIDE + column);
            if constexpr (two) add(left.second + row * SIDE + k, right.second + k * SIDE + column);
        }
        for (uint32_t r = 0; r < rows; r++)
            for (uint32_t v = 0; v < vectors; v++)
                *reinterpret_cast<Float*>(to + r * SIDE + v * width) = settle<Float, Pattern>(sum[r][v], is_32_bit);
    }
};

template <uint32_t width, uint32_t rows, uint32_t vectors, bool fused>
INLINE void multiply(const Operand& left, const Operand& right, float* dst, bool two, bool is_32_bit) {
    Block<width, rows, vectors, fused> block;
    for (uint32_t row = 0; row < SIDE; row += rows) {
        for (uint32_t column = 0; column < SIDE; column += width * vectors) {
            if (two) block.template run<true>(left, right, dst, row, column, is_32_bit);
            else block.template run<false>(left, right, dst, row, column, is_32_bit);
        }
    }
}

// What every processor can do.
void multiply_plain(const Operand& left, const Operand& right, float* dst, bool two, bool is_32_bit) {
    multiply<4, 4, 2, false>(left, right, dst, two, is_32_bit);
}

// Each tile of operand 1 is unpacked once for all rows, each of operand 0 once for all columns.
template <uint32_t width, uint32_t rows, uint32_t vectors, bool can_fuse>
INLINE void matmul_with(const Product& product, Scratch& scratch) {
    const bool two = product.fidelity == HIFI3;
    Operand& left = scratch.left;
    for (uint32_t c = 0; c < product.columns; c++) read_right(product, product.in1 + c * product.stride1, scratch.right[c]);
    float* dst = product.dst;
    for (uint32_t r = 0; r < product.rows; r++) {
        read_left(product, product.in0 + r * product.stride0, left);
        for (uint32_t c = 0; c < product.columns; c++, dst += ELEMENTS) {
            const Operand& right = scratch.right[c];
            const bool exact = can_fuse && are_exact(right.first_exponents, left.first_exponents) &&
                               (!two || are_exact(right.second_exponents, left.second_exponents));
            if (exact) multiply<width, rows, vectors, can_fuse>(left, right, dst, two, product.is_32_bit);
            else multiply_plain(left, right, dst, two, product.is_32_bit);
        }
    }
}

using Matmul = void (*)(const Product&, Scratch&);

[[maybe_unused]] void matmul_plain(const Product& product, Scratch& scratch) {
    matmul_with<4, 4, 2, false>(product, scratch);
}

#if defined(__x86_64__)
#define WITH(features) __attribute__((target(features)))
WITH("avx2,fma") void matmul_avx2(const Product& product, Scratch& scratch) {
    matmul_with<8, 4, 2, true>(product, scratch);
}
WITH("avx2,fma,avx512f,avx512dq,avx512vl,avx512bw") void matmul_avx512(const Product& product, Scratch& scratch) {
    matmul_with<16, 8, 2, true>(product, scratch);
}

uint64_t enabled_states() {
    uint32_t low, high;
    asm volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
    return static_cast<uint64_t>(high) << 32 | low;
}

Matmul choose() {
    uint32_t a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return matmul_plain;
    const bool saves_wide_registers = c >> 27 & 1, has_fma = c >> 12 & 1;
    if (!saves_wide_registers || !has_fma || !__get_cpuid_count(7, 0, &a, &b, &c, &d)) return matmul_plain;
    const uint64_t states = enabled_states();
    const bool has_avx2 = b >> 5 & 1 && (states & 6) == 6;
    const uint32_t avx512 = 1u << 16 | 1u << 17 | 1u << 30 | 1u << 31;
    if (has_avx2 && (b & avx512) == avx512 && (states & 0xE6) == 0xE6) return matmul_avx512;
    return has_avx2 ? matmul_avx2 : matmul_plain;
}
#elif defined(__aarch64__)
void matmul_neon(const Product& product, Scratch& scratch) {
    matmul_with<4, 4, 4, true>(product, scratch);
}
Matmul choose() { return matmul_neon; }
#else
Matmul choose() { return matmul_plain; }
#endif

}  // namespace

void matmul(const Product& product, Scratch& scratch) {
    static Matmul chosen;  // threads that come first may all choose: they choose the same
    Matmul run = __atomic_load_n(&chosen, __ATOMIC_RELAXED);
    if (run == nullptr) __atomic_store_n(&chosen, run = choose(), __ATOMIC_RELAXED);
    run(product, scratch);
}

}  // namespace tthal
