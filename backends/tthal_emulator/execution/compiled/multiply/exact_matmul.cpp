// The matrix product of the exact grade: the bits of tensix/fpu.py's matmul_definition, on every machine.
#include "exact_lanes.h"
#include "multiply.h"

namespace tthal {
namespace {

// Whether float32 arithmetic carries the product of two tiles.
bool are_moderate(const Exponents& a, const Exponents& b) {
    return a.least >= LEAST_OPERAND && b.least >= LEAST_OPERAND && a.most <= MOST_OPERAND && b.most <= MOST_OPERAND &&
           a.least + b.least >= LEAST_PRODUCT + BIAS && a.most + b.most <= MOST_PRODUCT + BIAS;
}

// Whether DST holds what its kind should: numbers of moderate exponents, without bits that it does not have.
bool is_moderate(const float* dst, DstKind kind) {
    const uint32_t absent = kind == DstKind::FLOAT32 ? 0 : kind == DstKind::BFLOAT16 ? 0xFFFF : 0x1FFF;
    const uint32_t low = kind == DstKind::FLOAT16 ? FLOAT16_REBIAS + 1 : LEAST_SUM;
    const uint32_t high = kind == DstKind::FLOAT16 ? FLOAT16_REBIAS + 31 : MOST_SUM;
    const Exponents found = exponents_of(dst);
    Bits stray{};
    for (uint32_t i = 0; i < ELEMENTS; i += 16) stray |= *reinterpret_cast<const Bits*>(dst + i) & absent;
    return found.least >= low && found.most <= high && __builtin_reduce_or(stray) == 0;
}

// The largest distance that still counts: zeros stand for the least product there is, or for what they are in formats
// with exponents of 5 bits and a 32-bit DST (numerics.md §3.3).
uint8_t farthest_of(const ExactOperand& left, const ExactOperand& right, const AccumulateMode& mode) {
    const uint32_t floor = mode.five_bit_exponent && mode.is_32_bit ? BIAS - 30 : LEAST_PRODUCT;
    return static_cast<uint8_t>(left.exponents.most + right.exponents.most - BIAS - floor);
}

void multiply_pair(const ExactOperand& left, const ExactOperand& right, float* dst, uint32_t phases,
                   const AccumulateMode& mode, IntegerScratch& space) {
    const DstKind kind = mode.is_32_bit           ? DstKind::FLOAT32
                         : mode.five_bit_exponent ? DstKind::FLOAT16
                                                  : DstKind::BFLOAT16;
    if (!are_moderate(left.exponents, right.exponents) || !is_moderate(dst, kind)) {
        split(left, true, space.left);
        split(right, false, space.right);
        return multiply(space, dst, phases, mode);
    }
    const uint8_t farthest = farthest_of(left, right, mode);
    const auto run = [&]<DstKind dst_kind, bool quirk>() {
        multiply_lanes<dst_kind, quirk>(left, right, dst, phases, farthest);
    };
    if (kind == DstKind::BFLOAT16) run.template operator()<DstKind::BFLOAT16, false>();
    else if (kind == DstKind::FLOAT16) run.template operator()<DstKind::FLOAT16, false>();
    else if (mode.minus_one_quirk) run.template operator()<DstKind::FLOAT32, true>();
    else run.template operator()<DstKind::FLOAT32, false>();
}

void integer_matmul(const Product& product, ExactScratch& space) {
    int32_t *const left = space.integers.left.exponents, *const right = space.integers.right.exponents;
    float* dst = product.dst;
    for (uint32_t r = 0; r < product.rows; r++) {
        read_integers(product.format0, product.in0 + r * product.stride0, left);
        for (uint32_t c = 0; c < product.columns; c++, dst += ELEMENTS) {
            read_integers(product.format1, product.in1 + c * product.stride1, right);
            if (product.transpose) transpose(reinterpret_cast<float*>(right));
            multiply_integers(left, right, dst, phases_of(product.fidelity));
        }
    }
}

}  // namespace

// Each tile of operand 1 is read once for all rows, each of operand 0 once for all columns.
void exact_matmul(const Product& product, ExactScratch& space) {
    if (is_integer(product.format1)) return integer_matmul(product, space);
    const AccumulateMode mode = {product.is_32_bit, has_five_bit_exponent(product.format1), product.minus_one_quirk};
    for (uint32_t c = 0; c < product.columns; c++)
        read_exact_right(product, product.in1 + c * product.stride1, space.right[c]);
    float* dst = product.dst;
    for (uint32_t r = 0; r < product.rows; r++) {
        read_exact_left(product, product.in0 + r * product.stride0, space.left);
        for (uint32_t c = 0; c < product.columns; c++, dst += ELEMENTS)
            multiply_pair(space.left, space.right[c], dst, phases_of(product.fidelity), mode, space.integers);
    }
}

}  // namespace tthal
