// Sums and products of the fast grade: rules 3 and 4 of tensix/fast.py; see tile_elementwise.cpp.
#include "tile_math.h"

namespace tthal::tensix {

namespace {

template <bool is_32_bit, typename Rows, typename Operation>
void combine_rows(const Rows& rows, uint32_t* dst, Operation operation) {
    for_each_face_row([&](uint32_t in_tile, uint32_t in_dst) {
        Row a, b;
        rows.read(in_tile, in_dst, a, b);
        for (uint32_t i = 0; i < 4; i++) {
            uint32_t* const target = dst + in_dst + 4 * i;
            wasm_v128_store(target, settle<is_32_bit>(operation(a[i], b[i], wasm_v128_load(target))));
        }
    });
}

template <typename Rows, typename Operation>
void combine(const Rows& rows, uint32_t* dst, Operation operation) {
    if (processor().fp32_dest) combine_rows<true>(rows, dst, operation);
    else combine_rows<false>(rows, dst, operation);
}

}  // namespace

void fast_add(const Operands& operands, uint32_t* dst, bool accumulate, bool) {
    const auto sum = [](v128_t a, v128_t b, v128_t) { return wasm_f32x4_add(a, b); };
    if (operands.in_l1 && !accumulate) return combine(terms_in_l1(operands), dst, sum);
    if (operands.in_l1) unpack_operands(operands);
    if (!accumulate) return combine(UnpackedRows(), dst, sum);
    combine(UnpackedRows(), dst,
            [](v128_t a, v128_t b, v128_t old) { return wasm_f32x4_add(old, wasm_f32x4_add(a, b)); });
}

// The operands are truncated already unless there are two passes.
void fast_multiply(const Operands& operands, uint32_t* dst, bool, bool) {
    const bool once = passes_of(processor().math_fidelity).count == 1;
    const auto product = [](v128_t a, v128_t b, v128_t old) { return wasm_f32x4_add(old, wasm_f32x4_mul(a, b)); };
    if (operands.in_l1 && once) return combine(factors_in_l1(operands), dst, product);
    if (operands.in_l1) unpack_operands(operands);
    if (once) return combine(UnpackedRows(), dst, product);
    combine(UnpackedRows(), dst, [](v128_t a, v128_t b, v128_t old) {
        constexpr Passes TWO = passes_of(HIFI3);
        const v128_t first = wasm_f32x4_mul(keep(a, TWO.pass[0].a), keep(b, TWO.pass[0].b));
        const v128_t second = wasm_f32x4_mul(keep(a, TWO.pass[1].a), low_part(b));
        return wasm_f32x4_add(wasm_f32x4_add(old, first), second);
    });
}

}  // namespace tthal::tensix
