// Sums, differences and products of the fast grade, four datums at a time; see tile_elementwise.cpp.
#include "tile_math.h"

namespace tthal::tensix {

namespace {

template <typename Operation>
inline void elementwise(uint32_t* dst, Operation operation) {
    const bool is_32_bit = processor().fp32_dest;
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t a = wasm_v128_load(operand_a + i), b = wasm_v128_load(operand_b + i);
        wasm_v128_store(dst + i, settle(operation(a, b, wasm_v128_load(dst + i)), is_32_bit));
    }
}

}  // namespace

// Rules 3 and 4 on operand_a and operand_b, which are truncated already unless there are two passes.
void fast_combine(BinaryOperation operation, uint32_t* dst, bool accumulate, bool) {
    if (operation != BinaryOperation::MUL) {
        const v128_t flip = splat(operation == BinaryOperation::SUB ? SIGN : 0);
        return elementwise(dst, [=](v128_t a, v128_t b, v128_t old) {
            const v128_t sum = wasm_f32x4_add(a, wasm_v128_xor(b, flip));
            return accumulate ? wasm_f32x4_add(old, sum) : sum;
        });
    }
    if (passes_of(processor().math_fidelity).count == 1)
        return elementwise(dst,
                           [](v128_t a, v128_t b, v128_t old) { return wasm_f32x4_add(old, wasm_f32x4_mul(a, b)); });
    elementwise(dst, [](v128_t a, v128_t b, v128_t old) {
        constexpr Passes TWO = passes_of(HIFI3);
        const v128_t first =
            wasm_f32x4_mul(wasm_v128_and(a, splat(TWO.pass[0].a)), wasm_v128_and(b, splat(TWO.pass[0].b)));
        const v128_t second = wasm_f32x4_mul(wasm_v128_and(a, splat(TWO.pass[1].a)), low_part(b));
        return wasm_f32x4_add(wasm_f32x4_add(old, first), second);
    });
}

}  // namespace tthal::tensix
