// The matrix product of the fast grade: tiles in L1 to tiles in DST, by the rules at the top of tensix/fast.py. The same
// bits on every machine: where a fused multiply-add is used no product needs rounding, so that fusing changes nothing.
#include "multiply.h"
#include "tthal/exact/vectors.h"
#include "tthal/fpu/fidelity.h"

namespace tthal {
namespace {

typedef uint16_t Pairs __attribute__((vector_size(64), aligned(1), may_alias));

// ---- rule 1: unpacking

// Of datums as they lie in L1, half as wide; a denormal, which will be zero, counts as small: that is safe.
inline Exponents exponents_of_bfloat16(const uint8_t* from) {
    Pairs least = Pairs{} + 0xFFFF, most{};
    for (uint32_t i = 0; i < ELEMENTS * 2; i += 64) {
        const Pairs magnitude = *reinterpret_cast<const Pairs*>(from + i) & 0x7FFF;
        least = __builtin_elementwise_min(least, magnitude - 1);
        most = __builtin_elementwise_max(most, magnitude);
    }
    const uint32_t smallest = __builtin_reduce_min(least), largest = __builtin_reduce_max(most);
    return {smallest >> 7, largest >> 7};
}

inline Exponents read_tile(uint8_t format, const uint8_t* from, bool tf32, uint32_t mask, float* to) {
    unpack<false>(format, from, tf32, mask, to);
    return format == FLOAT16_B ? exponents_of_bfloat16(from) : exponents_of(to);
}

// ---- rule 2: fidelity

inline void read_right(const Product& product, const uint8_t* from, Operand& to) {
    const Passes passes = passes_of(product.fidelity);
    const uint32_t mask = passes.pass[0].a, second = passes.pass[1].a;
    to.first_exponents = to.second_exponents = read_tile(product.format1, from, product.is_32_bit, mask, to.first);
    if (product.transpose) transpose(to.first);
    for (uint32_t i = 0; passes.count == 2 && i < ELEMENTS; i += 16)
        *reinterpret_cast<Bits*>(to.second + i) = *reinterpret_cast<const Bits*>(to.first + i) & second;
}

inline void read_left(const Product& product, const uint8_t* from, Operand& to) {
    const Passes passes = passes_of(product.fidelity);
    const bool two = passes.count == 2;
    to.first_exponents = read_tile(product.format0, from, product.is_32_bit, passes.mask_b(), to.first);
    for (uint32_t i = 0; two && i < ELEMENTS; i += 16) {
        Bits& first = *reinterpret_cast<Bits*>(to.first + i);
        *reinterpret_cast<Bits*>(to.second + i) = low_part(first);
        first &= passes.pass[0].b;
    }
    if (two) to.second_exponents = exponents_of(to.second);
}

// ---- rules 3 and 5: multiplying

// Operands have at most 10 bits of fraction. Then a product is exact unless it leaves float32's exponents:
// its last bit is worth 2^(a + b - 254 - 20) or more, for biased exponents a and b.
constexpr uint32_t LEAST_EXPONENTS = 125, MOST_EXPONENTS = 379;

inline bool are_exact(const Exponents& a, const Exponents& b) {
    return a.least + b.least >= LEAST_EXPONENTS && a.most + b.most <= MOST_EXPONENTS;
}

// `rows` rows and `vectors` vectors of the result at a time, as many as registers hold.
template <uint32_t width, uint32_t rows, uint32_t vectors, bool fused>
struct Block {
    typedef float Float __attribute__((vector_size(width * 4), aligned(4), may_alias));
    typedef uint32_t Pattern __attribute__((vector_size(width * 4)));
    Float sum[rows][vectors];

    // One k: a column of `left` times a row of `right`.
    void add(const float* left, const float* right) {
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
    inline void run(const Operand& left, const Operand& right, float* dst, uint32_t row, uint32_t column,
                    bool is_32_bit) {
        float* const to = dst + row * SIDE + column;
        for (uint32_t r = 0; r < rows; r++)
            for (uint32_t v = 0; v < vectors; v++) sum[r][v] = *reinterpret_cast<Float*>(to + r * SIDE + v * width);
        for (uint32_t k = 0; k < SIDE; k++) {
            add(left.first + row * SIDE + k, right.first + k * SIDE + column);
            if constexpr (two) add(left.second + row * SIDE + k, right.second + k * SIDE + column);
        }
        for (uint32_t r = 0; r < rows; r++)
            for (uint32_t v = 0; v < vectors; v++)
                *reinterpret_cast<Float*>(to + r * SIDE + v * width) =
                    reinterpret_cast<Float>(settle<Pattern>(sum[r][v], is_32_bit));
    }
};

template <uint32_t width, uint32_t rows, uint32_t vectors, bool fused>
void multiply(const Operand& left, const Operand& right, float* dst, bool two, bool is_32_bit) {
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

// As many sums at once as registers hold.
#if defined(__AVX512F__)
constexpr uint32_t ROWS = 8, VECTORS = 2;
#elif defined(__aarch64__)
constexpr uint32_t ROWS = 4, VECTORS = 4;
#else
constexpr uint32_t ROWS = 4, VECTORS = 2;
#endif

}  // namespace

// Each tile of operand 1 is unpacked once for all rows, each of operand 0 once for all columns.
void fast_matmul(const Product& product, FastScratch& scratch) {
    const bool two = passes_of(product.fidelity).count == 2;
    Operand& left = scratch.left;
    for (uint32_t c = 0; c < product.columns; c++)
        read_right(product, product.in1 + c * product.stride1, scratch.right[c]);
    float* dst = product.dst;
    for (uint32_t r = 0; r < product.rows; r++) {
        read_left(product, product.in0 + r * product.stride0, left);
        for (uint32_t c = 0; c < product.columns; c++, dst += ELEMENTS) {
            const Operand& right = scratch.right[c];
            const bool exact = FUSED && are_exact(right.first_exponents, left.first_exponents) &&
                               (!two || are_exact(right.second_exponents, left.second_exponents));
            if (exact) multiply<WIDTH, ROWS, VECTORS, FUSED>(left, right, dst, two, product.is_32_bit);
            else multiply_plain(left, right, dst, two, product.is_32_bit);
        }
    }
}

}  // namespace tthal
