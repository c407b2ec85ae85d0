// Elementwise operations of the FPU, on two tiles or on one and DST.
#include "spread.h"
#include "units.h"

namespace tthal::tensix {

alignas(16) uint32_t operand_a[TILE_ELEMENTS], operand_b[TILE_ELEMENTS];

namespace {

Operands operands_of(BinaryOperation operation) {
    if (operation == BinaryOperation::SUB) return {.b_bits = {.flipped = SIGN}};
    if (is_exact() || operation != BinaryOperation::MUL) return {};
    const Passes passes = passes_of(processor().math_fidelity);
    return {.a_bits = {.kept = passes.mask_a()}, .b_bits = {.kept = passes.mask_b()}};
}

void simd_binary(BinaryOperation operation, Arithmetic combine, Broadcast broadcast, uint32_t row, const Tile& a,
                 const Tile& b, uint32_t* dst, bool accumulate, bool fresh) {
    Operands operands = operands_of(operation);
    operands.a_tile = a;
    operands.b_tile = b;
    operands.in_l1 = broadcast == Broadcast::NONE && a.format == FLOAT16_B && b.format == FLOAT16_B;
    if (!operands.in_l1) {
        unpack_operands(operands);
        simd_spread(broadcast, row, operand_b);
    }
    combine(operands, dst, accumulate, fresh);
}

// On its way to SrcA or SrcB, DST is cut to the format that SrcA is set up for (numerics.md §4.8).
bool moves_tf32(uint32_t cb) {
    const uint8_t srca = set_up[static_cast<uint32_t>(FormatUnit::SRC_A)];
    return processor().fp32_dest && (srca == NOT_CONFIGURED ? hardware_format(cb) : srca) == FLOAT32;
}

void simd_reuse_dest(BinaryOperation operation, Arithmetic combine, ReuseDest reuse, const Tile& tile, bool wide,
                     uint32_t* dst) {
    const bool dst_to_srcb = reuse == ReuseDest::DEST_TO_SRCB;
    const Operands operands = operands_of(operation);
    const OperandBits &bits_of_dst = dst_to_srcb ? operands.b_bits : operands.a_bits,
                      &bits_of_l1 = dst_to_srcb ? operands.a_bits : operands.b_bits;
    uint32_t *from_dst = dst_to_srcb ? operand_b : operand_a, *from_l1 = dst_to_srcb ? operand_a : operand_b;
    unpack_operand(tile, from_l1, bits_of_l1);
    for (uint32_t i = 0; i < TILE_ELEMENTS; i += 4) {
        const v128_t old = wasm_v128_load(dst + i);
        wasm_v128_store(from_dst + i, bits_of_dst.of(keep(flush_denormals(old), wide ? TF32 : BFLOAT16)));
        wasm_v128_store(dst + i, splat(0));
    }
    combine({}, dst, false, true);
}

}  // namespace

void unpack_operand(const Tile& tile, uint32_t* out, const OperandBits& bits) {
    unpack(tile.format, tile.address, out, [=](auto datums) { return bits.of(datums); });
}

void unpack_operands(const Operands& operands) {
    unpack_operand(operands.a_tile, operand_a, operands.a_bits);
    unpack_operand(operands.b_tile, operand_b, operands.b_bits);
}

void binary_tiles(BinaryOperation operation, Arithmetic combine, Broadcast broadcast, uint32_t cb0, uint32_t cb1,
                  uint32_t tile0, uint32_t tile1, uint32_t index, bool accumulate, uint32_t row, uint32_t place) {
    require(FormatUnit::SRC_A, cb0);
    require(FormatUnit::SRC_B, cb1);
    const uint32_t address0 = front_tile_address(cb0, tile0), address1 = front_tile_address(cb1, tile1),
                   target = math_slot(index);
    needs(set_up_for(SetUp::BINARY, operation, broadcast), place);
    announce_operand(TileOperation::BINARY, place, cb0, address0, index);
    announce_operand(TileOperation::BINARY, place, cb1, address1, index);
    if (!unpacks(cb0) || !unpacks(cb1) || row >= TILE_ROWS)
        return host_binary(cb0, address0, cb1, address1, target, {operation, broadcast, accumulate, row});
    simd_binary(operation, combine, broadcast, row, tile_at(cb0, address0), tile_at(cb1, address1), dst.bits[target],
                accumulate, is_fresh(target));
    written(target);
}

void reuse_dest(BinaryOperation operation, Arithmetic combine, ReuseDest reuse, uint32_t cb, uint32_t tile,
                uint32_t index, uint32_t place) {
    require_either(cb);
    const uint32_t address = front_tile_address(cb, tile), target = math_slot(index);
    needs(set_up_for(SetUp::REUSE_DEST, operation, reuse), place);
    announce_operand(TileOperation::BINARY_REUSE_DEST, place, cb, address, index);
    if (!unpacks(cb)) return host_binary_reuse_dest(cb, address, target, operation, reuse, moves_tf32(cb));
    simd_reuse_dest(operation, combine, reuse, tile_at(cb, address), moves_tf32(cb), dst.bits[target]);
    written(target);
}

}  // namespace tthal::tensix
